//! Matching: which trusted values of which users lead to contacts and leads.

use rayon::prelude::*;

use super::changes::Match;
use super::claimed_keys::ClaimedKeys;
use super::index::{AddressNumber, Claimant};
use super::primary_keys::{UserNumber, SOMEBODY};
use super::rules::Tier;
use super::users::UserTable;

/// A value of a user that leads to a contact or a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) user: UserNumber,
    pub(super) tier: u8,
    /// The number of the tier's key.
    pub(super) key: u8,
    /// The number of the value within its key.
    pub(super) value: AddressNumber,
}

impl Hit {
    /// Returns all claimants of the value.
    pub(super) fn claimants(self, keys: &ClaimedKeys) -> impl Iterator<Item = Claimant> + '_ {
        keys.index(self.key()).claimants(self.value)
    }

    /// Returns the normalized value.
    pub(super) fn text(self, keys: &ClaimedKeys) -> &str {
        keys.index(self.key()).text(self.value)
    }

    pub(super) fn key(self) -> usize {
        usize::from(self.key)
    }
}

/// All hits of one source, sorted by user. The hits of one user begin with the strongest.
pub(super) struct Hits {
    hits: Vec<Hit>,
    /// For each value of each key, the strongest tier at which any user has it.
    strongest: Vec<Vec<u8>>,
}

/// The tier of a value that no user has.
const NO_TIER: u8 = u8::MAX;

impl Hits {
    /// Finds the hits in this source. `leads_here` selects the tiers whose values lead to it.
    pub(super) fn find(keys: &ClaimedKeys, users: &UserTable, tiers: &[Tier], leads_here: fn(&Tier) -> bool) -> Self {
        let indexes: Vec<_> = keys.indexes().collect();
        let hit = |(fingerprint, user, tier): (u128, UserNumber, u8)| {
            let key = tiers.get(usize::from(tier)).filter(|tier| leads_here(tier))?.key;
            let value = indexes.get(key)?.find(fingerprint)?;
            Some(Hit { user, tier, key: key as u8, value })
        };
        let mut hits: Vec<Hit> = users.values().par_iter().filter_map(hit).collect();
        hits.par_sort_unstable_by_key(|hit| (hit.user, hit.tier, hit.text(keys)));
        let mut strongest: Vec<Vec<u8>> = indexes.iter().map(|index| vec![NO_TIER; index.texts().len()]).collect();
        for hit in &hits {
            let tier = &mut strongest[hit.key()][hit.value as usize];
            *tier = hit.tier.min(*tier);
        }
        // Rule 4: a verified address beats a mere claim, so a value that another user has at a stronger tier does not
        // count.
        hits.retain(|hit| hit.user != SOMEBODY && hit.tier == strongest[hit.key()][hit.value as usize]);
        hits.dedup();
        Self { hits, strongest }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Hit> {
        self.hits.iter()
    }

    /// Returns the hits of one user.
    pub(super) fn of(&self, user: UserNumber) -> &[Hit] {
        let start = self.hits.partition_point(|hit| hit.user < user);
        let length = self.hits[start..].iter().take_while(|hit| hit.user == user).count();
        &self.hits[start..start + length]
    }

    /// Returns the hits that decide on one user: the hits of the user's strongest key that leads anywhere.
    pub(super) fn deciding(&self, user: UserNumber) -> &[Hit] {
        let all = self.of(user);
        let decide = all.iter().take_while(|hit| hit.key == all[0].key).count();
        &all[..decide]
    }

    /// Returns whether any user has the value of the key, even a user who was not read.
    pub(super) fn has_owner(&self, key: usize, value: AddressNumber) -> bool {
        self.strongest[key][value as usize] != NO_TIER
    }
}

/// Returns the first, and so the strongest, of a user's hits, with its value.
pub(super) fn best(hits: &[Hit], keys: &ClaimedKeys) -> Option<Match> {
    hits.first().map(|hit| Match { address: hit.text(keys).to_owned(), tier: hit.tier })
}
