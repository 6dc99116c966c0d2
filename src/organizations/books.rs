//! Collects the ledger, the changes and the issues while a decision is made.

use rayon::prelude::*;

use super::case::{rows, Case};
use super::changes::{self, Action, Budget, Change, Issue};
use super::draft::{Basis, Draft, Kept};
use super::explain;
use super::ledger::Ledger;
use super::sources::Organization;
use crate::decision::Book;

/// The result of a comparison: the changes, the issues, and a ledger of all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The changes, in the order of their keys; at most one for each key.
    pub changes: Vec<Change>,
    /// The issues, in a fixed order.
    pub issues: Vec<Issue>,
    /// The ledger of all rows.
    pub ledger: Ledger,
    /// For each budget, the number of organizations that could suffer the changes that it limits.
    pub could_suffer: Vec<(Budget, usize)>,
    /// The number of organizations whose account was read, among those that should have one (managed, not marked, with
    /// an id).
    pub accounts_came: usize,
}

/// The ledger, the changes and the issues while they are being collected.
pub(super) struct Books {
    ledger: Ledger,
    pub(super) issues: Vec<Issue>,
    /// The number of organizations that are paired with exactly one account.
    paired: usize,
}

impl Books {
    pub(super) fn new(case: &Case<'_>) -> Self {
        let ledger =
            Ledger { accounts: Book::new(case.accounts.len()), organizations: Book::new(case.organizations.len()) };
        Self { ledger, issues: Vec::new(), paired: 0 }
    }

    /// Enters rows into a bucket.
    pub(super) fn enter(&mut self, bucket: &'static str, accounts: usize, organizations: usize) {
        self.ledger.accounts.enter(bucket, accounts);
        self.ledger.organizations.enter(bucket, organizations);
        self.paired += usize::from(accounts == 1 && organizations == 1);
    }

    /// Enters the rows of a draft, and returns its change, if anything is left to change.
    pub(super) fn take(&mut self, case: &Case<'_>, draft: &Draft) -> Option<Change> {
        let action = draft.action();
        let held = match draft.basis {
            Basis::NoOrganization => draft.name_held.unwrap_or("held"),
            Basis::Reported => "outside_managed",
            _ => "held",
        };
        let rows = (usize::from(draft.account.is_some()), usize::from(draft.organization.is_some()));
        self.enter(action.map_or(held, Action::name), rows.0, rows.1);
        if draft.is_reported() {
            return None;
        }
        let notes = &mut self.ledger.accounts.notes;
        *notes.entry("adopted").or_default() += usize::from(matches!(draft.basis, Basis::Outside | Basis::Name));
        *notes.entry("held_names").or_default() += usize::from(draft.name_held.is_some());
        for why in Kept::ALL {
            *notes.entry(why.note()).or_default() += draft.kept.iter().filter(|(kept, _)| *kept == why).count();
        }
        Some(case.change(action?, draft))
    }

    /// Returns the decision.
    pub(super) fn close(mut self, changes: Vec<Change>, case: &Case<'_>) -> Decision {
        self.issues.sort_unstable();
        let holds = |row| {
            let organization = case.organizations.organization(row);
            [organization.is_managed(), organization.is_marked(), organization.expects_an_account()].map(usize::from)
        };
        let sum = |left: [usize; 3], right: [usize; 3]| std::array::from_fn(|place| left[place] + right[place]);
        let [managed, marked, expecting] = rows(case.organizations.len()).map(holds).reduce(|| [0; 3], sum);
        let notes = &mut self.ledger.organizations.notes;
        notes.insert("managed", managed);
        notes.insert("marked", marked);
        notes.insert("with_account", self.paired);
        notes.insert("expecting_an_account", expecting);
        let could_suffer = changes::could_suffer(managed, self.paired);
        Decision { changes, issues: self.issues, ledger: self.ledger, could_suffer, accounts_came: 0 }
    }
}

impl Case<'_> {
    fn change(&self, action: Action, draft: &Draft) -> Change {
        let organization = draft.organization.map(|row| self.organizations.organization(row));
        let name = organization.and_then(|organization| organization.name().text().map(str::to_owned));
        Change {
            action,
            key: draft.key,
            organization: organization.map(Organization::id),
            name: name.or_else(|| draft.new_name().map(str::to_owned)).unwrap_or_default(),
            budgets: changes::budgets(action, &draft.fields, self.rules),
            reason: explain::reason(self, action, draft),
            fields: draft.fields.clone(),
        }
    }
}
