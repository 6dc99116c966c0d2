//! The words for decisions: the reasons of changes, and the issues.

use std::collections::BTreeMap;

use super::case::Case;
use super::changes::{Action, Issue};
use super::draft::{Basis, Draft, Kept};
use super::rules::{AttributeRule, Rules, Source};
use super::sources::{Account, Organization};
use crate::compare::Kind;
use crate::decision::shown;
use crate::error::{counted, list, named, presentable};
use crate::rows::{Cell, Id};

/// Returns the reason for a change, as a sentence.
pub(super) fn reason(case: &Case<'_>, action: Action, draft: &Draft) -> String {
    let key = draft.key;
    let back = if action == Action::Unmark { format!("account {key} is back: ") } else { String::new() };
    match draft.basis {
        Basis::NoOrganization => format!("account {key} has no organization"),
        Basis::Key => format!("{back}the organization has the id of account {key}"),
        Basis::Outside | Basis::Reported => {
            format!("{back}the organization has the id of account {key}, but is not managed yet")
        }
        Basis::Name => format!("{back}the organization has the name of account {key}, and no account id"),
        Basis::NoAccount => {
            let only_if = case.rules.mark.as_ref().and_then(|mark| mark.only_if.as_ref());
            let old = only_if.map(|only_if| format!(", and {} lies before {}", only_if.field, only_if.day));
            format!("no account has the id {key}{}", old.unwrap_or_default())
        }
    }
}

pub(super) fn duplicated_key(key: Id, accounts: usize, organizations: Vec<u64>) -> Issue {
    let have = if accounts + organizations.len() == 1 { "has" } else { "have" };
    let holders = [
        (accounts > 0).then(|| counted(accounts, "account")),
        (!organizations.is_empty()).then(|| named("organization", &organizations)),
    ];
    let message = format!(
        "{} {have} the account id {key}; none of them is written until each side has it once",
        holders.into_iter().flatten().collect::<Vec<_>>().join(" and ")
    );
    Issue { kind: "duplicated_key", accounts: vec![key], organizations, message, field: None }
}

pub(super) fn repeated(id: u64) -> Issue {
    let message = format!("organization {id} was read more than once; nothing is written to it");
    Issue { kind: "duplicated_organization", accounts: Vec::new(), organizations: vec![id], message, field: None }
}

pub(super) fn outside_managed(case: &Case<'_>, draft: &Draft) -> Issue {
    let (key, organizations) = (draft.key, ids(case, draft.organization.as_slice()));
    let message =
        format!("account {key} stands on {}, which is not a managed one", named("organization", &organizations));
    Issue { kind: "outside_managed", accounts: vec![key], organizations, message, field: None }
}

pub(super) fn without_date(key: Id, organization: u64, field: &str) -> Issue {
    let message = format!(
        "organization {organization} has no account (id {key}), but is kept: its {field} has no date that can be read"
    );
    Issue { kind: "without_date", accounts: vec![key], organizations: vec![organization], message, field: None }
}

pub(super) fn account_without_key(kind: &'static str, account: Account<'_>, rules: &Rules) -> Issue {
    let name = rules.attributes.iter().position(|rule| rule.target.is_name()).map(|name| account.desired(name));
    let name = name.map_or_else(String::new, |name| format!(" {}", shown(&name)));
    let message = format!("the account{name} {}; it is left out", wrong(kind, &account.raw_key()));
    Issue { kind, accounts: Vec::new(), organizations: Vec::new(), message, field: None }
}

pub(super) fn organization_without_key(kind: &'static str, organization: Organization<'_>) -> Issue {
    let id = organization.id();
    let wrong = wrong(kind, &organization.raw_key());
    let message =
        format!("organization {id} ({}) {wrong}; it is neither written nor marked", shown(&organization.name()));
    Issue { kind, accounts: Vec::new(), organizations: vec![id], message, field: None }
}

