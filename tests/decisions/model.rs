//! A second implementation of the rules of the contact sync, slow and plain. It was written from the rules in the
//! design and in the issue about keys, uses maps of texts, and shares no code with the core.

mod books;
mod fates;
mod keys;

use std::collections::{BTreeMap, BTreeSet};

use self::fates::Fate;
use crate::world::{User, World, NULL};

type Ids = BTreeSet<String>;

/// The decision that the rules make, as texts.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Said {
    /// The changes by user: the action, the contact after the change, the address and its tier, the columns with their
    /// values before and after, and the costs.
    pub(crate) changes: BTreeMap<i64, SaidChange>,
    /// The kind, the contacts and the users of each issue.
    pub(crate) issues: Vec<(String, Vec<String>, Vec<String>)>,
    /// The buckets of contacts, leads and users.
    pub(crate) books: [BTreeMap<String, usize>; 3],
    pub(crate) could_suffer: BTreeMap<String, usize>,
    pub(crate) missing: Vec<String>,
    /// The numbers of followed merges, protected transitions, quarantined fields, missing references, unknown fields,
    /// quarantined leads, contradicted leads, and stored leads that became the contact of a user.
    pub(crate) notes: [usize; 8],
}

#[derive(Debug, PartialEq)]
pub(crate) struct SaidChange {
    pub(crate) action: String,
    pub(crate) contact: Option<String>,
    pub(crate) matched: Option<(String, u8)>,
    pub(crate) fields: Vec<(usize, String, String)>,
    /// Each budget, with the column for which it is spent; no column if it is spent for the link.
    pub(crate) costs: BTreeSet<(String, Option<usize>)>,
}

impl World {
    /// Returns the decision that the rules make for this world.
    pub(crate) fn said(&self) -> Said {
        let fates = self.fates();
        let mut said = Said::default();
        let mut by_leads = BTreeSet::new();
        let (mut unknown_values, mut odd) = (BTreeMap::new(), BTreeMap::new());
        for user in &self.users {
            let fate = &fates[&user.key];
            self.say(user, fate, &mut said, &mut by_leads, &mut unknown_values, &mut odd);
        }
        let found = |((_, says), (contacts, users)): ((usize, String), (Ids, BTreeSet<i64>))| {
            let kind = if says == "nowhere" { "missing_reference" } else { "unknown_value" };
            (kind.to_owned(), contacts.into_iter().collect(), texts(users))
        };
        said.issues.extend(unknown_values.into_iter().map(found));
        let strange = |(_, users)| ("unknown_lead_status".to_owned(), vec![], texts(users));
        said.issues.extend(odd.into_iter().map(strange));
        self.say_of_contacts(&fates, &mut said);
        said.books = [self.contact_book(&fates), self.lead_book(&fates, &by_leads), self.user_book(&fates, &said)];
        said.could_suffer = self.could_suffer();
        said.issues.sort();
        said
    }

