//! The values of keys that users are trusted with.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::primary_keys::Key;
use super::users::UserNumber;

/// The trusted values of all users, column by column.
#[derive(Default)]
pub(super) struct TrustedValues {
    fingerprints: Vec<u128>,
    pub(super) users: Vec<UserNumber>,
    tiers: Vec<u8>,
    /// For each tier the users who have what is none of the kind of its key.
    malformed: BTreeMap<u8, BTreeSet<Key>>,
}

impl TrustedValues {
    /// Returns fingerprint, user and tier of each.
    pub(super) fn par_iter(&self) -> impl IndexedParallelIterator<Item = (u128, UserNumber, u8)> + '_ {
        let rows = self.fingerprints.par_iter().zip(&self.users).zip(&self.tiers);
        rows.map(|((&fingerprint, &user), &tier)| (fingerprint, user, tier))
    }

    /// Returns the number of values of each of so many tiers.
    pub(super) fn of_tiers(&self, tiers: usize) -> Vec<usize> {
        let mut values = vec![0; tiers];
        self.tiers.iter().for_each(|&tier| values[usize::from(tier)] += 1);
        values
    }

    pub(super) fn contains(&self, fingerprint: u128) -> bool {
        self.fingerprints.contains(&fingerprint)
    }

    /// Returns for each tier the users who have what is none of the kind of its key.
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