fn wrong(kind: &'static str, key: &Cell<'_>) -> String {
    match kind {
        "blank_key" => "has no account id".into(),
        _ => format!("has {} for an account id, which is none", shown(key)),
    }
}

pub(super) fn blank_name(case: &Case<'_>, draft: &Draft) -> Issue {
    let organizations = ids(case, draft.organization.as_slice());
    let message = format!("account {} has no name that its organization could get", draft.key);
    Issue { kind: "blank_name", accounts: vec![draft.key], organizations, message, field: None }
}

pub(super) fn name_wanted_twice(name: &str, accounts: impl Iterator<Item = Id>) -> Issue {
    let accounts: Vec<Id> = accounts.collect();
    let message =
        format!("the accounts {} want one name, {:?}; none of them gets it", list(&accounts), presentable(name));
    Issue { kind: "name_wanted_twice", accounts, organizations: Vec::new(), message, field: None }
}

pub(super) fn name_taken(case: &Case<'_>, name: &str, draft: &Draft, holders: &[u32], leave: bool) -> Issue {
    let organizations = ids(case, holders);
    let outlook = match (leave, organizations.len()) {
        (true, 1) => "is given another one in this run; the next run takes it",
        (true, _) => "are given others in this run; the next run takes it",
        (false, 1) => "has it",
        (false, _) => "have it",
    };
    let message = format!(
        "account {} cannot give the name {:?}: {} {outlook}",
        draft.key,
        presentable(name),
        named("organization", &organizations)
    );
    Issue { kind: "name_taken", accounts: vec![draft.key], organizations, message, field: None }
}

/// Returns one issue for each value that cannot be written, and one for each attribute that stays as it is for another
/// reason, with the accounts concerned.
pub(super) fn kept(case: &Case<'_>, drafts: &[Draft]) -> Vec<Issue> {
    let mut found: BTreeMap<(Kept, usize, String), Vec<&Draft>> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| !draft.is_reported()) {
        for &(why, attribute) in &draft.kept {
            let value = draft.account.map_or(Cell::Null, |account| case.accounts.account(account).desired(attribute));
            let value = match why {
                Kept::NotTaken => String::new(),
                Kept::Unmanaged if !value.is_filled() => String::new(),
                _ => shown(&value),
            };
            found.entry((why, attribute, value)).or_default().push(draft);
        }
    }
    let issue = |((why, attribute, value), drafts): ((Kept, usize, String), Vec<&Draft>)| Issue {
        kind: why.issue(),
        accounts: drafts.iter().map(|draft| draft.key).collect(),
        organizations: ids(case, &drafts.iter().filter_map(|draft| draft.organization).collect::<Vec<_>>()),
        message: stays(why, &case.rules.attributes[attribute], &value, &outcome(case, attribute, &drafts)),
        field: Some(case.rules.attributes[attribute].target.to_string()),
    };
    found.into_iter().map(issue).collect()
}

/// Returns what happens to the accounts whose attribute is not written: it stays as it is, or, where a new organization
/// needs it, none is created.
fn outcome(case: &Case<'_>, attribute: usize, drafts: &[&Draft]) -> String {
    let is_needed = case.rules.is_needed(&case.rules.attributes[attribute].target);
    let is_missed = |draft: &&Draft| is_needed && draft.basis == Basis::NoOrganization;
    let (missed, kept): (Vec<&Draft>, Vec<&Draft>) = drafts.iter().copied().partition(is_missed);
    let parts = [("it stays as it is for", kept), ("no organization is created for", missed)];
    let keys = |drafts: &[&Draft]| drafts.iter().map(|draft| draft.key).collect::<Vec<Id>>();
    let told = parts.iter().filter(|(_, drafts)| !drafts.is_empty());
    let told = told.map(|(what, drafts)| format!("{what} {}", named("account", &keys(drafts))));
    told.collect::<Vec<String>>().join(", and ")
}

