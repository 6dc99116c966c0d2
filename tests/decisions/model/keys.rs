//! The values of keys in the model: normal forms, claimants, and the records to which values lead.

use std::collections::BTreeSet;

use super::Ids;
use crate::world::{Contact, Given, Kind, Lead, User, World};

/// The normal form of a value, or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plain {
    Nothing,
    Malformed,
    Is(String),
}

/// A value of a user that leads to a record: its tier, its key, and its normal form.
pub(super) type Leading = (u8, usize, String);

/// Returns the normal form of a value of a kind.
pub(super) fn plain(kind: Kind, given: &Given) -> Plain {
    let text = match given {
        Given::Text(text) => text.trim_matches(char::is_whitespace).to_owned(),
        _ if kind == Kind::Email => String::new(),
        Given::Number(number) if kind != Kind::Uuid => number.strip_suffix(".0").unwrap_or(number).to_owned(),
        Given::Number(_) | Given::Flag => return Plain::Malformed,
    };
    if text.is_empty() {
        return Plain::Nothing;
    }
    match kind {
        Kind::Email => Plain::Is(text.to_ascii_lowercase().replace("bücher.example", "xn--bcher-kva.example")),
        Kind::Text => Plain::Is(text),
        Kind::Integer => match text.strip_suffix(".0").unwrap_or(&text).parse::<i64>() {
            Ok(number) => Plain::Is(number.to_string()),
            Err(_) => Plain::Malformed,
        },
        // In these worlds, all values with 32 digits are UUIDs.
        Kind::Uuid => match text.replace(['-', '{', '}'], "").to_lowercase() {
            digits if digits.len() == 32 => Plain::Is(hyphenated(&digits)),
            _ => Plain::Malformed,
        },
    }
}

