//! The books: every contact, lead and user is in exactly one bucket.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Claimant;
use super::matching::Hits;
use super::sources::{ContactTable, LeadTable};
use super::standing::Standing;
use super::users::{UserNumber, UserTable};

/// The accounts of all sources.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The contacts.
    pub contacts: Account,
    /// The leads.
    pub leads: Account,
    /// The users.
    pub users: Account,
}

/// The account of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The number of rows that came in.
    pub rows: usize,
    /// Each row is in one of these.
    pub buckets: BTreeMap<&'static str, usize>,
    /// Facts that cut across the buckets.
    pub notes: BTreeMap<&'static str, usize>,
}

impl Account {
    pub(super) fn enter(&mut self, bucket: &'static str) {
        *self.buckets.entry(bucket).or_default() += 1;
    }

    /// Returns whether the buckets add up to the rows.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.buckets.values().sum::<usize>() == self.rows
    }
}

pub(super) fn contacts(contacts: &ContactTable, hits: &Hits, standings: &[Standing]) -> Account {
    let mut state = vec!["unclaimed"; contacts.len()];
    let mut led_to = |user: usize, bucket| {
        let addresses = hits.of(user as UserNumber).iter().map(|hit| hit.address);
        addresses.flat_map(|address| contacts.index.claimants(address)).for_each(|c| state[c as usize] = bucket);
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
    let mut account = Account { rows: contacts.len(), ..Account::default() };
    for (contact, state) in (0..).zip(state) {
        account.enter(match state {
            _ if contacts.index.is_closed(contact) => "closed",
            "unclaimed" if !contacts.has_address(contact) => "without_address",
            state => state,
        });
    }
    account.notes.insert("contested_addresses", contacts.index.contested().count());
    account.notes.insert("no_address", contacts.len() - contacts.addressed());
    account.notes.insert("parent_not_there", contacts.without_parent());
    account
}

pub(super) fn leads(leads: &LeadTable, hits: &Hits, decided: &BTreeSet<UserNumber>) -> Account {
    let mut state: Vec<u8> = vec![0; leads.len()];
    for hit in hits.iter() {
        for lead in leads.index.claimants(hit.address) {
            state[lead as usize] = state[lead as usize].max(1 + u8::from(decided.contains(&hit.user)));
        }
    }
    let mut account = Account { rows: leads.len(), ..Account::default() };
    for (lead, state) in (0..).zip(state) {
        let lead: Claimant = lead;
        account.enter(match state {
            2 => "decided",
            1 => "user_decided_otherwise",
            _ if !leads.has_address(lead) => "without_address",
            _ => "unclaimed",
        });
    }
    account
}

pub(super) fn users(
    users: &UserTable,
    standings: &[Standing],
    changed: &BTreeMap<UserNumber, &'static str>,
) -> Account {
    let mut account = Account { rows: users.total(), ..Account::default() };
    for (user, standing) in (0..).zip(standings) {
        account.enter(match (changed.get(&user), standing) {
            (Some(action), _) => action,
            (None, Standing::Held(_)) => "held",
            (None, Standing::Missing) => "contact_missing",
            (None, _) => "unchanged",
        });
    }
    account.buckets.insert("not_concerned", users.total() - users.len());
    account
}
