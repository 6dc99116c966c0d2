//! All users who are concerned, counted: how many could suffer what a budget limits.

use rayon::prelude::*;

use super::user_rows::{malformed, Fields};
use super::users::{flags, UserNumber, UserTable};
use crate::error::Result;
use crate::rows::{Cell, Column};

/// Users who are alike in all that budgets look at, counted by the database.
#[derive(Default)]
pub(super) struct Census {
    counts: Vec<usize>,
    linked: Vec<bool>,
    flags: Vec<u8>,
    /// The number of the value in each written column, one user kind after the other.
    values: Vec<u32>,
}

impl Census {
    /// Reads how many users are alike, and in what; their values become known to the columns.
    pub(super) fn read(&mut self, fields: &mut Fields<'_>, columns: &mut [Column]) -> Result<()> {
        self.counts.push(fields.number()?);
        let digits = fields.text()?;
        let (linked, digits) = digits.as_bytes().split_first().ok_or_else(malformed)?;
        self.linked.push(*linked == b'1');
        self.flags.push(flags(digits));
        for column in columns {
            self.values.push(column.number_of(&[fields.lossy()?.map_or(Cell::Null, Cell::Text)]));
        }
        Ok(())
    }

    fn value(&self, row: usize, column: usize) -> usize {
        let width = self.values.len() / self.counts.len();
        self.values[row * width + column] as usize
    }
}

/// All users who are concerned, a row for each or for each kind of them.
#[derive(Clone, Copy)]
pub(super) enum Population<'u> {
    /// Each was read.
    Read(&'u UserTable),
    /// The database counted them.
    Counted(&'u Census),
}

impl Population<'_> {
    /// Returns the number of users of whose rows this holds.
    pub(super) fn count(self, holds: impl Fn(usize) -> bool + Sync) -> usize {
        let weight = |row: usize| if holds(row) { self.weight(row) } else { 0 };
        (0..self.rows()).into_par_iter().map(weight).sum()
    }

    /// Returns whether the users of a row have no contact.
    pub(super) fn unlinked(self, row: usize) -> bool {
        match self {
            Self::Read(users) => users.link(row as UserNumber).is_none(),
            Self::Counted(census) => !census.linked[row],
        }
    }

    /// Returns whether the users of a row have a flag.
    pub(super) fn has(self, row: usize, flag: u8) -> bool {
        let flags = match self {
            Self::Read(users) => users.flags(row),
            Self::Counted(census) => census.flags[row],
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
            Self::Counted(census) => census.counts.len(),
        }
    }

    fn weight(self, row: usize) -> usize {
        match self {
            Self::Read(_) => 1,
            Self::Counted(census) => census.counts[row],
        }
    }
}
