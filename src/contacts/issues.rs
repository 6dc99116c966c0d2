//! The issues of a decision, which a person has to resolve.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Verdicts};
use super::changes::Issue;
use super::index::Claimant;
use super::primary_keys::{Key, UserNumber};
use super::rules::Outcome;
use super::standing::Standing;
use super::words::{contact_of, ids, sight};
use super::{held_issues, key_issues, lead_issues};
use crate::decision::shown;
use crate::error::{counted, list};
use crate::rows::Id;

/// Returns all issues.
pub(super) fn issues(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Issue> {
    let mut issues = key_issues::issues(case);
    issues.extend(held_issues::issues(case));
    issues.extend(unknown_values(case, verdicts));
    issues.extend(missing_references(case, verdicts));
    issues.extend(shared_links(case));
    issues.extend(unseen_contacts(case));
    issues.extend(lead_issues::issues(case, verdicts));
    issues
}

/// Returns one issue for each value that the declaration does not know or the column cannot hold, with all users
/// concerned.
fn unknown_values(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Issue> {
    let mut found: BTreeMap<(usize, usize), Vec<UserNumber>> = BTreeMap::new();
    for &(user, ref verdict) in verdicts {
        for &attribute in &verdict.quarantined {
            let contact = contact_of(&case.standings[user as usize]).unwrap_or_default();
            let value = case.contacts.attributes()[attribute].number(contact as usize);
            found.entry((attribute, value)).or_default().push(user);
        }
    }
    let issue = |((attribute, value), users): ((usize, usize), Vec<UserNumber>)| {
        let rule = &case.rules.attributes[attribute];
        let column = &case.rules.columns[rule.column].name;
        let source = &case.contacts.attributes()[attribute].distinct()[value];
        let source = source.iter().map(shown).collect::<Vec<_>>().join(", ");
        let source = crate::error::presentable(&source);
        let problem = match rule.outcomes[value] {
            Outcome::Unfit => format!("{column} cannot hold {source} as it is"),
            _ => format!("the declaration does not say what {source} means for {column}"),
        };
        Issue {
            kind: "unknown_value",
            contacts: ids(case, users.iter().filter_map(|&user| contact_of(&case.standings[user as usize]))),
            message: format!("{problem}; it stays as it is for {}", counted(users.len(), "user")),
            users: users.iter().map(|&user| case.users.key(user)).collect(),
            field: Some(column.clone()),
        }
    };
    found.into_iter().map(issue).collect()
}

/// Returns one issue for each attribute whose references lead some contacts to no single row, with all users concerned.
fn missing_references(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Issue> {
    let mut found: BTreeMap<usize, Vec<UserNumber>> = BTreeMap::new();
    for &(user, ref verdict) in verdicts {
        verdict.missing.iter().for_each(|&attribute| found.entry(attribute).or_default().push(user));
    }
    let issue = |(attribute, users): (usize, Vec<UserNumber>)| {
        let column = &case.rules.columns[case.rules.attributes[attribute].column].name;
        let source = &case.contacts.attributes()[attribute];
        let contacts = || users.iter().filter_map(|&user| contact_of(&case.standings[user as usize]));
        let values: BTreeSet<String> =
            contacts().flat_map(|contact| source.tuple(contact as usize)).map(|cell| shown(cell)).collect();
        let values: Vec<String> = values.iter().map(|value| crate::error::presentable(value)).collect();
        let message = format!(
            "{column} stays as it is for {}: no row that it could refer to, or more than one, has the value of the \
             contacts ({})",
            counted(users.len(), "user"),
            list(&values)
        );
        Issue {
            kind: "missing_reference",
            contacts: ids(case, contacts()),
            users: users.iter().map(|&user| case.users.key(user)).collect(),
            message,
            field: Some(column.clone()),
        }
    };
    found.into_iter().map(issue).collect()
}

/// Returns the issue of contacts that were not read and are not known to be gone: the integration user may just not be
/// allowed to see them any more.
fn unseen_contacts(case: &Case<'_>) -> Option<Issue> {
    if case.rules.sees_all == Some(true) {
        return None;
    }
    let missed = |standing: &Standing| matches!(standing, Standing::Missing | Standing::Unlink | Standing::Relink(_));
    let unseen = |user: UserNumber| Id::parse(case.users.link(user)?).filter(|&id| !case.contacts.known_to_be_gone(id));
    let missing = (0..).zip(&case.standings).filter(|(_, standing)| missed(standing));
    let (users, contacts): (Vec<Key>, BTreeSet<Id>) =
        missing.filter_map(|(user, _)| Some((case.users.key(user), unseen(user)?))).unzip();
    let contacts: Vec<Id> = contacts.into_iter().collect();
    let first = contacts.first()?;
    let which =
        if contacts.len() == 1 { format!("contact {first}") } else { format!("the contacts {}", list(&contacts)) };
    let message = format!(
        "{which} of {} did not come and may only be invisible: Salesforce does not show them as deleted, and {}. Look whether \
         the integration user may still see them; contact_missing after: says in how many full reads in a row they must be \
         missing",
        counted(users.len(), "user"),
        sight(case),
    );
    Some(Issue { kind: "not_visible", contacts, users, message, field: None })
}

/// Returns one issue for each contact to which several users are linked already. The users stay linked, but a person
/// should know.
fn shared_links(case: &Case<'_>) -> Vec<Issue> {
    if case.rules.share_contacts {
        return Vec::new();
    }
    let mut users: BTreeMap<Claimant, Vec<UserNumber>> = BTreeMap::new();
    for (user, standing) in (0..).zip(&case.standings) {
        if let Standing::Stay(contact) = standing {
            users.entry(*contact).or_default().push(user);
        }
    }
    let issue = |(contact, users): (Claimant, Vec<UserNumber>)| {
        let contacts = ids(case, [contact]);
        let users: Vec<Key> = users.into_iter().map(|user| case.users.key(user)).collect();
        let message = format!("contact {} is linked to the users {}; they stay linked", contacts[0], list(&users));
        Issue { kind: "shared_contact", contacts, users, message, field: None }
    };
    users.into_iter().filter(|(_, users)| users.len() > 1).map(issue).collect()
}
