//! The trusted values of users.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::primary_keys::{Key, UserNumber};

/// The trusted values of all users, column by column.
#[derive(Default)]
pub(super) struct TrustedValues {
    fingerprints: Vec<u128>,
    pub(super) users: Vec<UserNumber>,
    tiers: Vec<u8>,
    /// For each tier, the users with a malformed value.
    malformed: BTreeMap<u8, BTreeSet<Key>>,
}

impl TrustedValues {
    /// Returns the fingerprint, user and tier of each value.
    pub(super) fn par_iter(&self) -> impl IndexedParallelIterator<Item = (u128, UserNumber, u8)> + '_ {
        let rows = self.fingerprints.par_iter().zip(&self.users).zip(&self.tiers);
        rows.map(|((&fingerprint, &user), &tier)| (fingerprint, user, tier))
    }

    /// Returns the number of values of each tier.
    pub(super) fn of_tiers(&self, tiers: usize) -> Vec<usize> {
        let mut values = vec![0; tiers];
        self.tiers.iter().for_each(|&tier| values[usize::from(tier)] += 1);
        values
    }

    pub(super) fn contains(&self, fingerprint: u128) -> bool {
        self.fingerprints.contains(&fingerprint)
    }

    /// Returns for each tier the users with a malformed value.
    pub(super) fn malformed(&self) -> &BTreeMap<u8, BTreeSet<Key>> {
        &self.malformed
    }

    pub(super) fn push(&mut self, fingerprint: u128, user: UserNumber, tier: u8) {
        self.fingerprints.push(fingerprint);
        self.users.push(user);
        self.tiers.push(tier);
    }

    pub(super) fn push_malformed(&mut self, user: Key, tier: u8) {
        self.malformed.entry(tier).or_default().insert(user);
    }
}

#[cfg(test)]
mod tests {
    use super::super::fingerprints::Fingerprints;
    use super::super::keys::KeyKind;
    use super::super::users::UserTable;
    use super::*;
    use crate::rows::Cell;

    #[test]
    fn a_value_that_is_not_text_is_no_address_and_its_user_is_reported() {
        let mut table = UserTable::new(1, true, Fingerprints::new(), vec![KeyKind::Email]);
        table.read("u1;1~3:0001;x").unwrap();
        table.read(b"u1;2~3:0003;\xf0\x9fy").unwrap();
        table.read("u1;3~3:0001;x").unwrap();
        table.read("a1;10,8;a@b\0.edu").unwrap();
        table.read(b"a1;30,4;a@\xff.").unwrap();
        table.read("a1;30,7;c@d.edu").unwrap();
        table.read("c1:3").unwrap();
        table.finish().unwrap();
        let named: Vec<_> = table.unreadable().cloned().collect();
        assert_eq!(named, [Key::Integer(1), Key::Integer(2), Key::Integer(3)]);
        assert_eq!(table.values().users, [2]);
        assert_eq!(table.columns()[0].tuple(1), [Cell::Text("\u{fffd}y".into())]);
    }

    #[test]
    fn a_malformed_value_leads_nowhere_and_its_user_is_reported() {
        let mut table = UserTable::new(0, true, Fingerprints::new(), vec![KeyKind::Email, KeyKind::Integer]);
        let rows =
            ["u1:1~3:000", "u1:2~3:000", "a1:11,1:x", "a1:10,1:x", "a1:21,4: 7.0", "a1:21,1: ", "a1:91,3:2.5", "c1:2"];
        rows.iter().for_each(|row| table.read(row).unwrap());
        table.finish().unwrap();
        assert_eq!((table.trusted_values(), &table.values().users), (Some(vec![1, 1]), &vec![0, 1]));
        let named = BTreeSet::from([Key::Integer(1), Key::Integer(9)]);
        assert_eq!(table.values().malformed(), &BTreeMap::from([(1, named)]));
        assert!(table.read("a1:12,1:x").is_err(), "there is no such tier");
    }
}
