//! Rules 1 to 4 and 8: which contact a user has, gets, loses, or waits for.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::index::{AddressNumber, Claimant, Reach};
use super::matching::{Hit, Hits};
use super::rules::Rules;
use super::sources::ContactTable;
use super::users::{UserNumber, UserTable};
use crate::rows::Id;

/// The standing of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Linked, and the contact is there.
    Stay(Claimant),
    /// The contact was merged into this one.
    Follow(Claimant),
    /// The contact is gone, and an address leads to another one.
    Relink(Claimant),
    /// Unlinked, and an address leads to a contact.
    Link(Claimant),
    /// The contact is gone, and there is no other.
    Unlink,
    /// The contact is gone, but not for long enough.
    Missing,
    /// The contact is gone, there is no other, and the declaration leaves such a user alone.
    Kept,
    /// Unlinked, and no address leads to a contact.
    Unlinked,
    /// Unlinked, an address leads to a contact, but the user may not be linked.
    MayNotLink(Claimant),
    /// Nothing about the user changes until somebody has looked. Boxed, because there is a standing for every user and few
    /// are held.
    Held(Box<Hold>),
}

/// The reason why a user is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hold {
    InvalidId,
    Contested(BTreeSet<Claimant>),
    Closed(Claimant),
    Several(BTreeSet<Claimant>),
    Shared(Claimant),
}

/// Returns the standing of every user.
pub(super) fn standings(contacts: &ContactTable, users: &UserTable, hits: &Hits, rules: &Rules) -> Vec<Standing> {
    let standing = |user| standing(user, contacts, users, hits, rules);
    let mut standings: Vec<Standing> = (0..users.len() as UserNumber).into_par_iter().map(standing).collect();
    if !rules.share_contacts {
        hold_sharers(&mut standings, hits);
    }
    standings
}

fn standing(user: UserNumber, contacts: &ContactTable, users: &UserTable, hits: &Hits, rules: &Rules) -> Standing {
    let gone = match users.link(user).map(Id::parse) {
        None => None,
        Some(None) => return held(Hold::InvalidId),
        Some(Some(id)) => match contacts.find(id) {
            Some(contact) => return Standing::Stay(contact),
            None => match contacts.winner(id) {
                Some(contact) => return Standing::Follow(contact),
                None => Some(id),
            },
        },
    };
    let reach = reach(contacts, hits.deciding(user));
    match (reach, gone) {
        (Reach::Contested(values), _) => {
            let index = contacts.keys.index(hits.deciding(user)[0].key());
            held(Hold::Contested(values.into_iter().flat_map(|value| index.claimants(value)).collect()))
        }
        (Reach::Closed(contact), _) => held(Hold::Closed(contact)),
        (Reach::Several(contacts), _) => held(Hold::Several(contacts)),
        (Reach::One(contact), None) if users.may_link(user) => Standing::Link(contact),
        (Reach::One(contact), None) => Standing::MayNotLink(contact),
        (Reach::Nothing, None) => Standing::Unlinked,
        (_, Some(id)) if waits(id, contacts, rules) => Standing::Missing,
        // The right to be linked anew does not matter to somebody who was linked.
        (Reach::One(contact), Some(_)) => Standing::Relink(contact),
        (Reach::Nothing, Some(_)) if rules.keep_missing => Standing::Kept,
        (Reach::Nothing, Some(_)) => Standing::Unlink,
    }
}

/// Returns where the deciding hits of a user lead. A contact is closed by a contested value of a stronger key as well.
fn reach(contacts: &ContactTable, hits: &[Hit]) -> Reach {
    let Some(first) = hits.first() else { return Reach::Nothing };
    let values: Vec<AddressNumber> = hits.iter().map(|hit| hit.value).collect();
    match contacts.keys.index(first.key()).reach(&values) {
        Reach::One(only) if (0..first.key()).any(|key| contacts.keys.index(key).is_closed(only)) => Reach::Closed(only),
        reach => reach,
    }
}

/// Returns whether a missing contact may only be invisible, and has not been missing for long enough. One that was
/// deleted is gone, and so is one that did not come to somebody who sees all.
fn waits(id: Id, contacts: &ContactTable, rules: &Rules) -> bool {
    rules.sees_all != Some(true)
        && !contacts.known_to_be_gone(id)
        && rules.missing_before.as_ref().is_some_and(|missing| !missing.contains(&id))
}

fn held(hold: Hold) -> Standing {
    Standing::Held(Box::new(hold))
}

/// Applies rule 8: who is linked comes before who follows a merge, that before who is relinked, that before who is
/// linked anew; the others are held. Of those whom an address leads there, a mere claim holds nobody whose address is
/// verified.
fn hold_sharers(standings: &mut [Standing], hits: &Hits) {
    let mut candidates: BTreeMap<Claimant, Vec<(Rank, UserNumber)>> = BTreeMap::new();
    for (user, standing) in (0..).zip(standings.iter()) {
        if let Some((contact, rank)) = rank(standing, hits.of(user)) {
            candidates.entry(contact).or_default().push((rank, user));
        }
    }
    for (contact, mut users) in candidates {
        users.sort_unstable();
        let (first, second) = (users[0].0, users.get(1).map(|user| user.0));
        let alone = second.is_none_or(|second| second > first);
        let keeps = |rank: Rank| rank == LINKED || (alone && rank == first);
        for (_, user) in users.into_iter().filter(|&(rank, _)| !keeps(rank)) {
            standings[user as usize] = held(Hold::Shared(contact));
        }
    }
}

/// The order of precedence: by what leads to the contact, then by trust in the address, then by whether there was a
/// contact before.
type Rank = (u8, u8, u8);

const LINKED: Rank = (0, 0, 0);
const FOLLOWS: Rank = (1, 0, 0);

fn rank(standing: &Standing, hits: &[Hit]) -> Option<(Claimant, Rank)> {
    let tier = hits.first().map_or(u8::MAX, |hit| hit.tier);
    match standing {
        Standing::Stay(contact) => Some((*contact, LINKED)),
        Standing::Follow(contact) => Some((*contact, FOLLOWS)),
        Standing::Relink(contact) => Some((*contact, (2, tier, 0))),
        Standing::Link(contact) => Some((*contact, (2, tier, 1))),
        _ => None,
    }
}
