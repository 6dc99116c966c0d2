//! Holds back names that are not free: names are unique in Zendesk, but not in Salesforce.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::case::Case;
use super::changes::Issue;
use super::draft::{Basis, Draft};
use super::explain;
use super::rules::Policy;
use crate::compare::Key;

/// Holds back every name that is taken or wanted twice, or adopts the organization that has the name. Returns the
/// issues.
///
/// A name that another organization gives up in the same run still counts as taken: jobs run concurrently, so it is not
/// known which of them writes first. The next run finds the name free.
pub(super) fn settle(case: &Case<'_>, drafts: &mut [Draft]) -> Vec<Issue> {
    let mut issues = blank_names(case, drafts);
    let wanted = wanted(drafts);
    let holders = holders(case, &wanted);
    let mut taken = Vec::new();
    for (name, drafters) in wanted {
        let [drafter] = drafters[..] else {
            issues.push(explain::name_wanted_twice(&name, drafters.iter().map(|&drafter| drafts[drafter].key)));
            drafters.iter().for_each(|&drafter| drafts[drafter].hold_name("name_wanted_twice"));
            continue;
        };
        let draft = &mut drafts[drafter];
        let others = holders.get(&name).into_iter().flatten().copied().filter(|row| Some(*row) != draft.organization);
        let others: Vec<u32> = others.collect();
        match (others.as_slice(), draft.basis) {
            ([], _) | (_, Basis::Reported) => {}
            ([holder], Basis::NoOrganization) if is_adoptable(case, *holder) => {
                let account = draft.account.unwrap_or_default();
                *draft = case.following(draft.key, account, *holder, Basis::Name);
            }
            _ => {
                draft.hold_name("name_taken");
                taken.push((name, drafter, others));
            }
        }
    }
    let leaving = leaving(drafts);
    issues.extend(taken.into_iter().map(|(name, drafter, others)| {
        let leaves = others.iter().all(|holder| leaving.contains(holder));
        explain::name_taken(case, &name, &drafts[drafter], &others, leaves)
    }));
    issues
}

fn blank_names(case: &Case<'_>, drafts: &[Draft]) -> Vec<Issue> {
    let blank = drafts.iter().filter(|draft| draft.name_held == Some("blank_name") && !draft.is_reported());
    blank.map(|draft| explain::blank_name(case, draft)).collect()
}

/// Returns the drafts that want each name, in the order of the names.
fn wanted(drafts: &[Draft]) -> BTreeMap<String, Vec<usize>> {
    let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (drafter, draft) in drafts.iter().enumerate() {
        if let Some(name) = draft.new_name() {
            wanted.entry(folded(name)).or_default().push(drafter);
        }
    }
    wanted
}

/// Returns the organizations that have each of the names now.
fn holders(case: &Case<'_>, wanted: &BTreeMap<String, Vec<usize>>) -> HashMap<String, Vec<u32>> {
    if wanted.is_empty() {
        return HashMap::new();
    }
    let names: HashSet<&str> = wanted.keys().map(String::as_str).collect();
    let holder = |row: u32| {
        let name = folded(case.organizations.organization(row).name().text()?);
        names.contains(name.as_str()).then_some((name, row))
    };
    let found: Vec<_> = (0..case.organizations.len() as u32).into_par_iter().filter_map(holder).collect();
    let mut holders: HashMap<String, Vec<u32>> = HashMap::new();
    found.into_iter().for_each(|(name, row)| holders.entry(name).or_default().push(row));
    holders
}

/// Returns whether an account that wants the name of an organization may adopt it, because it belongs to no other
/// account.
fn is_adoptable(case: &Case<'_>, row: u32) -> bool {
    let organization = case.organizations.organization(row);
    let unowned = organization.key() == Key::Blank && !case.repeated.contains(&organization.id());
    case.rules.name_taken == Policy::Adopt && unowned && case.may_adopt(row)
}

/// Returns the organizations that get another name in this run.
fn leaving(drafts: &[Draft]) -> HashSet<u32> {
    let renamed = drafts.iter().filter(|draft| draft.new_name().is_some() && !draft.is_reported());
    renamed.filter_map(|draft| draft.organization).collect()
}

/// Returns a name as Zendesk compares it: without white space around it, and in lower case.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
