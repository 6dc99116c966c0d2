//! The matches: which trusted addresses of which user lead to contacts and leads.

use rayon::prelude::*;

use super::changes::Match;
use super::index::{AddressIndex, AddressNumber};
use super::rules::Tier;
use super::sources::{ContactTable, LeadTable};
use super::users::{UserNumber, UserTable, SOMEBODY};

/// An address of a user that leads somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) user: UserNumber,
    pub(super) tier: u8,
    pub(super) address: AddressNumber,
}

/// All hits of one source, by user; of a user's, the strongest first.
pub(super) struct Hits(Vec<Hit>);

impl Hits {
    pub(super) fn contacts(contacts: &ContactTable, users: &UserTable, tiers: &[Tier]) -> Self {
        Self::find(&contacts.index, users, |tier| tiers.get(usize::from(tier)).is_some_and(|tier| tier.contacts))
    }

    pub(super) fn leads(leads: &LeadTable, users: &UserTable, tiers: &[Tier]) -> Self {
        Self::find(&leads.index, users, |tier| tiers.get(usize::from(tier)).is_some_and(|tier| tier.leads))
    }

    fn find(index: &AddressIndex, users: &UserTable, trusted: impl Fn(u8) -> bool + Sync) -> Self {
        let hit = |(fingerprint, user, tier)| {
            let address = index.find(fingerprint).filter(|_| trusted(tier))?;
            Some(Hit { user, tier, address })
        };
        let mut hits: Vec<Hit> = users.addresses().par_iter().filter_map(hit).collect();
        hits.par_sort_unstable_by_key(|hit| (hit.user, hit.tier, index.text(hit.address)));
        let strongest = strongest(&hits);
        // A verified address beats a mere claim: what another user has at a stronger tier counts for nothing.
        hits.retain(|hit| hit.user != SOMEBODY && hit.tier == strongest[&hit.address]);
        hits.dedup();
        Self(hits)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Hit> {
        self.0.iter()
    }

    /// Returns the hits of one user.
    pub(super) fn of(&self, user: UserNumber) -> &[Hit] {
        let start = self.0.partition_point(|hit| hit.user < user);
        let length = self.0[start..].iter().take_while(|hit| hit.user == user).count();
        &self.0[start..start + length]
    }
}

fn strongest(hits: &[Hit]) -> std::collections::HashMap<AddressNumber, u8> {
    let mut strongest = std::collections::HashMap::new();
    for hit in hits {
        let tier = strongest.entry(hit.address).or_insert(hit.tier);
        *tier = hit.tier.min(*tier);
    }
    strongest
}

/// Returns the addresses of hits.
pub(super) fn addresses(hits: &[Hit]) -> Vec<AddressNumber> {
    hits.iter().map(|hit| hit.address).collect()
}

/// Returns the strongest of a user's hits, with its address.
pub(super) fn best(hits: &[Hit], index: &AddressIndex) -> Option<Match> {
    hits.first().map(|hit| Match { address: index.text(hit.address).to_owned(), tier: hit.tier })
}