    fn say(
        &self,
        user: &User,
        fate: &Fate,
        said: &mut Said,
        by_leads: &mut BTreeSet<i64>,
        unknown_values: &mut BTreeMap<(usize, String), (Ids, BTreeSet<i64>)>,
        odd: &mut BTreeMap<String, BTreeSet<i64>>,
    ) {
        let mut wanted: BTreeMap<usize, &str> = BTreeMap::new();
        let (mut action, mut contact) = ("sweep", None);
        match fate {
            Fate::Waiting | Fate::Kept => return,
            Fate::Held(kind, contacts, others) => {
                let users = others.iter().copied().chain([user.key]).collect();
                said.issues.push(((*kind).into(), contacts.iter().cloned().collect(), texts(users)));
                return;
            }
            Fate::Linked(id)
            | Fate::Merged(id)
            | Fate::Converted(id)
            | Fate::Corrected(id)
            | Fate::Relinked(id)
            | Fate::New(id) => {
                action = match fate {
                    Fate::Linked(_) => "update",
                    Fate::New(_) | Fate::Converted(_) => "link",
                    _ => "relink",
                };
                said.notes[0] += usize::from(matches!(fate, Fate::Merged(_)));
                said.notes[7] += usize::from(matches!(fate, Fate::Converted(_)));
                contact = Some(id.clone());
                let row = self.there(id).expect("who is followed is there");
                for (column, says) in row.says.into_iter().enumerate() {
                    match says {
                        _ if column == 1 && self.fill && (user.values[1] != NULL || says == NULL) => {}
                        _ if column == 0 && row.parent_is_gone => said.notes[4] += 1,
                        "keep" => {}
                        "?" | "unfit" | "nowhere" => {
                            said.notes[if says == "nowhere" { 3 } else { 2 }] += 1;
                            let found = unknown_values.entry((column, says.into())).or_default();
                            found.0.insert(id.clone());
                            found.1.insert(user.key);
                        }
                        value => {
                            wanted.insert(column, value);
                        }
                    }
                }
            }
            Fate::Unlinked => {
                action = "unlink";
                wanted.extend([(0, "none"), (1, NULL)]);
            }
            Fate::MayNot(_) | Fate::Nothing => {}
        }
        if contact.is_none() && self.without_contact(user, &mut wanted, said, odd) {
            by_leads.insert(user.key);
            action = if action == "unlink" { action } else { "lead" };
        }
        // Rule 9.
        let mut fields = Vec::new();
        for (column, after) in wanted {
            let before = user.values[column];
            if self.protect && column == 0 && (before, after) == ("confirmed", "none") {
                said.notes[1] += 1;
            } else if before != after {
                fields.push((column, before.to_owned(), after.to_owned()));
            }
        }
        if !fields.is_empty() || ["link", "relink", "unlink"].contains(&action) {
            let hits = match fate {
                Fate::Linked(_) | Fate::Merged(_) => vec![],
                Fate::Converted(_) => self.to_stored_lead(user),
                Fate::Corrected(_) | Fate::Relinked(_) | Fate::New(_) => self.to_contacts(user.key),
                _ => [self.to_leads(user.key), self.to_stored_lead(user)].concat(),
            };
            let matched = hits.into_iter().next().map(|(tier, _, value)| (value, tier));
            let costs = self.costs(action, contact.is_some(), &fields);
            said.changes.insert(user.key, SaidChange { action: action.into(), contact, matched, fields, costs });
        }
    }

    /// Applies rules 5 and 6. Returns whether leads decide.
    fn without_contact(
        &self,
        user: &User,
        wanted: &mut BTreeMap<usize, &str>,
        said: &mut Said,
        odd: &mut BTreeMap<String, BTreeSet<i64>>,
    ) -> bool {
        let leads = self.leads_of(user);
        if leads.is_empty() {
            if user.for_sweep && self.to_contacts(user.key).is_empty() {
                wanted.insert(0, "none");
            }
            return false;
        }
        if !user.for_leads {
            return false;
        }
        let strange: BTreeSet<&str> = leads.iter().map(|lead| lead.status).filter(|status| *status == "Odd").collect();
        if self.listed && !strange.is_empty() {
            said.notes[5] += 1;
            odd.entry("Odd".into()).or_default().insert(user.key);
        } else if leads.iter().all(|lead| lead.status == "Converted") {
            let became = leads.iter().filter_map(|lead| lead.became.as_ref());
            let there = became.filter_map(|id| self.there(id).or_else(|| self.winner(id)));
            let other: Ids = there
                .filter(|contact| contact.parent_is_gone || contact.says[0] != "rejected")
                .map(|c| c.id.clone())
                .collect();
            if other.is_empty() {
                wanted.insert(0, "rejected");
            } else {
                said.notes[6] += 1;
                said.issues.push(("converted_contact".into(), other.into_iter().collect(), vec![user.key.to_string()]));
            }
        } else {
            wanted.extend([(0, "pending"), (1, "n1")]);
        }
        true
    }

