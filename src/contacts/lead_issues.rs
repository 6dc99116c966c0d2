//! The issues of leads.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Verdicts};
use super::changes::Issue;
use super::index::Claimant;
use super::primary_keys::UserNumber;
use super::words::ids;
use crate::decision::shown;
use crate::error::{counted, list, presentable};

/// Returns one issue for each status that the declaration does not take, and one for each user whose leads became
/// contacts that contradict them.
pub(super) fn issues(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Issue> {
    let contradicted = verdicts.iter().filter(|(_, verdict)| !verdict.contradicted.is_empty());
    let mut issues: Vec<Issue> =
        contradicted.map(|(user, verdict)| contradiction(case, *user, &verdict.contradicted)).collect();
    issues.extend(strange_statuses(case, verdicts));
    issues
}

fn contradiction(case: &Case<'_>, user: UserNumber, contacts: &[Claimant]) -> Issue {
    let contacts = ids(case, contacts.iter().copied());
    let key = case.users.key(user);
    let message = format!(
        "the leads of user {key} became the contacts {}, which are there and do not say what the leads would; nothing about \
         the user changes. Look whether the contact has the user's address",
        list(&contacts)
    );
    Issue { kind: "converted_contact", contacts, users: vec![key], message, field: None }
}

fn strange_statuses(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Issue> {
    let Some(taken) = &case.rules.lead_statuses else { return Vec::new() };
    let mut found: BTreeMap<usize, BTreeSet<UserNumber>> = BTreeMap::new();
    for (user, _) in verdicts.iter().filter(|(_, verdict)| verdict.strange_lead) {
        let leads = case.lead_hits.of(*user).iter().flat_map(|hit| hit.claimants(&case.leads.keys));
        let statuses = leads.map(|lead| case.leads.statuses().number(lead as usize));
        statuses.filter(|&status| !taken[status]).for_each(|status| {
            found.entry(status).or_default().insert(*user);
        });
    }
    let issue = |(status, users): (usize, BTreeSet<UserNumber>)| {
        let status = case.leads.statuses().distinct()[status].iter().map(shown).collect::<Vec<_>>().join(", ");
        let message = format!(
            "the declaration does not say what a lead means whose status is {}; nothing changes for {}",
            presentable(&status),
            counted(users.len(), "user")
        );
        let users = users.into_iter().map(|user| case.users.key(user)).collect();
        Issue { kind: "unknown_lead_status", contacts: Vec::new(), users, message, field: None }
    };
    found.into_iter().map(issue).collect()
}
