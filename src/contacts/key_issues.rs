//! The issues of keys.

use std::collections::BTreeSet;

use super::case::Case;
use super::changes::Issue;
use super::index::{AddressNumber, Claimant};
use super::keys::KeyKind;
use super::primary_keys::{Key, UserNumber};
use super::standing::Standing;
use super::words::ids;
use crate::error::{counted, list};

/// Returns one issue for each contested value, for the malformed values of each key, and for keys that lead apart.
pub(super) fn issues(case: &Case<'_>) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (key, index) in case.contacts.keys.indexes().enumerate() {
        issues.extend(index.contested().map(|value| contested(case, key, value)));
        issues.extend(malformed_contacts(case, key));
        issues.extend(malformed_leads(case, key));
        issues.extend(malformed_users(case, key));
    }
    issues.extend(lead_apart(case));
    issues
}

/// The number of contacts from which on an address that they share, and that no user has, counts as a placeholder. An
/// issue may then show it, because it is no person's address.
const PLACEHOLDER: usize = 20;

fn contested(case: &Case<'_>, key: usize, value: AddressNumber) -> Issue {
    let index = case.contacts.keys.index(key);
    let contacts = ids(case, index.claimants(value));
    let (rule, text) = (&case.rules.keys[key], index.text(value));
    let users = if case.rules.keys.len() == 1 { "new users" } else { "new users by it or a weaker key" };
    let is_email = rule.kind == KeyKind::Email;
    let message = if is_email && contacts.len() >= PLACEHOLDER && !case.users.trust(text) {
        let value: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
        format!(
            "the address {value:?} is claimed by {} contacts ({}) and is not a user's; none of them gets {users} until only \
             one claims it. Where it stands for no address, say: ignore_addresses {value:?}",
            contacts.len(),
            list(&contacts),
        )
    } else {
        format!(
            "the {} {} is claimed by the contacts {}; none of them gets {users} until only one claims it",
            rule.noun(),
            rule.kind.shown(text),
            list(&contacts),
        )
    };
    let issue = Issue { kind: "contested_address", contacts, users: Vec::new(), message, field: None };
    if is_email {
        issue
    } else {
        Issue { kind: "contested_value", ..issue }
    }
}

fn malformed_contacts(case: &Case<'_>, key: usize) -> Option<Issue> {
    let contacts = ids(case, case.contacts.keys.malformed(key).iter().copied());
    let message = malformed(case, key, contacts.len(), "contact", &format!(" ({})", list(&contacts)));
    (!contacts.is_empty()).then_some(Issue { kind: "malformed_key", contacts, users: Vec::new(), message, field: None })
}

fn malformed_leads(case: &Case<'_>, key: usize) -> Option<Issue> {
    let leads = case.leads.keys.malformed(key).len();
    let message = malformed(case, key, leads, "lead", "");
    let (contacts, users) = (Vec::new(), Vec::new());
    (leads > 0).then_some(Issue { kind: "malformed_key", contacts, users, message, field: None })
}

fn malformed_users(case: &Case<'_>, key: usize) -> Option<Issue> {
    let of_key = |tier: u8| case.rules.tiers.get(usize::from(tier)).is_some_and(|tier| tier.key == key);
    let tiers = case.users.values().malformed().iter().filter(|(tier, _)| of_key(**tier));
    let users: BTreeSet<&Key> = tiers.flat_map(|(_, users)| users).collect();
    let users: Vec<Key> = users.into_iter().cloned().collect();
    let message = malformed(case, key, users.len(), "user", &format!(" ({})", list(&users)));
    (!users.is_empty()).then_some(Issue { kind: "malformed_key", contacts: Vec::new(), users, message, field: None })
}

fn malformed(case: &Case<'_>, key: usize, rows: usize, noun: &str, which: &str) -> String {
    let rule = &case.rules.keys[key];
    format!(
        "the {} of {}{which} is no {}, and leads nowhere; correct it",
        rule.noun(),
        counted(rows, noun),
        rule.kind.name()
    )
}

/// Returns the issue of users who get a contact by one key, while values of a weaker key lead only to other contacts.
fn lead_apart(case: &Case<'_>) -> Option<Issue> {
    let mut users: Vec<UserNumber> = Vec::new();
    let mut others: BTreeSet<Claimant> = BTreeSet::new();
    for (user, standing) in (0..).zip(&case.standings) {
        let (contact, deciding) = match *standing {
            Standing::Link(contact) | Standing::Relink(contact) | Standing::Correct(contact) => {
                (contact, case.contact_hits.deciding(user).len())
            }
            // The lead decides, so that all keys are weaker.
            Standing::Convert(contact) => (contact, 0),
            _ => continue,
        };
        let weaker = &case.contact_hits.of(user)[deciding..];
        let apart = weaker.iter().filter(|hit| hit.claimants(&case.contacts.keys).all(|claimant| claimant != contact));
        let mut elsewhere = apart.flat_map(|hit| hit.claimants(&case.contacts.keys)).peekable();
        users.extend(elsewhere.peek().map(|_| user));
        others.extend(elsewhere);
    }
    let contacts = ids(case, others);
    let users: Vec<Key> = users.into_iter().map(|user| case.users.key(user)).collect();
    let message = format!(
        "a weaker key leads {} ({}) to other contacts ({}) than the stronger one, which decides; look whether they are the \
         same people",
        counted(users.len(), "user"),
        list(&users),
        list(&contacts)
    );
    (!users.is_empty()).then_some(Issue { kind: "keys_lead_apart", contacts, users, message, field: None })
}
