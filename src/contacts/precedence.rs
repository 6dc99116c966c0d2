//! Rule 8: several users for one contact.

use std::collections::BTreeMap;

use super::index::Claimant;
use super::primary_keys::UserNumber;

/// The order of precedence: by what leads to the contact, then by the strength of the key and trust in the value, then
/// by whether there was a contact before.
pub(super) type Rank = (u8, u8, u8);

/// The rank of who has the contact.
pub(super) const LINKED: Rank = (0, 0, 0);
/// The rank of who follows a merge, or whose lead was converted.
pub(super) const FOLLOWS: Rank = (1, 0, 0);

/// A user for a contact.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) user: UserNumber,
    pub(super) contact: Claimant,
    pub(super) rank: Rank,
    /// The contact that the user keeps where he does not get this one.
    pub(super) keeps: Option<Claimant>,
}

/// Returns the users who do not get their contact, with that.
pub(super) fn surplus(mut all: Vec<Candidate>) -> Vec<(UserNumber, Claimant)> {
    all.sort_unstable_by_key(|candidate| candidate.contact);
    // Only these are looked at: whoever is alone gets the contact, unless somebody stays linked to it.
    let wanted_by_several = all.chunk_by(|one, next| one.contact == next.contact).filter(|same| same.len() > 1);
    let mut candidates: BTreeMap<Claimant, Vec<Candidate>> =
        wanted_by_several.map(|same| (same[0].contact, same.to_vec())).collect();
    let mut unsettled: Vec<Claimant> = candidates.keys().copied().collect();
    let mut surplus = Vec::new();
    while let Some(contact) = unsettled.pop() {
        let here = candidates.entry(contact).or_default();
        for loser in settle(here) {
            surplus.push((loser.user, contact));
            // Who does not come to the right contact stays linked to the wrong one, so that others do not get that.
            if let Some(kept) = loser.keeps {
                let linked = Candidate { user: loser.user, contact: kept, rank: LINKED, keeps: None };
                candidates.entry(kept).or_insert_with(|| of(&all, kept)).push(linked);
                unsettled.push(kept);
            }
        }
    }
    surplus
}

/// Returns the candidates for a contact, from all in the order of contacts.
fn of(all: &[Candidate], contact: Claimant) -> Vec<Candidate> {
    let from = all.partition_point(|candidate| candidate.contact < contact);
    all[from..].iter().take_while(|candidate| candidate.contact == contact).copied().collect()
}

/// Takes out those candidates for one contact who do not get it.
fn settle(candidates: &mut Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_unstable_by_key(|candidate| (candidate.rank, candidate.user));
    let Some(first) = candidates.first().map(|candidate| candidate.rank) else { return Vec::new() };
    let alone = candidates.get(1).is_none_or(|second| second.rank > first);
    let gets = |candidate: &Candidate| candidate.rank == LINKED || (alone && candidate.rank == first);
    let (winners, losers) = candidates.drain(..).partition(gets);
    *candidates = winners;
    losers
}
