//! The ledger: every contact, lead and user is counted in one bucket.

use std::collections::{BTreeMap, BTreeSet};

use super::fates::Fate;
use super::Said;
use crate::world::World;

impl World {
    pub(super) fn contact_book(&self, fates: &BTreeMap<i64, Fate>) -> BTreeMap<String, usize> {
        let mut book = BTreeMap::new();
        for contact in &self.contacts {
            let has = |test: &dyn Fn(&i64, &Fate) -> bool| fates.iter().any(|(user, fate)| test(user, fate));
            let mine = |id: &String| *id == contact.id;
            let leads_here = |user: i64| {
                self.deciding(user).iter().any(|(_, key, value)| self.claimants(*key, value).contains(&contact.id))
            };
            let stored = |user: &i64| {
                let user = self.users.iter().find(|known| known.key == *user);
                user.and_then(|user| self.there(&self.long(user.link.as_ref()?)?))
                    .is_some_and(|stored| mine(&stored.id))
            };
            let waits_for = |user: i64, fate: &Fate| match fate {
                Fate::Held(_, contacts, _) => contacts.contains(&contact.id) || leads_here(user),
                _ => false,
            };
            let bucket = if self.closed(&contact.id, 0) {
                "closed"
            } else if has(&|_, fate| matches!(fate, Fate::Linked(id) if mine(id)))
                || has(&|user, fate| matches!(fate, Fate::Held(..)) && stored(user))
            {
                "linked"
            } else if has(&|_, fate| match fate {
                Fate::Merged(id) | Fate::Corrected(id) | Fate::Relinked(id) | Fate::New(id) => mine(id),
                Fate::Converted(id) => mine(id),
                _ => false,
            }) {
                "matched"
            } else if has(&|_, fate| matches!(fate, Fate::MayNot(id) if mine(id))) {
                "user_may_not_link"
            } else if has(&|user, fate| waits_for(*user, fate)) {
                "held"
            } else if self.closed(&contact.id, self.keys.len() - 1) {
                "closed"
            } else if (0..self.keys.len()).all(|key| self.values_of(contact, key).is_empty()) {
                "without_address"
            } else {
                "unclaimed"
            };
            *book.entry(bucket.into()).or_default() += 1;
        }
        book
    }

    pub(super) fn lead_book(&self, fates: &BTreeMap<i64, Fate>, by_leads: &BTreeSet<i64>) -> BTreeMap<String, usize> {
        let decides = |user: &i64| by_leads.contains(user) || matches!(fates[user], Fate::Converted(_));
        let mut book = BTreeMap::new();
        for lead in &self.leads {
            let users: Vec<i64> = self
                .users
                .iter()
                .filter(|user| self.leads_of(user).iter().any(|its| its.id == lead.id))
                .map(|user| user.key)
                .collect();
            let has_value =
                self.stored_leads || (0..self.keys.len()).any(|key| !self.values_of_lead(lead, key).is_empty());
            let bucket = match users.as_slice() {
                _ if !has_value => "without_address",
                [] => "unclaimed",
                users if users.iter().any(decides) => "decided",
                _ => "user_decided_otherwise",
            };
            *book.entry(bucket.into()).or_default() += 1;
        }
        book
    }

    pub(super) fn user_book(&self, fates: &BTreeMap<i64, Fate>, said: &Said) -> BTreeMap<String, usize> {
        let mut book = BTreeMap::from([("not_concerned".to_owned(), self.unread_users)]);
        for (user, fate) in fates {
            let bucket = match (said.changes.get(user), fate) {
                (Some(change), _) => change.action.as_str(),
                (None, Fate::Held(..)) => "held",
                (None, Fate::Waiting | Fate::Kept) => "contact_missing",
                (None, _) => "unchanged",
            };
            *book.entry(bucket.into()).or_default() += 1;
        }
        book
    }
}
