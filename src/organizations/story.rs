//! Explains the facts about one account or organization, and the decision on it.

use std::collections::BTreeSet;

use super::books::Decision;
use super::changes::{Change, Issue};
use super::compare::compare;
use super::names::folded;
use super::rules::Rules;
use super::sources::{Account, AccountTable, Organization, OrganizationTable};
use crate::compare::Key;
use crate::decision::shown;
use crate::rows::{Cell, Id};

/// The subject of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An account, by its id, with the organizations that have the id.
    Account(Id),
    /// An organization, by its own id.
    Organization(u64),
}

/// Explains an account or organization, line by line: the known facts, the outcome, and the reason. Returns no lines
/// for one that was not read, and to which nothing can happen. Both tables must have been created with these rules.
#[must_use]
pub fn explain(
    subject: Subject,
    accounts: &AccountTable,
    organizations: &OrganizationTable,
    rules: &Rules,
) -> Vec<String> {
    let all = (0..organizations.len() as u32).map(|row| organizations.organization(row));
    let concerned: Vec<Organization<'_>> = all.filter(|organization| subject.is(*organization)).collect();
    let key = match (subject, concerned.first().map(|organization| organization.key())) {
        (Subject::Account(id), _) | (Subject::Organization(_), Some(Key::Is(id))) => Some(id),
        _ => None,
    };
    let is_key = |row: &u32| key.is_some_and(|id| accounts.account(*row).key() == Key::Is(id));
    let count = (0..accounts.len() as u32).filter(is_key).count();
    if count == 0 && concerned.is_empty() {
        return Vec::new();
    }
    let mut story = vec![match key {
        Some(id) if count == 0 => format!("no account has the id {id}"),
        Some(id) if count == 1 => format!("account {id} is there"),
        Some(id) => format!("{count} accounts have the id {id}"),
        None => "no account id that could be read".into(),
    }];
    story.extend(concerned.iter().map(|organization| described(*organization)));
    let ids: Vec<u64> = concerned.iter().map(|organization| organization.id()).collect();
    story.extend(outcome(&compare(accounts, organizations, rules), key, &ids));
    story
}

/// Returns the accounts and organizations with a name, without regard to case. Leaves out an organization that has the
/// id of one of these accounts, because it is explained with the account. Both tables must have been created with these
/// rules.
#[must_use]
pub fn find(name: &str, accounts: &AccountTable, organizations: &OrganizationTable, rules: &Rules) -> Vec<Subject> {
    let wanted = folded(name);
    let is_wanted = |cell: &Cell<'_>| cell.text().is_some_and(|text| folded(text) == wanted);
    let attribute = rules.attributes.iter().position(|rule| rule.target.is_name());
    let has_name = |account: &Account<'_>| attribute.is_some_and(|name| is_wanted(&account.desired(name)));
    let id = |account: Account<'_>| match account.key() {
        Key::Is(id) => Some(id),
        _ => None,
    };
    let all = (0..accounts.len() as u32).map(|row| accounts.account(row));
    let ids: BTreeSet<Id> = all.filter(has_name).filter_map(id).collect();
    let told = |organization: &Organization<'_>| matches!(organization.key(), Key::Is(id) if ids.contains(&id));
    let all = (0..organizations.len() as u32).map(|row| organizations.organization(row));
    let others = all.filter(|organization| is_wanted(&organization.name()) && !told(organization));
    let others: Vec<Subject> = others.map(|organization| Subject::Organization(organization.id())).collect();
    ids.iter().copied().map(Subject::Account).chain(others).collect()
}

impl Subject {
    fn is(self, organization: Organization<'_>) -> bool {
        match self {
            Subject::Account(id) => organization.key() == Key::Is(id),
            Subject::Organization(id) => organization.id() == id,
        }
    }
}

fn described(organization: Organization<'_>) -> String {
    let managed = if organization.is_managed() { "managed" } else { "not managed" };
    let marked = if organization.is_marked() { ", marked" } else { "" };
    format!("organization {} ({}) is {managed}{marked}", organization.id(), shown(&organization.name()))
}

fn outcome(decision: &Decision, key: Option<Id>, organizations: &[u64]) -> Vec<String> {
    let of_change = |change: &&Change| {
        Some(change.key) == key || change.organization.is_some_and(|organization| organizations.contains(&organization))
    };
    let of_issue = |issue: &&Issue| {
        let names = issue.organizations.iter().any(|organization| organizations.contains(organization));
        names || key.is_some_and(|key| issue.accounts.contains(&key))
    };
    let mut outcome: Vec<String> = decision.changes.iter().filter(of_change).flat_map(told).collect();
    outcome.extend(decision.issues.iter().filter(of_issue).map(|issue| format!("{}: {}", issue.kind, issue.message)));
    if outcome.is_empty() {
        outcome.push("nothing is to be done".into());
    }
    outcome
}

fn told(change: &Change) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", change.action.name(), change.reason)];
    lines.extend(
        change
            .fields
            .iter()
            .map(|field| format!("{}: {} → {}", field.target, shown(&field.before), shown(&field.after))),
    );
    lines
}
