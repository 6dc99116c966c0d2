//! Compares accounts with organizations: examines each row once, and makes at most one change for each key.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::books::{Books, Decision};
use super::case::{rows, Case};
use super::changes::Issue;
use super::draft::{Basis, Draft};
use super::rules::Rules;
use super::sources::{AccountTable, OrganizationTable};
use super::{explain, names};
use crate::compare::{day, groups, join, Entry, Group, Key};
use crate::rows::Id;

/// Compares all accounts with all organizations, in parallel on the current rayon pool.
///
/// Both tables must have been created with these rules. The result does not depend on the order of their rows.
#[must_use]
pub fn compare(accounts: &AccountTable, organizations: &OrganizationTable, rules: &Rules) -> Decision {
    let case = Case::new(accounts, organizations, rules);
    let account_keys: Vec<Key<Id>> = rows(accounts.len()).map(|row| accounts.account(row).key()).collect();
    let organization_keys: Vec<Key<Id>> =
        rows(organizations.len()).map(|row| organizations.organization(row).key()).collect();
    let entries = join(&account_keys, &organization_keys);
    let verdicts: Vec<(Verdict, usize)> =
        groups(&entries).map(|group| (case.verdict(&group), case.came(&group))).collect();

    let mut books = Books::new(&case);
    let (mut drafts, mut accounts_came) = (Vec::new(), 0);
    for (verdict, came) in verdicts {
        accounts_came += came;
        match verdict {
            Verdict::Drafted(draft) => drafts.push(*draft),
            Verdict::Reported(issue, accounts, organizations) => {
                books.enter(issue.kind, accounts, organizations);
                books.issues.push(*issue);
            }
            Verdict::Silent(bucket, accounts, organizations) => books.enter(bucket, accounts, organizations),
        }
    }
    books.issues.extend(names::settle(&case, &mut drafts));
    books
        .issues
        .extend(drafts.iter().filter(|draft| draft.is_reported()).map(|draft| explain::outside_managed(&case, draft)));
    books.issues.extend(explain::kept(&case, &drafts));
    books.issues.extend(
        drafts
            .iter()
            .filter(|draft| draft.mark_kept && !draft.is_reported())
            .map(|draft| explain::mark_kept(&case, draft)),
    );
    books.issues.extend(case.repeated.iter().map(|&id| explain::repeated(id)));
    case.without_key(&account_keys, &organization_keys, &drafts, &mut books);
    // The groups are in the order of their keys, so the changes are too.
    let changes = drafts.iter().filter_map(|draft| books.take(&case, draft)).collect();
    Decision { accounts_came, ..books.close(changes, &case) }
}

/// The verdict on one key: a draft, or a bucket with the numbers of accounts and organizations to enter, with or
/// without an issue.
enum Verdict {
    Drafted(Box<Draft>),
    Reported(Box<Issue>, usize, usize),
    Silent(&'static str, usize, usize),
}

impl Case<'_> {
    fn verdict(&self, group: &Group<'_, Id>) -> Verdict {
        let (accounts, organizations) = (group.left.len(), group.right.len());
        let draft = match (group.left, group.right) {
            ([account], []) => self.creation(group.key, account.row),
            ([], [organization]) if self.is_one(organization) => {
                return self.without_account(group.key, organization.row);
            }
            ([account], [organization]) if self.is_one(organization) => {
                let basis = match self.organizations.organization(organization.row).is_managed() {
                    true => Basis::Key,
                    false if self.may_adopt(organization.row) => Basis::Outside,
                    false => Basis::Reported,
                };
                self.following(group.key, account.row, organization.row, basis)
            }
            _ => {
                let issue = explain::duplicated_key(group.key, accounts, self.ids(group.right));
                return Verdict::Reported(Box::new(issue), accounts, organizations);
            }
        };
        match draft.is_silent() {
            true => Verdict::Silent("unchanged", accounts, organizations),
            false => Verdict::Drafted(Box::new(draft)),
        }
    }

    /// Returns the number of organizations whose account was read, among those that should have one.
    fn came(&self, group: &Group<'_, Id>) -> usize {
        let expecting = |entry: &&Entry<Id>| self.organizations.organization(entry.row).expects_an_account();
        if group.left.is_empty() {
            0
        } else {
            group.right.iter().filter(expecting).count()
        }
    }

    /// Returns whether no other row has the organization's id.
    fn is_one(&self, entry: &Entry<Id>) -> bool {
        !self.repeated.contains(&self.organizations.organization(entry.row).id())
    }

    fn without_account(&self, key: Id, row: u32) -> Verdict {
        let organization = self.organizations.organization(row);
        if !organization.is_managed() {
            return Verdict::Silent("unmanaged", 0, 1);
        }
        let Some(mark) = &self.rules.mark else { return Verdict::Silent("without_account", 0, 1) };
        if organization.is_marked() {
            return Verdict::Silent("marked_already", 0, 1);
        }
        if let Some(older_than) = &mark.only_if {
            match day(&organization.date()) {
                None => {
                    let issue = explain::without_date(key, organization.id(), &older_than.field);
                    return Verdict::Reported(Box::new(issue), 0, 1);
                }
                Some(day) if day >= older_than.day.as_str() => return Verdict::Silent("not_old_enough", 0, 1),
                Some(_) => {}
            }
        }
        let mut draft = self.marking(key, row);
        if self.mark_is_kept(row, true) {
            draft.mark_kept = true;
            return Verdict::Reported(Box::new(explain::mark_kept(self, &draft)), 0, 1);
        }
        Verdict::Drafted(Box::new(draft))
    }

    /// Enters the rows whose key is blank or malformed. For an organization that is not managed, a blank key is no
    /// problem, nor is a malformed key in a place that other tools use as well.
    fn without_key(&self, accounts: &[Key<Id>], organizations: &[Key<Id>], drafts: &[Draft], books: &mut Books) {
        for (row, key) in (0..).zip(accounts) {
            if let Some(kind) = wrong(*key) {
                books.enter(kind, 1, 0);
                books.issues.push(explain::account_without_key(kind, self.accounts.account(row), self.rules));
            }
        }
        let adopted: BTreeSet<u32> =
            drafts.iter().filter(|draft| draft.basis == Basis::Name).filter_map(|draft| draft.organization).collect();
        for (row, key) in (0..).zip(organizations).filter(|(row, _)| !adopted.contains(row)) {
            let organization = self.organizations.organization(row);
            match wrong(*key) {
                None => {}
                Some(kind) if !organization.is_managed() && (kind == "blank_key" || self.rules.shares_key()) => {
                    books.enter("unmanaged", 0, 1);
                }
                Some(kind) => {
                    books.enter(kind, 0, 1);
                    books.issues.push(explain::organization_without_key(kind, organization));
                }
            }
        }
    }

    fn ids(&self, entries: &[Entry<Id>]) -> Vec<u64> {
        let mut ids: Vec<u64> = entries.iter().map(|entry| self.organizations.organization(entry.row).id()).collect();
        ids.sort_unstable();
        ids
    }
}

fn wrong(key: Key<Id>) -> Option<&'static str> {
    match key {
        Key::Blank => Some("blank_key"),
        Key::Malformed => Some("malformed_key"),
        Key::Is(_) => None,
    }
}

#[cfg(test)]
mod tests;
