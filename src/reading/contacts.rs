//! Reads the contacts and leads for a contact sync, and completes them with the contacts of the linked users.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::incremental::{ReadSource, ReadSummary, Source};
use crate::contacts::{
    absent, decide, explain, links_found, unseen, ContactTable, Decision, Fingerprints, Key, KeyKind, LeadLayout,
    LeadTable, Rules, UserTable,
};
use crate::engine::Workers;
use crate::error::{Error, Result};
use crate::rows::{Cell, Column, Id};
use crate::salesforce::Client;

/// The sources of a contact sync.
pub struct Sources {
    /// The contacts.
    pub contacts: Source<ContactTable>,
    /// The leads, if the sync uses them.
    pub leads: Option<Source<LeadTable>>,
}

/// Contacts and leads as they were read, before users are known.
pub struct Fetched {
    contacts: ReadSource<ContactTable>,
    leads: Option<ReadSource<LeadTable>>,
}

/// The result of [`Fetched::complete`].
pub enum Completed {
    /// Everything has been read.
    Read(Box<Read>),
    /// Contacts that were looked up by the users' links have values by which no user was looked for. The users have to
    /// be read again.
    MoreValues(Box<Fetched>),
}

/// The input of a decision, and how it was read.
pub struct Read {
    /// The tables.
    pub tables: Tables,
    /// How the contacts were read.
    pub contacts: ReadSummary,
    /// How the leads were read, if the sync uses them.
    pub leads: Option<ReadSummary>,
}

/// Both sides of a contact sync.
pub struct Tables {
    /// The contacts.
    pub contacts: ContactTable,
    /// The leads; empty if the sync does not use them.
    pub leads: LeadTable,
    /// The users.
    pub users: UserTable,
}

/// The counts that the source checks look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The number of contacts.
    pub contacts: usize,
    /// The number of leads.
    pub leads: usize,
    /// The number of users, including those that the sync does not concern.
    pub users: usize,
    /// For each tier of trust, the number of trusted values of the users; `None` if not all users were read.
    pub trusted_values: Option<Vec<usize>>,
    /// For each tier of trust, the number of blank or malformed values, among those that the database could not
    /// compare.
    pub blank_values: Vec<usize>,
    /// The number of users that are linked to a contact.
    pub linked_users: usize,
    /// The number of linked users whose contact was found, or was merged into another.
    pub links_found: usize,
    /// The users whose row could not be read.
    pub unreadable: Vec<Key>,
    /// For each field that holds a key, key by key, the number of contacts with a value in it.
    pub contact_addresses: Vec<usize>,
    /// The same for leads.
    pub lead_addresses: Vec<usize>,
    /// For each distinct status, the number of leads with it.
    pub lead_status_counts: Vec<usize>,
    /// For each attribute, the number of contacts with a value.
    pub filled: Vec<usize>,
}

/// The ids and values that a partial read of contacts and leads has reached. Each list is sorted and without
/// duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// The contacts that were read.
    pub here: Vec<Id>,
    /// The contacts that were not read, and into which others were merged or leads were converted.
    pub elsewhere: Vec<Id>,
    /// For each key, the values by which contacts and leads can be found.
    pub values: Vec<Vec<String>>,
}

impl Reached {
    fn of(contacts: &ContactTable, leads: Option<&LeadTable>) -> Self {
        let here: BTreeSet<Id> = contacts.ids().collect();
        let led_to = contacts.winners().chain(leads.iter().flat_map(|leads| leads.became_contacts()));
        let elsewhere: BTreeSet<Id> = led_to.filter(|id| !here.contains(id)).collect();
        let values = |key| {
            let leads = leads.iter().flat_map(|leads| leads.keys().values_of(key));
            contacts.keys().values_of(key).chain(leads).collect::<BTreeSet<&str>>()
        };
        let values = (0..contacts.keys().kinds().len()).map(|key| values(key).into_iter().map(str::to_owned).collect());
        Self {
            here: here.iter().copied().collect(),
            elsewhere: elsewhere.into_iter().collect(),
            values: values.collect(),
        }
    }
}

impl Sources {
    /// Reads contacts and leads concurrently.
    ///
    /// # Errors
    /// Returns the errors of a [query](fn@crate::salesforce::query).
    pub async fn fetch(self, client: &Client, workers: &Workers) -> Result<Fetched> {
        let leads = async {
            match self.leads {
                Some(leads) => leads.read(client, workers).await.map(Some),
                None => Ok(None),
            }
        };
        let (contacts, leads) = tokio::try_join!(self.contacts.read(client, workers), leads)?;
        Ok(Fetched { contacts, leads })
    }
}

impl Fetched {
    /// Returns the values of contacts and leads by which the database can look for users, sorted and without
    /// duplicates: their total number, and a JSON array for each key. Addresses and texts are limited to plain ASCII,
    /// because any other value can only match a value that is not ASCII either. A lead id is included in both of its
    /// spellings.
    ///
    /// # Errors
    /// Returns [`Error::Internal`] if the values cannot be written as JSON.
    pub fn wanted_values(&self) -> Result<(usize, Vec<String>)> {
        let contacts = self.contacts.table().keys();
        let wanted: Vec<Vec<&str>> = contacts.kinds().enumerate().map(|(key, kind)| self.wanted(key, kind)).collect();
        let json =
            |values: &Vec<&str>| serde_json::to_string(values).map_err(|error| Error::Internal(error.to_string()));
        let jsons = wanted.iter().map(json).collect::<Result<_>>()?;
        Ok((wanted.iter().map(Vec::len).sum(), jsons))
    }

