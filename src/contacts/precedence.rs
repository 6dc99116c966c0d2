//! Rule 8: which of several users gets a contact.

use std::collections::BTreeMap;

use super::index::Claimant;
use super::primary_keys::UserNumber;

/// The rank of a candidate, best first: by the way to the contact, then by the strength of the key and the trust in the
/// value, then by whether the user had a contact before.
pub(super) type Rank = (u8, u8, u8);

/// The rank of a user who is linked to the contact.
pub(super) const LINKED: Rank = (0, 0, 0);
/// The rank of a user who follows a merge, or whose lead was converted.
pub(super) const FOLLOWS: Rank = (1, 0, 0);

/// A user who is a candidate for a contact.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) user: UserNumber,
    pub(super) contact: Claimant,
    pub(super) rank: Rank,
    /// The contact to which the user stays linked without getting this one.
    pub(super) keeps: Option<Claimant>,
}

/// Returns the users who do not get their contact, each with the contact.
pub(super) fn surplus(mut all: Vec<Candidate>) -> Vec<(UserNumber, Claimant)> {
    all.sort_unstable_by_key(|candidate| candidate.contact);
    // Only these are compared: a single candidate gets the contact, unless another user stays linked to it.
    let wanted_by_several = all.chunk_by(|one, next| one.contact == next.contact).filter(|same| same.len() > 1);
    let mut candidates: BTreeMap<Claimant, Vec<Candidate>> =
        wanted_by_several.map(|same| (same[0].contact, same.to_vec())).collect();
    let mut unsettled: Vec<Claimant> = candidates.keys().copied().collect();
    let mut surplus = Vec::new();
    while let Some(contact) = unsettled.pop() {
        let here = candidates.entry(contact).or_default();
        for loser in settle(here) {
            surplus.push((loser.user, contact));
            // A user who does not get the right contact stays linked to the wrong one, so that others do not get that
            // one.
            if let Some(kept) = loser.keeps {
                let linked = Candidate { user: loser.user, contact: kept, rank: LINKED, keeps: None };
                candidates.entry(kept).or_insert_with(|| of(&all, kept)).push(linked);
                unsettled.push(kept);
            }
        }
    }
    surplus
}

/// Returns the candidates for a contact. `all` is sorted by contact.
fn of(all: &[Candidate], contact: Claimant) -> Vec<Candidate> {
    let from = all.partition_point(|candidate| candidate.contact < contact);
    all[from..].iter().take_while(|candidate| candidate.contact == contact).copied().collect()
}

/// Removes and returns the candidates for one contact who do not get it.
fn settle(candidates: &mut Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_unstable_by_key(|candidate| (candidate.rank, candidate.user));
    let Some(first) = candidates.first().map(|candidate| candidate.rank) else { return Vec::new() };
    let alone = candidates.get(1).is_none_or(|second| second.rank > first);
    let gets = |candidate: &Candidate| candidate.rank == LINKED || (alone && candidate.rank == first);
    let (winners, losers) = candidates.drain(..).partition(gets);
    *candidates = winners;
    losers
}
