//! A world of contacts, leads and users in which everything can happen that the rules cover.

#![expect(clippy::unwrap_used, reason = "what is made up here is made to fit")]

mod made_up;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use crm_sync::rows::Id;

pub(crate) use made_up::world;

/// The values of both columns by their numbers. The last one is NULL.
pub(crate) const VALUES: [&str; 8] = ["none", "pending", "confirmed", "rejected", "new", "n1", "n2", "NULL"];
/// The text for a missing value, in columns and in fields of a contact.
pub(crate) const NULL: &str = "NULL";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Email,
    Text,
    Uuid,
    Integer,
}

/// A match key, with its tiers, strongest first.
#[derive(Debug, Clone)]
pub(crate) struct MatchKey {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) evidence: bool,
    pub(crate) tiers: Vec<Trust>,
    /// True if leads have a field with the key, too.
    pub(crate) of_leads: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Trust {
    pub(crate) name: &'static str,
    pub(crate) for_leads: bool,
}

/// The content of a field in Salesforce.
#[derive(Debug, Clone)]
pub(crate) enum Given {
    Text(String),
    /// The number as Salesforce sends it.
    Number(&'static str),
    Flag,
}

#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    /// The two fields of each key.
    pub(crate) keys: Vec<[Option<Given>; 2]>,
    /// The value that each column gets from the contact, or one of `keep`, `?`, `unfit` and `nowhere`, for a field
    /// whose value is to be kept, is not known, does not fit, or refers to no record.
    pub(crate) says: [&'static str; 2],
    pub(crate) parent_is_gone: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Lead {
    pub(crate) id: String,
    /// The field of each key.
    pub(crate) keys: Vec<Option<Given>>,
    pub(crate) status: &'static str,
    pub(crate) became: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) key: i64,
    pub(crate) link: Option<String>,
    pub(crate) may_link: bool,
    pub(crate) for_leads: bool,
    pub(crate) for_sweep: bool,
    /// The id of the lead that the app has stored, in the app's spelling.
    pub(crate) lead: Option<String>,
    pub(crate) values: [&'static str; 2],
}

/// A value of a key that a user has.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) user: i64,
    /// The number of the tier, counted across all keys.
    pub(crate) tier: u8,
    pub(crate) text: String,
}

#[derive(Debug, Clone)]
pub(crate) struct World {
    /// The keys, strongest first.
    pub(crate) keys: Vec<MatchKey>,
    pub(crate) contacts: Vec<Contact>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) users: Vec<User>,
    pub(crate) addresses: Vec<Address>,
    pub(crate) unread_users: usize,
    pub(crate) merges: BTreeMap<String, String>,
    pub(crate) gone: BTreeSet<String>,
    pub(crate) ignored: Vec<String>,
    pub(crate) share: bool,
    /// True if a user who is matched by a weaker key is held when the contact has a value of a stronger key that no
    /// user has.
    pub(crate) hold_disagreeing: bool,
    /// True if the column does not change from confirmed to none.
    pub(crate) protect: bool,
    pub(crate) missing_before: Option<BTreeSet<String>>,
    pub(crate) sees_all: Option<bool>,
    /// True if no user is unlinked.
    pub(crate) keep: bool,
    /// True if the note is only filled, and never overwritten.
    pub(crate) fill: bool,
    /// True if links are written back.
    pub(crate) tell_links: bool,
    /// True if `otherwise` lists its statuses.
    pub(crate) listed: bool,
    /// True if the declaration names the column with the stored leads.
    pub(crate) stored_leads: bool,
}

/// Returns the only key of a world without other keys.
pub(crate) fn emails() -> MatchKey {
    let tier = |name, for_leads| Trust { name, for_leads };
    let tiers = vec![tier("verified", true), tier("confirmed", true), tier("claimed", false)];
    MatchKey { name: "emails", kind: Kind::Email, evidence: false, tiers, of_leads: true }
}

impl World {
    /// Returns the tiers of all keys, each with the number of its key.
    pub(crate) fn tiers(&self) -> Vec<(usize, Trust)> {
        let keys = self.keys.iter().enumerate();
        keys.flat_map(|(number, key)| key.tiers.iter().map(move |tier| (number, *tier))).collect()
    }
}

fn id_of(text: &str) -> Id {
    Id::parse(text).unwrap()
}

pub(crate) fn id(prefix: &str, number: u32) -> String {
    id_of(&format!("{prefix}{number:012}")).to_string()
}