    fn wanted(&self, key: usize, kind: KeyKind) -> Vec<&str> {
        let leads = self.leads.iter().flat_map(|leads| leads.table().keys().values_of(key));
        let all = self.contacts.table().keys().values_of(key).chain(leads);
        let any = matches!(kind, KeyKind::Uuid | KeyKind::Integer);
        let mut wanted: Vec<&str> = all.filter(|text| any || (text.is_ascii() && !text.contains('\0'))).collect();
        if kind == KeyKind::Lead {
            let short: Vec<&str> = wanted.iter().filter_map(|id| id.get(..15)).collect();
            wanted.extend(short);
        }
        wanted.par_sort_unstable();
        wanted.dedup();
        wanted
    }

    /// Returns what was reached before users are known.
    #[must_use]
    pub fn reached(&self) -> Reached {
        Reached::of(self.contacts.table(), self.leads.as_ref().map(ReadSource::table))
    }

    /// Looks up the contacts of linked users that were not read. Those that exist are added, and merged ones are
    /// followed to their winners.
    ///
    /// # Errors
    /// Returns the errors of a [query](fn@crate::salesforce::query).
    pub async fn complete(self, client: &Client, workers: &Workers, users: UserTable) -> Result<Completed> {
        let Self { contacts, leads } = self;
        let look = move || (absent(contacts.table(), &users), contacts, users);
        let (mut missing, contacts, users) = workers.run(look).await?;
        let asked_for = contacts.table().keys().values();
        let mut contacts = contacts.look_up(client, workers, &missing).await?;
        if users.by_need() && contacts.table().keys().values() > asked_for {
            return Ok(Completed::MoreValues(Box::new(Self { contacts, leads })));
        }
        missing.retain(|&id| !contacts.table().has(id));
        let fates = contacts.fates(client, workers, &missing).await?;
        let finish = move || (contacts.finish(), leads.map(ReadSource::finish));
        let ((mut contacts, summary), leads) = workers.run(finish).await?;
        contacts.merged(fates.winners);
        contacts.gone(fates.gone);
        let (leads, leads_summary) = leads.unzip();
        let leads = leads.unwrap_or_else(|| LeadTable::new(LeadLayout::default(), Fingerprints::new()));
        let tables = Tables { contacts, leads, users };
        Ok(Completed::Read(Box::new(Read { tables, contacts: summary, leads: leads_summary })))
    }
}

impl Tables {
    /// Decides on all users.
    ///
    /// # Errors
    /// Returns [`Error::Internal`] if the rules do not fit these tables.
    pub fn decide(&self, rules: &Rules) -> Result<Decision> {
        self.check(rules)?;
        Ok(decide(&self.contacts, &self.leads, &self.users, rules))
    }

    /// Explains the decision on one user. Returns `None` if no user has this key.
    ///
    /// # Errors
    /// Returns the errors of [`Tables::decide`].
    pub fn explain(&self, user: &Key, rules: &Rules) -> Result<Option<Vec<String>>> {
        self.check(rules)?;
        Ok(explain(user, &self.contacts, &self.leads, &self.users, rules))
    }

    /// Returns what was reached.
    #[must_use]
    pub fn reached(&self) -> Reached {
        Reached::of(&self.contacts, Some(&self.leads))
    }

    /// Returns the number of linked users' contacts that may exist and only be invisible.
    #[must_use]
    pub fn unseen_contacts(&self) -> usize {
        unseen(&self.contacts, &self.users).len()
    }

    /// Returns the counts for the source checks.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts {
            contacts: self.contacts.len(),
            leads: self.leads.len(),
            users: self.users.total(),
            trusted_values: self.users.trusted_values(),
            blank_values: self.users.blank_values().to_vec(),
            linked_users: self.users.linked(),
            links_found: links_found(&self.contacts, &self.users),
            unreadable: self.users.unreadable().cloned().collect(),
            contact_addresses: self.contacts.keys().filled(),
            lead_addresses: self.leads.keys().filled(),
            lead_status_counts: self.leads.statuses().frequencies(),
            filled: self.contacts.attributes().iter().map(filled).collect(),
        }
    }

    /// Checks that the rules cover each value that was read, because they are indexed by the number of the value.
    fn check(&self, rules: &Rules) -> Result<()> {
        let (columns, attributes) = (self.users.columns(), self.contacts.attributes());
        let kinds = rules.keys.iter().map(|key| key.kind);
        let complete = kinds.eq(self.contacts.keys().kinds())
            && rules.tiers.iter().all(|tier| tier.key < rules.keys.len())
            && rules.columns.len() == columns.len()
            && rules.attributes.len() == attributes.len()
            && columns.iter().zip(&rules.columns).all(|(read, rule)| read.distinct().len() == rule.values.len())
            && attributes
                .iter()
                .zip(&rules.attributes)
                .all(|(read, rule)| read.distinct().len() == rule.outcomes.len());
        match complete {
            true => Ok(()),
            false => Err(Error::Internal("the rules do not fit what was read".into())),
        }
    }
}

/// Counts the rows in which at least one cell of the tuple has a value.
fn filled(column: &Column) -> usize {
    let counts = column.distinct().iter().zip(column.frequencies());
    counts.filter(|(tuple, _)| tuple.iter().any(Cell::is_filled)).map(|(_, count)| count).sum()
}