    fn say_of_contacts(&self, fates: &BTreeMap<i64, Fate>, said: &mut Said) {
        self.say_of_keys(&mut said.issues);
        self.say_who_is_led_apart(fates, said);
        for contact in self.contacts.iter().filter(|_| !self.share) {
            let users: BTreeSet<i64> = fates
                .iter()
                .filter(|(_, fate)| **fate == Fate::Linked(contact.id.clone()))
                .map(|(user, _)| *user)
                .collect();
            if users.len() > 1 {
                said.issues.push(("shared_contact".into(), vec![contact.id.clone()], texts(users)));
            }
        }
        let (mut unseen, mut waiting, mut missing) = (Ids::new(), BTreeSet::new(), Ids::new());
        for user in &self.users {
            let Some(link) = user.link.as_ref().and_then(|link| self.long(link)) else { continue };
            let fate = &fates[&user.key];
            if matches!(fate, Fate::Waiting | Fate::Unlinked | Fate::Relinked(_)) && !self.gone.contains(&link) {
                unseen.insert(link.clone());
                waiting.insert(user.key);
            }
            if matches!(fate, Fate::Waiting | Fate::Kept | Fate::Unlinked) {
                missing.insert(link);
            }
        }
        if !unseen.is_empty() && self.sees_all != Some(true) {
            said.issues.push(("not_visible".into(), unseen.into_iter().collect(), texts(waiting)));
        }
        said.missing = missing.into_iter().collect();
    }

    /// Adds the issue about users who get a contact by one key, while a weaker key has a value that only other contacts
    /// claim.
    fn say_who_is_led_apart(&self, fates: &BTreeMap<i64, Fate>, said: &mut Said) {
        let (mut users, mut contacts) = (BTreeSet::new(), Ids::new());
        for (&user, fate) in fates {
            let (id, deciding) = match fate {
                Fate::Corrected(id) | Fate::Relinked(id) | Fate::New(id) => (id, self.deciding(user)),
                // If the stored lead decides, no key does.
                Fate::Converted(id) => (id, vec![]),
                _ => continue,
            };
            let weaker = self.to_contacts(user).into_iter().filter(|leading| !deciding.contains(leading));
            for (_, key, value) in weaker {
                let claimants = self.claimants(key, &value);
                if !claimants.contains(id) {
                    users.insert(user);
                    contacts.extend(claimants);
                }
            }
        }
        if !users.is_empty() {
            said.issues.push(("keys_lead_apart".into(), contacts.into_iter().collect(), texts(users)));
        }
    }

    fn costs(
        &self,
        action: &str,
        has_contact: bool,
        fields: &[(usize, String, String)],
    ) -> BTreeSet<(String, Option<usize>)> {
        let linked = ["update", "relink", "unlink"].contains(&action);
        let links = ["link", "relink"].contains(&action);
        let link =
            [("Unlink", action == "unlink"), ("Relink", action == "relink"), ("Effects", self.tell_links && links)];
        let mut costs: Vec<(&str, Option<usize>, bool)> = link.map(|(name, spends)| (name, None, spends)).to_vec();
        for (column, before, after) in fields {
            let without = |name: &str| action == name && says_something(*column, before);
            let spent = [
                ("Demote", before == "confirmed"),
                ("Promote", linked && after == "confirmed"),
                ("Clear", after == NULL),
                ("Lead", without("lead")),
                ("Sweep", without("sweep")),
                ("Effects", has_contact && after == "confirmed"),
                ("Named(0)", after == "rejected"),
            ];
            costs.extend(spent.map(|(name, spends)| (name, Some(*column), spends)));
        }
        costs.into_iter().filter(|(.., spends)| *spends).map(|(name, column, _)| (name.to_owned(), column)).collect()
    }

    fn could_suffer(&self) -> BTreeMap<String, usize> {
        let count = |test: &dyn Fn(&User) -> bool| self.users.iter().filter(|user| test(user)).count();
        let linked = count(&|user| user.link.is_some());
        let free = |user: &User| user.link.is_none();
        let says = |user: &User, column: usize| says_something(column, user.values[column]);
        let populations = [
            ("Unlink", linked),
            ("Relink", linked),
            ("Promote", linked),
            ("Demote", count(&|user| user.values[0] == "confirmed")),
            ("Lead", count(&|user| free(user) && user.for_leads && (says(user, 0) || says(user, 1)))),
            ("Sweep", count(&|user| free(user) && user.for_sweep && says(user, 0))),
            ("Clear", count(&|user| user.values[1] != NULL)),
            ("Effects", self.users.len() + self.unread_users),
            ("Named(0)", count(&|user| user.values[0] != "rejected")),
        ];
        populations.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
    }
}

fn says_something(column: usize, value: &str) -> bool {
    value != NULL && (column == 1 || !["none", "new"].contains(&value))
}

fn texts(users: BTreeSet<i64>) -> Vec<String> {
    users.into_iter().map(|user| user.to_string()).collect()
}
