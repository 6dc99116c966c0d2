//! The issues of held users.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::changes::Issue;
use super::index::Claimant;
use super::keys::KeyKind;
use super::primary_keys::{Key, UserNumber};
use super::standing::{Hold, Standing};
use super::stronger_keys::Objection;
use super::user_rows::SEVERAL_ROWS;
use super::words::ids;
use crate::error::{list, named};

/// Returns one issue for each held user.
pub(super) fn issues(case: &Case<'_>) -> Vec<Issue> {
    let held = || {
        (0..).zip(&case.standings).filter_map(|(user, standing)| match standing {
            Standing::Held(hold) => Some((user, &**hold)),
            _ => None,
        })
    };
    let owners = owners(case, held().map(|(_, hold)| hold));
    held().map(|(user, hold)| issue(case, user, hold, &owners)).collect()
}

/// The users, among those read, who have a contact's value of a key.
type Owners = BTreeMap<(usize, Claimant), BTreeSet<UserNumber>>;

/// Finds the owners of the values because of which held users do not get a contact.
fn owners<'h>(case: &Case<'_>, holds: impl Iterator<Item = &'h Hold>) -> Owners {
    let contact = |hold: &Hold| match *hold {
        Hold::Stronger(Objection { contact, key, owned: true }) => Some(((key, contact), BTreeSet::new())),
        _ => None,
    };
    let mut owners: Owners = holds.filter_map(contact).collect();
    if owners.is_empty() {
        return owners;
    }
    for hit in case.contact_hits.iter() {
        for claimant in hit.claimants(&case.contacts.keys) {
            if let Some(users) = owners.get_mut(&(hit.key(), claimant)) {
                users.insert(hit.user);
            }
        }
    }
    owners
}

fn issue(case: &Case<'_>, user: UserNumber, hold: &Hold, owners: &Owners) -> Issue {
    let key = case.users.key(user);
    let (contacts, why) = match hold {
        Hold::InvalidId => {
            let problem = match case.users.link(user) {
                Some(SEVERAL_ROWS) => "has several rows for the contact's id; delete all but one",
                _ => "is linked to something that is not a Salesforce id; correct or clear it",
            };
            let message = format!("user {key} {problem}");
            return Issue { kind: "invalid_contact_id", contacts: Vec::new(), users: vec![key], message, field: None };
        }
        Hold::Stronger(objection) if objection.owned => return others(case, user, objection, owners),
        Hold::Stronger(objection) => return disagreement(case, user, objection),
        Hold::Contested(contacts) => {
            (ids(case, contacts.iter().copied()), format!("a contested {}", case.deciding_noun(user)))
        }
        Hold::Closed(contact) => {
            let noun = case.closing_noun(user, *contact);
            (ids(case, [*contact]), format!("a contact that also claims a contested {noun}"))
        }
        Hold::Several(contacts) => (ids(case, contacts.iter().copied()), "several contacts".into()),
        Hold::Shared(contact) => {
            (ids(case, [*contact]), "a contact that other users have or could have as well".into())
        }
    };
    let leads = match case.deciding_key(user) {
        Some(rule) if rule.kind != KeyKind::Email => format!("the {} leads", rule.name),
        _ => "the trusted addresses lead".into(),
    };
    let message = format!("user {key} is held: {leads} to {why} ({})", list(&contacts));
    Issue { kind: "held_user", contacts, users: vec![key], message, field: None }
}

fn others(case: &Case<'_>, user: UserNumber, objection: &Objection, owners: &Owners) -> Issue {
    let noun = case.rules.keys[objection.key].noun();
    let contacts = ids(case, [objection.contact]);
    let key = case.users.key(user);
    let owners = owners.get(&(objection.key, objection.contact)).into_iter().flatten();
    let owners: Vec<Key> = owners.map(|&owner| case.users.key(owner)).collect();
    let whose = if owners.is_empty() { "another user".into() } else { named("user", &owners) };
    let message = format!("user {key} is held: contact {} has the {noun} of {whose}, and is theirs", contacts[0]);
    let users: BTreeSet<Key> = owners.into_iter().chain([key]).collect();
    Issue { kind: "shared_contact", contacts, users: users.into_iter().collect(), message, field: None }
}

fn disagreement(case: &Case<'_>, user: UserNumber, objection: &Objection) -> Issue {
    let noun = case.rules.keys[objection.key].noun();
    let contacts = ids(case, [objection.contact]);
    let key = case.users.key(user);
    let message = format!(
        "user {key} is held: contact {} has a value of {noun} that no user here has; look whether it is of an old account, of \
         another system, or a mistake. Where it counts for nothing, say: keys_disagree :link",
        contacts[0]
    );
    Issue { kind: "keys_disagree", contacts, users: vec![key], message, field: None }
}