fn stays(why: Kept, rule: &AttributeRule, value: &str, outcome: &str) -> String {
    let target = &rule.target;
    match why {
        Kept::UnknownOption => format!("{target} has no option {value}; {outcome}"),
        Kept::Unfit if value.contains(char::REPLACEMENT_CHARACTER) => {
            format!("{target} cannot hold {value}, of which a part could not be read; {outcome}")
        }
        Kept::Unfit => format!("{target} cannot hold {value}, because it takes {}; {outcome}", taken(rule.kind)),
        Kept::NotReadable => format!(
            "{target} is taken from a record that the account names, and that could not be read; {outcome}; let the \
             integration user see it"
        ),
        Kept::Unmanaged if matches!(rule.source, Source::FirstOf(_)) => {
            format!("no case of first_of: gives {target} a value of managed:; {outcome}")
        }
        Kept::Unmanaged if value.is_empty() => {
            format!("{target} gets no value from the account, and needs one of managed:; {outcome}")
        }
        Kept::Unmanaged => format!("{target} cannot follow {value}, which is no value of managed:; {outcome}"),
        Kept::NotTaken => format!("{target}: {outcome}: {NOT_TAKEN}"),
    }
}

const NOT_TAKEN: &str =
    "Zendesk said that it was written, and what had stood there stood there again; look for a trigger, an \
                         automation or an app there. It is tried again when either side says something else";

/// Returns the words for the values that a field of a kind takes.
fn taken(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "numbers",
        Kind::Integer => "whole numbers",
        Kind::Checkbox => "true and false",
        Kind::Date => "days",
        Kind::Any | Kind::Text | Kind::DropDown => "texts",
    }
}

/// Returns the issue for a mark that is not set, or not removed, because Zendesk refused to change it.
pub(super) fn mark_kept(case: &Case<'_>, draft: &Draft) -> Issue {
    let organizations = ids(case, draft.organization.as_slice());
    let mark = case.rules.mark.as_ref().map_or("", |mark| &mark.field);
    let message = format!("organization_fields.{mark}: it stays as it is for account {}: {NOT_TAKEN}", draft.key);
    Issue { kind: Kept::NotTaken.issue(), accounts: vec![draft.key], organizations, message, field: None }
}

fn ids(case: &Case<'_>, organizations: &[u32]) -> Vec<u64> {
    let mut ids: Vec<u64> = organizations.iter().map(|&row| case.organizations.organization(row).id()).collect();
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests {
    use super::super::rules::{Source, Target};
    use super::*;

    #[test]
    fn all_who_have_one_account_id_are_named() {
        let key = Id::parse("0014M00001sDiGEQA0").unwrap();
        let told = |accounts, organizations: &[u64]| duplicated_key(key, accounts, organizations.to_vec()).message;
        let begins = |message: String, start: &str| assert!(message.starts_with(start), "{message}");
        begins(told(2, &[7, 8]), "2 accounts and organizations 7, 8 have the account id 0014M00001sDiGEQA0; ");
        begins(told(2, &[]), "2 accounts have the account id ");
        begins(told(0, &[7, 8]), "organizations 7, 8 have the account id ");
        begins(told(0, &[7]), "organization 7 has the account id ");
    }

    #[test]
    fn what_a_field_cannot_hold_is_told_with_the_reason() {
        let kinds = [
            (Kind::Number, "numbers"),
            (Kind::Integer, "whole numbers"),
            (Kind::Checkbox, "true and false"),
            (Kind::Date, "days"),
            (Kind::Text, "texts"),
        ];
        for (kind, takes) in kinds {
            let target = Target::Field("size".into());
            let rule = AttributeRule { target, kind, source: Source::Field(0), options: Vec::new() };
            let told = stays(Kept::Unfit, &rule, "\"x\"", "it stays");
            assert!(told.contains(&format!("size cannot hold \"x\", because it takes {takes}; ")), "{told}");
            let told = stays(Kept::Unfit, &rule, "\"x\u{fffd}\"", "it stays");
            assert!(told.contains("of which a part could not be read"), "{told}");
        }
    }
}
