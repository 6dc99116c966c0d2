//! Rules 1 to 4 and 8: which contact a user has, gets, loses, or waits for.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::index::{AddressNumber, Claimant, Reach};
use super::matching::{addresses, Hit, Hits};
use super::rules::Rules;
use super::sources::ContactTable;
use super::users::{UserNumber, UserTable};
use crate::rows::Id;

/// Where a user stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Course {
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
    /// Unlinked, and no address leads to a contact.
    Unlinked,
    /// Unlinked, an address leads to a contact, but the user may not be linked.
    MayNotLink(Claimant),
    /// Nothing about the user changes until somebody has looked. Boxed, because there is a course for every user and few
    /// are held.
    Held(Box<Hold>),
}

/// Why a user is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hold {
    InvalidId,
    Contested(BTreeSet<AddressNumber>),
    Closed(Claimant),
    Several(BTreeSet<Claimant>),
    Shared(Claimant),
}

/// The course of every user.
pub(super) fn courses(contacts: &ContactTable, users: &UserTable, hits: &Hits, rules: &Rules) -> Vec<Course> {
    let course = |user| course(user, contacts, users, hits, rules);
    let mut courses: Vec<Course> = (0..users.len() as UserNumber).into_par_iter().map(course).collect();
    if !rules.share_contacts {
        hold_sharers(&mut courses, hits);
    }
    courses
}

fn course(user: UserNumber, contacts: &ContactTable, users: &UserTable, hits: &Hits, rules: &Rules) -> Course {
    let gone = match users.link(user).map(Id::parse) {
        None => None,
        Some(None) => return held(Hold::InvalidId),
        Some(Some(id)) => match contacts.find(id) {
            Some(contact) => return Course::Stay(contact),
            None => match contacts.winner(id) {
                Some(contact) => return Course::Follow(contact),
                None => Some(id),
            },
        },
    };
    let reach = contacts.index.reach(&addresses(hits.of(user)));
    match (reach, gone) {
        (Reach::Contested(addresses), _) => held(Hold::Contested(addresses)),
        (Reach::Closed(contact), _) => held(Hold::Closed(contact)),
        (Reach::Several(contacts), _) => held(Hold::Several(contacts)),
        (Reach::One(contact), None) if users.may_link(user) => Course::Link(contact),
        (Reach::One(contact), None) => Course::MayNotLink(contact),
        (Reach::Nothing, None) => Course::Unlinked,
        (_, Some(id)) if waits(id, contacts, rules) => Course::Missing,
        // Whether one may be linked anew does not matter to somebody who was linked.
        (Reach::One(contact), Some(_)) => Course::Relink(contact),
        (Reach::Nothing, Some(_)) => Course::Unlink,
    }
}

/// A contact that was deleted is gone, and so is one that did not come to somebody who sees all. Any other may be invisible,
/// and has to be missing for long enough.
fn waits(id: Id, contacts: &ContactTable, rules: &Rules) -> bool {
    rules.sees_all != Some(true)
        && !contacts.known_to_be_gone(id)
        && rules.missing_before.as_ref().is_some_and(|missing| !missing.contains(&id))
}

fn held(hold: Hold) -> Course {
    Course::Held(Box::new(hold))
}

/// Rule 8: who is linked comes before who follows a merge, that before who is relinked, that before who is linked anew; the
/// others are held. Of those whom an address leads there, a mere claim holds nobody whose address is verified.
fn hold_sharers(courses: &mut [Course], hits: &Hits) {
    let mut candidates: BTreeMap<Claimant, Vec<(Rank, UserNumber)>> = BTreeMap::new();
    for (user, course) in (0..).zip(courses.iter()) {
        if let Some((contact, rank)) = rank(course, hits.of(user)) {
            candidates.entry(contact).or_default().push((rank, user));
        }
    }
    for (contact, mut users) in candidates {
        users.sort_unstable();
        let (first, second) = (users[0].0, users.get(1).map(|user| user.0));
        let alone = second.is_none_or(|second| second > first);
        let keeps = |rank: Rank| rank == LINKED || (alone && rank == first);
        for (_, user) in users.into_iter().filter(|&(rank, _)| !keeps(rank)) {
            courses[user as usize] = held(Hold::Shared(contact));
        }
    }
}

/// Who comes first: by what leads to the contact, then by trust in the address, then by whether there was a contact before.
type Rank = (u8, u8, u8);

const LINKED: Rank = (0, 0, 0);
const FOLLOWS: Rank = (1, 0, 0);

fn rank(course: &Course, hits: &[Hit]) -> Option<(Claimant, Rank)> {
    let tier = hits.first().map_or(u8::MAX, |hit| hit.tier);
    match course {
        Course::Stay(contact) => Some((*contact, LINKED)),
        Course::Follow(contact) => Some((*contact, FOLLOWS)),
        Course::Relink(contact) => Some((*contact, (2, tier, 0))),
        Course::Link(contact) => Some((*contact, (2, tier, 1))),
        _ => None,
    }
}
