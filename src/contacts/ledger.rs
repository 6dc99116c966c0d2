//! The books: every contact, lead and user is in exactly one bucket.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Claimant;
use super::matching::Hits;
use super::sources::{ContactTable, LeadTable};
use super::standing::Standing;
use super::users::{UserNumber, UserTable};
use crate::decision::Book;

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

pub(super) fn contacts(contacts: &ContactTable, hits: &Hits, standings: &[Standing]) -> Book {
    let mut state = vec!["unclaimed"; contacts.len()];
    let mut led_to = |user: usize, bucket| {
        let hits = hits.deciding(user as UserNumber).iter();
        hits.flat_map(|hit| hit.claimants(&contacts.keys)).for_each(|c| state[c as usize] = bucket);
    };
    let held = standings.iter().enumerate().filter(|(_, standing)| matches!(standing, Standing::Held(_)));
    held.for_each(|(user, _)| led_to(user, "held"));
    for standing in standings {
        if let Standing::MayNotLink(contact) = standing {
            state[*contact as usize] = "user_may_not_link";
        }
    }
    for standing in standings {
        if let Standing::Link(contact) | Standing::Relink(contact) | Standing::Follow(contact) = standing {
            state[*contact as usize] = "matched";
        }
    }
    for standing in standings {
        if let Standing::Stay(contact) = standing {
            state[*contact as usize] = "linked";
        }
    }
    let mut book = Book::new(contacts.len());
    for (contact, state) in (0..).zip(state) {
        let bucket = match state {
            _ if contacts.keys.index(0).is_closed(contact) => "closed",
            "unclaimed" if !contacts.keys.has_value(contact) => "without_address",
            state => state,
        };
        book.enter(bucket, 1);
    }
    book.notes.insert("contested_addresses", contacts.keys.indexes().map(|index| index.contested().count()).sum());
    book.notes.insert("no_address", contacts.len() - contacts.keys.rows_with_value());
    book.notes.insert("parent_not_there", contacts.without_parent());
    book
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
