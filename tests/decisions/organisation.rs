//! Generated organisations, small enough that their rows collide in every way.

#![expect(clippy::unwrap_used, reason = "what is made up here is made to fit")]

mod made_up;
mod tables;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crm_sync::contacts::{decide, Action, Change, Decision, UserTable};
use crm_sync::rows::Id;

pub(crate) use made_up::{changed_places, organisation};

/// The privileged value of the only column that is written. The column holds a number as text.
pub(crate) const CONFIRMED: u32 = 2;

#[derive(Debug, Clone)]
pub(crate) struct Contact {
    id: Id,
    uuid: Option<String>,
    addresses: [Option<String>; 2],
    /// The value for the column; `None` if the rules do not know it.
    status: Option<u32>,
    parent_is_gone: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Lead {
    id: Id,
    address: String,
    converted: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    key: u32,
    link: Option<String>,
    uuid: Option<String>,
    flags: [bool; 3],
    status: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Address {
    user: u32,
    tier: u8,
    text: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Organisation {
    pub(crate) contacts: Vec<Contact>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) users: Vec<User>,
    pub(crate) addresses: Vec<Address>,
    /// The winners by their losers. No contact that still exists is a loser.
    pub(crate) merges: HashMap<Id, Id>,
    /// True if there is a key of UUIDs, which is stronger than that of addresses.
    pub(crate) has_uuids: bool,
    /// True if the key of UUIDs is evidence.
    pub(crate) evidence: bool,
    pub(crate) hold_disagreeing: bool,
    pub(crate) share: bool,
    pub(crate) protected: bool,
}

pub(crate) struct Decided {
    pub(crate) decision: Decision,
    users: UserTable,
}

impl Decided {
    /// Returns the key of the user of a change.
    pub(crate) fn key(&self, change: &Change) -> String {
        self.users.key(change.user).to_string()
    }

    /// Returns the whole decision as texts, as in a plan.
    pub(crate) fn story(&self) -> Vec<String> {
        let changes = self.decision.changes.iter().map(|change| {
            let key = self.users.key(change.user);
            let (fields, costs) = (&change.fields, &change.costs);
            format!(
                "change {key} {:?} {:?} {:?} {fields:?} {costs:?} {}",
                change.action, change.contact, change.matched, change.reason
            )
        });
        let issues = self.decision.issues.iter().map(|issue| format!("issue {issue:?}"));
        let rest = [format!("{:?}", self.decision.ledger), format!("{:?}", self.decision.could_suffer)];
        changes.chain(issues).chain(rest).collect()
    }
}

impl Organisation {
    pub(crate) fn decide(&self) -> Decided {
        let (contacts, leads, users) = self.tables();
        let decision = decide(&contacts, &leads, &users, &self.rules(&contacts, &leads, &users));
        Decided { decision, users }
    }

    /// Applies the decision to the users.
    pub(crate) fn apply(&mut self) {
        let decided = self.decide();
        for change in &decided.decision.changes {
            let key = decided.users.key(change.user).to_string();
            let Some(user) = self.users.iter_mut().find(|user| user.key.to_string() == key) else { continue };
            if matches!(change.action, Action::Link | Action::Relink | Action::Unlink) {
                user.link = change.contact.map(|id| id.to_string());
            }
            change.fields.iter().for_each(|field| user.status = field.after);
        }
    }

    /// Returns whether a contact is closed for addresses, or, with `by_uuid`, for UUIDs.
    pub(crate) fn contested(&self, id: Id, by_uuid: bool) -> bool {
        let mut claims: BTreeMap<&str, BTreeSet<Id>> = BTreeMap::new();
        for contact in &self.contacts {
            let addresses = contact.addresses.iter().flatten().filter(|_| !by_uuid);
            for value in addresses.chain(contact.uuid.iter().filter(|_| self.has_uuids)) {
                claims.entry(value.trim()).or_default().insert(contact.id);
            }
        }
        claims.into_iter().any(|(value, ids)| !value.is_empty() && ids.len() > 1 && ids.contains(&id))
    }

    /// Returns the keys of the users who have a contact's UUID; `None` if the contact has none.
    pub(crate) fn owners(&self, id: Id) -> Option<BTreeSet<String>> {
        let contact = self.contacts.iter().find(|contact| contact.id == id && self.has_uuids)?;
        let uuid = contact.uuid.as_ref()?;
        let users = self.users.iter().filter(|user| user.uuid.as_ref() == Some(uuid));
        Some(users.map(|user| user.key.to_string()).collect())
    }

    /// Returns the keys of the users who are linked to a contact.
    pub(crate) fn linked_to(&self, id: Id) -> impl Iterator<Item = String> + '_ {
        let linked = move |user: &&User| user.link.as_deref().and_then(Id::parse) == Some(id);
        self.users.iter().filter(linked).map(|user| user.key.to_string())
    }

    /// Returns the contact into which the user's previous contact was merged, if it exists.
    pub(crate) fn winner(&self, user: u32, decided: &Decided) -> Option<Id> {
        let link = self.link(user, decided)?;
        let there = |id: &Id| self.contacts.iter().any(|contact| contact.id == *id);
        self.merges.get(&link).copied().filter(there).filter(|_| !there(&link))
    }

    /// Returns the value for the column according to the contact, if the rules know it.
    pub(crate) fn status_of(&self, contact: Id) -> Option<u32> {
        self.contacts.iter().find(|known| known.id == contact)?.status
    }

    /// Returns whether neither the user's contact nor its winner exists.
    pub(crate) fn is_gone(&self, user: u32, decided: &Decided) -> bool {
        let link = self.link(user, decided);
        link.is_some_and(|link| self.contacts.iter().all(|contact| contact.id != link))
            && self.winner(user, decided).is_none()
    }

    /// Returns whether the user has a contact.
    pub(crate) fn is_linked(&self, user: u32, decided: &Decided) -> bool {
        self.link(user, decided).is_some()
    }

    fn link(&self, user: u32, decided: &Decided) -> Option<Id> {
        let key = decided.users.key(user).to_string();
        self.users.iter().find(|user| user.key.to_string() == key)?.link.as_deref().and_then(Id::parse)
    }
}

fn id(prefix: &str, number: u32) -> Id {
    Id::parse(&format!("{prefix}{number:012}")).unwrap()
}
