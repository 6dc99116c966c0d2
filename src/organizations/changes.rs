//! The changes and the issues of a comparison.

use super::rules::{Rules, Target};
use crate::compare::is_blank;
use crate::rows::{Cell, Id};

/// The action of a change on an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Creates an organization for an account.
    Create,
    /// Updates the attributes of an organization from its account.
    Update,
    /// Marks a managed organization that has no account.
    Mark,
    /// Removes the mark of an organization whose account is back, and updates its attributes from the account.
    Unmark,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 4] = [Action::Create, Action::Update, Action::Mark, Action::Unmark];

    /// Returns the action's name in plans.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Update => "update",
            Action::Mark => "mark",
            Action::Unmark => "unmark",
        }
    }
}

/// The one change of an account or organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The action.
    pub action: Action,
    /// The account's id; for a mark, the id of the missing account.
    pub key: Id,
    /// The organization's id; `None` for one that is to be created.
    pub organization: Option<u64>,
    /// The name of the organization before the change; the new name for an organization that is to be created.
    pub name: String,
    /// The changes of fields, in the order of the declaration; the mark comes last.
    pub fields: Vec<FieldChange>,
    /// The budgets that the change counts against.
    pub budgets: Vec<Budget>,
    /// The reason, for a person.
    pub reason: String,
}

/// The change of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The attribute that changes.
    pub target: Target,
    /// The current value, as the organization spells it.
    pub before: Cell<'static>,
    /// The new value.
    pub after: Cell<'static>,
}

/// A kind of change of which a run may make only a limited number. A new kind must be added here and in
/// `lib/crm_sync/organizations/decide/costs.rb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Budget {
    /// An organization is marked.
    Mark,
    /// A value becomes blank.
    Clear,
}

impl Budget {
    /// All budgets.
    pub const ALL: [Budget; 2] = [Budget::Mark, Budget::Clear];

    /// Returns the budget's name in declarations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Budget::Mark => "mark",
            Budget::Clear => "clear",
        }
    }

    /// Returns whether a change counts against the budget.
    fn limits(self, action: Action, fields: &[FieldChange], rules: &Rules) -> bool {
        match self {
            Budget::Mark => action == Action::Mark,
            Budget::Clear => action != Action::Create && fields.iter().any(|field| clears(field, rules)),
        }
    }

    /// Returns the number of organizations that could suffer such a change, given the numbers of managed organizations
    /// and of organizations with an account.
    fn population(self, managed: usize, paired: usize) -> usize {
        match self {
            Budget::Mark => managed,
            Budget::Clear => paired,
        }
    }
}

/// Returns the budgets against which a change counts.
pub(super) fn budgets(action: Action, fields: &[FieldChange], rules: &Rules) -> Vec<Budget> {
    Budget::ALL.into_iter().filter(|budget| budget.limits(action, fields, rules)).collect()
}

/// Returns for each budget the number of organizations that could suffer the changes that it limits.
pub(super) fn could_suffer(managed: usize, paired: usize) -> Vec<(Budget, usize)> {
    Budget::ALL.map(|budget| (budget, budget.population(managed, paired))).to_vec()
}

fn clears(field: &FieldChange, rules: &Rules) -> bool {
    let rule = rules.attributes.iter().find(|rule| rule.target == field.target);
    rule.is_some_and(|rule| is_blank(rule.kind, &field.after) && !is_blank(rule.kind, &field.before))
}

/// A problem that a person has to resolve.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The kind of the issue, such as `duplicated_key`.
    pub kind: &'static str,
    /// The ids of the accounts that the issue is about.
    pub accounts: Vec<Id>,
    /// The ids of the organizations that the issue is about.
    pub organizations: Vec<u64>,
    /// The problem, and what to do about it.
    pub message: String,
    /// The attribute or custom field that the issue is about, if any.
    pub field: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::rules::{AttributeRule, Source};
    use super::*;
    use crate::compare::Kind;

    #[test]
    fn what_is_cleared_depends_on_the_kind_of_the_field() {
        let rule = |key: &str, kind| AttributeRule {
            target: Target::Field(key.into()),
            kind,
            source: Source::Field(0),
            options: Vec::new(),
        };
        let attributes = vec![rule("note", Kind::Text), rule("active", Kind::Checkbox)];
        let rules = Rules { attributes, ..Rules::default() };
        let spent = |action, key: &str, before| {
            budgets(action, &[FieldChange { target: Target::Field(key.into()), before, after: Cell::Null }], &rules)
        };
        assert_eq!(spent(Action::Update, "note", Cell::Text("x".into())), [Budget::Clear]);
        assert_eq!(spent(Action::Update, "note", Cell::Text(" ".into())), [], "nothing stood there");
        assert_eq!(spent(Action::Update, "active", Cell::Bool(true)), [], "a checkbox is never blank");
        assert_eq!(spent(Action::Create, "note", Cell::Text("x".into())), []);
    }
}
