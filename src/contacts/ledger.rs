//! The ledger, in which every contact, lead and user is in exactly one bucket.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::index::Claimant;
use super::keys::KeyKind;
use super::matching::Hits;
use super::primary_keys::UserNumber;
use super::sources::LeadTable;
use super::standing::{Hold, Standing};
use super::stronger_keys::Objection;
use super::users::UserTable;
use crate::decision::Book;
use crate::rows::Id;

/// The books of all sources.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The contacts.
    pub contacts: Book,
    /// The leads.
    pub leads: Book,
    /// The users.
    pub users: Book,
}

pub(super) fn contacts(case: &Case<'_>) -> Book {
    let (contacts, standings) = (case.contacts, &case.standings);
    let mut state = vec!["unclaimed"; contacts.len()];
    // A later entry for a contact replaces an earlier one.
    for (user, hold) in (0..).zip(standings).filter_map(|(user, standing)| Some((user, held(standing)?))) {
        let led_to = case.contact_hits.deciding(user).iter().flat_map(|hit| hit.claimants(&contacts.keys));
        let withheld = match *hold {
            Hold::Stronger(Objection { contact, .. }) | Hold::Shared(contact) => Some(contact),
            _ => None,
        };
        led_to.chain(withheld).for_each(|contact| state[contact as usize] = "held");
    }
    let mut enter = |bucket, is_in: fn(&Standing) -> Option<Claimant>| {
        standings.iter().filter_map(is_in).for_each(|contact| state[contact as usize] = bucket);
    };
    enter("user_may_not_link", |standing| match standing {
        Standing::MayNotLink(contact) => Some(*contact),
        _ => None,
    });
    enter("matched", |standing| match standing {
        Standing::Link(contact) | Standing::Relink(contact) | Standing::Convert(contact) => Some(*contact),
        Standing::Follow(contact) | Standing::Correct(contact) => Some(*contact),
        _ => None,
    });
    enter("linked", |standing| match standing {
        Standing::Stay(contact) => Some(*contact),
        _ => None,
    });
    for (user, _) in (0..).zip(standings).filter(|(_, standing)| held(standing).is_some()) {
        let own = case.users.link(user).and_then(Id::parse).and_then(|id| contacts.find(id));
        own.into_iter().for_each(|contact| state[contact as usize] = "linked");
    }
    let mut book = Book::new(contacts.len());
    let keys = 0..contacts.keys.kinds().len();
    for (contact, state) in (0..).zip(state) {
        let closing = contacts.keys.closing(contact, keys.clone());
        let bucket = match state {
            // Closed for the strongest key, and therefore for all keys.
            _ if closing == Some(0) => "closed",
            "unclaimed" if closing.is_some() => "closed",
            "unclaimed" if !contacts.keys.has_value(contact) => "without_address",
            state => state,
        };
        book.enter(bucket, 1);
    }
    let contested = |is_counted: fn(KeyKind) -> bool| {
        let indexes = contacts.keys.kinds().zip(contacts.keys.indexes());
        indexes.filter(|(kind, _)| is_counted(*kind)).map(|(_, index)| index.contested().count()).sum()
    };
    book.notes.insert("contested_addresses", contested(|kind| kind == KeyKind::Email));
    if contacts.keys.kinds().any(|kind| !matches!(kind, KeyKind::Email | KeyKind::Lead)) {
        book.notes.insert("contested_values", contested(|kind| kind != KeyKind::Email));
    }
    book.notes.insert("no_address", contacts.len() - contacts.keys.rows_with_value());
    book.notes.insert("parent_not_there", contacts.without_parent());
    book
}

fn held(standing: &Standing) -> Option<&Hold> {
    match standing {
        Standing::Held(hold) => Some(hold),
        _ => None,
    }
}

pub(super) fn leads(leads: &LeadTable, hits: &Hits, decided: &BTreeSet<UserNumber>) -> Book {
    let mut state: Vec<u8> = vec![0; leads.len()];
    for hit in hits.iter() {
        for lead in hit.claimants(&leads.keys) {
            state[lead as usize] = state[lead as usize].max(1 + u8::from(decided.contains(&hit.user)));
        }
    }
    let mut book = Book::new(leads.len());
    for (lead, state) in (0..).zip(state) {
        let lead: Claimant = lead;
        let bucket = match state {
            2 => "decided",
            1 => "user_decided_otherwise",
            _ if !leads.keys.has_value(lead) => "without_address",
            _ => "unclaimed",
        };
        book.enter(bucket, 1);
    }
    book
}

pub(super) fn users(users: &UserTable, standings: &[Standing], changed: &BTreeMap<UserNumber, &'static str>) -> Book {
    let mut book = Book::new(users.total());
    for (user, standing) in (0..).zip(standings) {
        let bucket = match (changed.get(&user), standing) {
            (Some(action), _) => action,
            (None, Standing::Held(_)) => "held",
            (None, Standing::Missing | Standing::Kept) => "contact_missing",
            (None, _) => "unchanged",
        };
        book.enter(bucket, 1);
    }
    book.buckets.insert("not_concerned", users.total() - users.len());
    book
}