fn hyphenated(digits: &str) -> String {
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// Returns the long form of the id of a lead. In these worlds, ids have only digits behind their prefix, one letter of
/// which is a capital.
fn long_lead(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.len() == 15 || (text.len() == 18 && text.ends_with("EAA"));
    fits.then(|| format!("{}EAA", &text[..15]))
}

impl World {
    pub(super) fn key_of(&self, tier: u8) -> usize {
        self.tiers()[usize::from(tier)].0
    }

    /// Returns the values in the fields of a key, without ignored addresses.
    fn values(&self, key: usize, fields: &[Option<Given>]) -> BTreeSet<String> {
        let kind = self.keys[key].kind;
        let is = |given: &Given| match plain(kind, given) {
            Plain::Is(value) => Some(value),
            _ => None,
        };
        let ignored: Vec<String> = self.ignored.iter().filter_map(|text| is(&Given::Text(text.clone()))).collect();
        let is_counted = |value: &String| kind != Kind::Email || !ignored.contains(value);
        fields.iter().flatten().filter_map(is).filter(is_counted).collect()
    }

    pub(super) fn values_of(&self, contact: &Contact, key: usize) -> BTreeSet<String> {
        self.values(key, &contact.keys[key])
    }

    pub(super) fn values_of_lead(&self, lead: &Lead, key: usize) -> BTreeSet<String> {
        if self.keys[key].of_leads {
            self.values(key, std::slice::from_ref(&lead.keys[key]))
        } else {
            BTreeSet::new()
        }
    }

    pub(super) fn claimants(&self, key: usize, value: &str) -> Ids {
        let claim = self.contacts.iter().filter(|contact| self.values_of(contact, key).contains(value));
        claim.map(|contact| contact.id.clone()).collect()
    }

    /// Applies rule 1 of addresses and rule 2 of keys: a contested value closes its contacts for its key and weaker
    /// ones.
    pub(super) fn closed(&self, contact: &str, key: usize) -> bool {
        let contact = self.contacts.iter().find(|known| known.id == contact);
        let contested = |key: usize, value: &String| self.claimants(key, value).len() > 1;
        contact.is_some_and(|contact| {
            (0..=key).any(|stronger| self.values_of(contact, stronger).iter().any(|value| contested(stronger, value)))
        })
    }

    /// Returns the trusted values of a user that lead to a record, strongest first. A value that another user has with
    /// stronger trust is left out.
    fn leading(
        &self,
        user: i64,
        trusted: impl Fn(u8) -> bool,
        leads_somewhere: impl Fn(usize, &str) -> bool,
    ) -> Vec<Leading> {
        let value = |tier: u8, text: &String| match plain(self.keys[self.key_of(tier)].kind, &Given::Text(text.clone()))
        {
            Plain::Is(value) => Some(value),
            _ => None,
        };
        let rows = self.addresses.iter().filter(|row| trusted(row.tier));
        let rows: Vec<(i64, Leading)> = rows
            .filter_map(|row| Some((row.user, (row.tier, self.key_of(row.tier), value(row.tier, &row.text)?))))
            .collect();
        let beaten = |mine: &Leading| rows.iter().any(|(_, row)| row.1 == mine.1 && row.2 == mine.2 && row.0 < mine.0);
        let own = rows.iter().filter(|(owner, row)| *owner == user && leads_somewhere(row.1, &row.2) && !beaten(row));
        own.map(|(_, row)| row.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns the values by which contacts are found for a user.
    pub(super) fn to_contacts(&self, user: i64) -> Vec<Leading> {
        self.leading(user, |_| true, |key, value| !self.claimants(key, value).is_empty())
    }

    /// Returns the values that decide: those of the strongest key that leads to any contact.
    pub(super) fn deciding(&self, user: i64) -> Vec<Leading> {
        let all = self.to_contacts(user);
        let key = all.first().map(|(_, key, _)| *key);
        all.into_iter().filter(|(_, its, _)| Some(*its) == key).collect()
    }

    pub(super) fn to_leads(&self, user: i64) -> Vec<Leading> {
        let lead =
            |key: usize, value: &str| self.leads.iter().any(|lead| self.values_of_lead(lead, key).contains(value));
        self.leading(user, |tier| self.tiers()[usize::from(tier)].1.for_leads, lead)
    }

    /// Returns the leads that have a value of a user, and the lead that the app has stored.
    pub(super) fn leads_of(&self, user: &User) -> Vec<&Lead> {
        let values = self.to_leads(user.key);
        let stored = self.stored_lead(user).map(|lead| &lead.id);
        let its = |lead: &&Lead| {
            values.iter().any(|(_, key, value)| self.values_of_lead(lead, *key).contains(value))
                || stored == Some(&lead.id)
        };
        self.leads.iter().filter(its).collect()
    }

    /// Returns the lead that the app has stored for a user, if it was read.
    pub(super) fn stored_lead(&self, user: &User) -> Option<&Lead> {
        let stored = user.lead.as_ref().filter(|_| self.stored_leads)?;
        let id = long_lead(stored)?;
        self.leads.iter().find(|lead| lead.id == id)
    }

    /// Returns the stored lead in the form of a value that leads to a record. Its key is the last one.
    pub(super) fn to_stored_lead(&self, user: &User) -> Vec<Leading> {
        let leading = |lead: &Lead| (self.tiers().len() as u8, self.keys.len(), lead.id.clone());
        self.stored_lead(user).into_iter().map(leading).collect()
    }

    /// Returns the users who were read and have a value of a key, and whether any user has it.
    pub(super) fn owners(&self, key: usize, value: &str) -> (BTreeSet<i64>, bool) {
        let has = |user: i64| self.to_contacts(user).iter().any(|(_, its, text)| *its == key && text == value);
        let read = self.users.iter().map(|user| user.key).filter(|&user| has(user)).collect();
        (read, self.addresses.iter().any(|row| has(row.user)))
    }

    /// Adds the issues about values that are contested, or not valid for their kind.
    pub(super) fn say_of_keys(&self, issues: &mut Vec<(String, Vec<String>, Vec<String>)>) {
        let no_lead = |text: &String| !text.trim().is_empty() && long_lead(text).is_none();
        let spoiled = self.users.iter().filter(|user| self.stored_leads && user.lead.as_ref().is_some_and(no_lead));
        let spoiled: BTreeSet<i64> = spoiled.map(|user| user.key).collect();
        if !spoiled.is_empty() {
            let users = spoiled.iter().map(ToString::to_string).collect();
            issues.push(("malformed_key".to_owned(), vec![], users));
        }
        for (key, rule) in self.keys.iter().enumerate() {
            let malformed = |given: &Given| plain(rule.kind, given) == Plain::Malformed;
            let values: BTreeSet<String> =
                self.contacts.iter().flat_map(|contact| self.values_of(contact, key)).collect();
            let kind = if rule.kind == Kind::Email { "contested_address" } else { "contested_value" };
            let contested =
                values.iter().map(|value| self.claimants(key, value)).filter(|claimants| claimants.len() > 1);
            issues.extend(contested.map(|claimants| (kind.into(), claimants.into_iter().collect(), vec![])));

            let contacts = self.contacts.iter().filter(|contact| contact.keys[key].iter().flatten().any(malformed));
            let contacts: Ids = contacts.map(|contact| contact.id.clone()).collect();
            let leads =
                self.leads.iter().filter(|lead| rule.of_leads && lead.keys[key].as_ref().is_some_and(malformed));
            let mut users: Vec<i64> = self
                .addresses
                .iter()
                .filter(|row| self.key_of(row.tier) == key && malformed(&Given::Text(row.text.clone())))
                .map(|row| row.user)
                .collect();
            users.sort_unstable();
            users.dedup();
            let issue = |contacts: Vec<String>, users: Vec<String>| ("malformed_key".to_owned(), contacts, users);
            if leads.count() > 0 {
                issues.push(issue(vec![], vec![]));
            }
            if !contacts.is_empty() {
                issues.push(issue(contacts.into_iter().collect(), vec![]));
            }
            if !users.is_empty() {
                issues.push(issue(vec![], users.iter().map(ToString::to_string).collect()));
            }
        }
    }
}
