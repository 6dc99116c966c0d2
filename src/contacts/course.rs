//! Rules 1 to 4 and 8: which contact a user has, gets, loses, or waits for.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::index::{AddressNumber, Claimant, Reach};
use super::matching::{addresses, Hits};
use super::rules::Rules;
use super::sources::ContactTable;
use super::users::{UserNumber, UserTable};
use crate::salesforce::Id;

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
        // Who was linked already need not be one who may be linked anew.
        (Reach::One(contact), Some(_)) => Course::Relink(contact),
        (Reach::One(contact), None) if users.may_link(user) => Course::Link(contact),
        (Reach::One(contact), None) => Course::MayNotLink(contact),
        (Reach::Nothing, None) => Course::Unlinked,
        (Reach::Nothing, Some(id)) => match &rules.missing_before {
            Some(missing) if !missing.contains(&id) => Course::Missing,
            _ => Course::Unlink,
        },
    }
}

fn held(hold: Hold) -> Course {
    Course::Held(Box::new(hold))
}

/// Rule 8: who is linked comes before who follows a merge, that before who is relinked, that before who is linked anew; of
/// two with the same right by an address, the one who is trusted more; the others are held.
fn hold_sharers(courses: &mut [Course], hits: &Hits) {
    let mut candidates: BTreeMap<Claimant, Vec<(Right, UserNumber)>> = BTreeMap::new();
    for (user, course) in (0..).zip(courses.iter()) {
        if let Some((contact, right)) = right(user, course, hits) {
            candidates.entry(contact).or_default().push((right, user));
        }
    }
    for (contact, mut users) in candidates {
        users.sort_unstable();
        let (first, second) = (users[0].0, users.get(1).map(|user| user.0));
        let alone = second.is_none_or(|second| second > first);
        let keeps = |right: Right| right == Right::Linked || (alone && right == first);
        for (_, user) in users.into_iter().filter(|&(right, _)| !keeps(right)) {
            courses[user as usize] = held(Hold::Shared(contact));
        }
    }
}

/// What a user's right to a contact rests on, the best first; an address by its tier of trust.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Right {
    Linked,
    Merged,
    Relinked(u8),
    Matched(u8),
}

fn right(user: UserNumber, course: &Course, hits: &Hits) -> Option<(Claimant, Right)> {
    let tier = || hits.of(user).first().map_or(u8::MAX, |hit| hit.tier);
    match course {
        Course::Stay(contact) => Some((*contact, Right::Linked)),
        Course::Follow(contact) => Some((*contact, Right::Merged)),
        Course::Relink(contact) => Some((*contact, Right::Relinked(tier()))),
        Course::Link(contact) => Some((*contact, Right::Matched(tier()))),
        _ => None,
    }
}
