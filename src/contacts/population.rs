//! All users who are concerned, as far as budgets look at them: each by itself, or counted.

use rayon::prelude::*;

use super::census::Census;
use super::primary_keys::UserNumber;
use super::users::UserTable;

/// All users who are concerned, a row for each or for each kind of them.
#[derive(Clone, Copy)]
pub(super) enum Population<'u> {
    /// Each was read.
    Read(&'u UserTable),
    /// The database counted them.
    Counted(&'u Census),
}

impl<'u> Population<'u> {
    /// Returns the population that the users are, or that they are from.
    pub(super) fn of(users: &'u UserTable) -> Self {
        users.census().map_or(Self::Read(users), Self::Counted)
    }

    /// Returns the number of users of whose rows this holds.
    pub(super) fn count(self, holds: impl Fn(usize) -> bool + Sync) -> usize {
        let weight = |row: usize| if holds(row) { self.weight(row) } else { 0 };
        (0..self.rows()).into_par_iter().map(weight).sum()
    }

    /// Returns whether the users of a row have no contact.
    pub(super) fn unlinked(self, row: usize) -> bool {
        match self {
            Self::Read(users) => users.link(row as UserNumber).is_none(),
            Self::Counted(census) => !census.linked(row),
        }
    }

    /// Returns whether the users of a row have a flag.
    pub(super) fn has(self, row: usize, flag: u8) -> bool {
        let flags = match self {
            Self::Read(users) => users.flags(row),
            Self::Counted(census) => census.flags(row),
        };
        flags & flag != 0
    }

    /// Returns the number of the value that the users of a row have in a column.
    pub(super) fn value(self, row: usize, column: usize) -> usize {
        match self {
            Self::Read(users) => users.columns()[column].number(row),
            Self::Counted(census) => census.value(row, column),
        }
    }

    fn rows(self) -> usize {
        match self {
            Self::Read(users) => users.len(),
            Self::Counted(census) => census.kinds(),
        }
    }

    fn weight(self, row: usize) -> usize {
        match self {
            Self::Read(_) => 1,
            Self::Counted(census) => census.count(row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::user_rows::SWEEP;
    use super::super::users::tests::table;
    use super::*;

    #[test]
    fn users_count_the_same_whether_each_was_read_or_not() {
        let read = table(&["u1:13:abc3:1001:x", "u1:2~3:0011:y", "u1:3~3:0011:y", "u1:4~3:000~", "c1:9"]);
        let counted = ["u1:13:abc3:1001:x", "n1:14:11001:x", "n1:24:00011:y", "n1:14:0000~", "t0,0,0,", "c1:9"];
        let counted = table(&counted);
        for users in [&read, &counted] {
            let all = Population::of(users);
            assert_eq!(all.rows(), if users.by_need() { 3 } else { 4 });
            assert_eq!((all.count(|_| true), all.count(|row| all.has(row, SWEEP))), (4, 2));
            assert_eq!(all.count(|row| all.unlinked(row) && all.value(row, 0) == 1), 2);
        }
    }
}
