//! The compare: every account and every organization once, at most one change for each.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::changes::{Action, Budget, Change, FieldChange, Issue};
use super::draft::{Basis, Draft};
use super::join::{groups, join, Entry, Group, Key};
use super::ledger::{Book, Ledger};
use super::rules::Rules;
use super::sources::{AccountTable, Organization, OrganizationTable};
use super::value::{day, is_blank};
use super::{explain, names};
use crate::salesforce::Id;

/// What a compare rests on.
pub(super) struct Case<'a> {
    pub(super) accounts: &'a AccountTable,
    pub(super) organizations: &'a OrganizationTable,
    pub(super) rules: &'a Rules,
    /// Ids that several rows of the organizations have: none of these rows is written.
    pub(super) repeated: BTreeSet<u64>,
}

/// What has to change, what somebody has to look at, and where every row went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The changes, in the order of their keys; a key has at most one.
    pub changes: Vec<Change>,
    /// The issues, in a fixed order.
    pub issues: Vec<Issue>,
    /// The books.
    pub ledger: Ledger,
    /// For each budget, how many organizations could suffer what it limits.
    pub could_suffer: Vec<(Budget, usize)>,
}

/// Compares all accounts with all organizations, in parallel on the current rayon pool.
///
/// Both tables must have been made with these rules. No result depends on the order of rows.
#[must_use]
pub fn compare(accounts: &AccountTable, organizations: &OrganizationTable, rules: &Rules) -> Decision {
    let case = Case { accounts, organizations, rules, repeated: repeated(organizations) };
    let account_keys: Vec<Key<Id>> = rows(accounts.len()).map(|row| accounts.account(row).key()).collect();
    let organization_keys: Vec<Key<Id>> =
        rows(organizations.len()).map(|row| organizations.organization(row).key()).collect();
    let entries = join(&account_keys, &organization_keys);
    let verdicts: Vec<Verdict> = groups(&entries).map(|group| case.verdict(&group)).collect();

    let mut books = Books::new(&case);
    let mut drafts = Vec::new();
    for verdict in verdicts {
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
    books.issues.extend(explain::unknown_options(&case, &drafts));
    books.issues.extend(case.repeated.iter().map(|&id| explain::repeated(id)));
    case.without_key(&account_keys, &organization_keys, &drafts, &mut books);
    let changes = drafts.iter().filter_map(|draft| books.take(&case, draft)).collect();
    books.close(changes, &case)
}

/// What comes of one key: a draft, or a bucket for its accounts and its organizations, with or without an issue.
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
                let managed = self.organizations.organization(organization.row).is_managed();
                if !self.may_adopt(organization.row) {
                    let issue = explain::outside_managed(group.key, self.ids(group.right));
                    return Verdict::Reported(Box::new(issue), accounts, organizations);
                }
                let basis = if managed { Basis::Key } else { Basis::Outside };
                self.following(group.key, account.row, organization.row, basis)
            }
            _ => {
                let issue = explain::duplicated_key(group.key, accounts, self.ids(group.right));
                return Verdict::Reported(Box::new(issue), accounts, organizations);
            }
        };
        match draft.action().is_none() && !draft.is_held() {
            true => Verdict::Silent("unchanged", accounts, organizations),
            false => Verdict::Drafted(Box::new(draft)),
        }
    }

    /// Whether an organization's own id is its own.
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
        Verdict::Drafted(Box::new(self.marking(key, row)))
    }

    /// Rows whose key is blank or malformed; blank is as it should be where an organization is not managed.
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
                Some("blank_key") if !organization.is_managed() => books.enter("unmanaged", 0, 1),
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

    fn change(&self, action: Action, draft: &Draft) -> Change {
        let organization = draft.organization.map(|row| self.organizations.organization(row));
        let name = organization.and_then(|organization| organization.name().text().map(str::to_owned));
        Change {
            action,
            key: draft.key,
            organization: organization.map(Organization::id),
            name: name.or_else(|| draft.new_name().map(str::to_owned)).unwrap_or_default(),
            budgets: self.budgets(action, &draft.fields),
            reason: explain::reason(self, action, draft),
            fields: draft.fields.clone(),
        }
    }

    fn budgets(&self, action: Action, fields: &[FieldChange]) -> Vec<Budget> {
        let clears = |field: &FieldChange| {
            let rule = self.rules.attributes.iter().find(|rule| rule.target == field.target);
            rule.is_some_and(|rule| is_blank(rule.kind, &field.after))
        };
        let mut budgets = Vec::new();
        budgets.extend((action == Action::Mark).then_some(Budget::Mark));
        budgets.extend((action != Action::Create && fields.iter().any(clears)).then_some(Budget::Clear));
        budgets
    }
}

/// The ledger while it is being written, and the issues beside it.
struct Books {
    ledger: Ledger,
    issues: Vec<Issue>,
    /// How many organizations have an account of their own.
    paired: usize,
}

impl Books {
    fn new(case: &Case<'_>) -> Self {
        let ledger =
            Ledger { accounts: Book::new(case.accounts.len()), organizations: Book::new(case.organizations.len()) };
        Self { ledger, issues: Vec::new(), paired: 0 }
    }

    fn enter(&mut self, bucket: &'static str, accounts: usize, organizations: usize) {
        self.ledger.accounts.enter(bucket, accounts);
        self.ledger.organizations.enter(bucket, organizations);
        self.paired += usize::from(accounts == 1 && organizations == 1);
    }

    /// Enters a draft, and makes it a change if something is left of it.
    fn take(&mut self, case: &Case<'_>, draft: &Draft) -> Option<Change> {
        let action = draft.action();
        let held = draft.name_held.filter(|_| draft.basis == Basis::NoOrganization).unwrap_or("held");
        let rows = (usize::from(draft.account.is_some()), usize::from(draft.organization.is_some()));
        self.enter(action.map_or(held, Action::name), rows.0, rows.1);
        let notes = &mut self.ledger.accounts.notes;
        *notes.entry("adopted").or_default() += usize::from(matches!(draft.basis, Basis::Outside | Basis::Name));
        *notes.entry("held_names").or_default() += usize::from(draft.name_held.is_some());
        *notes.entry("unknown_options").or_default() += draft.unknown.len();
        Some(case.change(action?, draft))
    }

    fn close(mut self, mut changes: Vec<Change>, case: &Case<'_>) -> Decision {
        changes.sort_unstable_by_key(|change| change.key);
        self.issues.sort_unstable();
        let count = |holds: fn(Organization<'_>) -> bool| {
            rows(case.organizations.len()).filter(|&row| holds(case.organizations.organization(row))).count()
        };
        let managed = count(|organization| organization.is_managed());
        let notes = &mut self.ledger.organizations.notes;
        notes.insert("managed", managed);
        notes.insert("marked", count(|organization| organization.is_marked()));
        notes.insert("with_account", self.paired);
        let could_suffer = vec![(Budget::Mark, managed), (Budget::Clear, self.paired)];
        Decision { changes, issues: self.issues, ledger: self.ledger, could_suffer }
    }
}

fn wrong(key: Key<Id>) -> Option<&'static str> {
    match key {
        Key::Blank => Some("blank_key"),
        Key::Malformed => Some("malformed_key"),
        Key::Is(_) => None,
    }
}

fn rows(len: usize) -> impl IndexedParallelIterator<Item = u32> {
    (0..len as u32).into_par_iter()
}

fn repeated(organizations: &OrganizationTable) -> BTreeSet<u64> {
    let mut ids: Vec<u64> = rows(organizations.len()).map(|row| organizations.organization(row).id()).collect();
    ids.par_sort_unstable();
    ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
}
