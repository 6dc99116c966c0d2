//! The result of a compare.

use super::rules::{Rules, Target};
use crate::compare::is_blank;
use crate::rows::{Cell, Id};

/// The action on an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// An account gets an organization.
    Create,
    /// The attributes of an organization follow the account.
    Update,
    /// A managed organization has no account.
    Mark,
    /// The account of a marked organization is back. The organization loses the mark, and its attributes follow the account.
    Unmark,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 4] = [Action::Create, Action::Update, Action::Mark, Action::Unmark];

    /// Returns its name in plans.
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
    /// The name of the organization before the change.
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

/// A kind of change that a run may make only so often. A new kind is added here, and in `organizations/decide/costs.rb`.
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

    /// Returns its name in declarations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Budget::Mark => "mark",
            Budget::Clear => "clear",
        }
    }

    /// Returns whether a change counts against this budget.
    fn limits(self, action: Action, fields: &[FieldChange], rules: &Rules) -> bool {
        match self {
            Budget::Mark => action == Action::Mark,
            Budget::Clear => action != Action::Create && fields.iter().any(|field| clears(field, rules)),
        }
    }

    /// Returns the number of organizations to which such a change could happen, given how many are managed and how many have
    /// an account.
    fn population(self, managed: usize, paired: usize) -> usize {
        match self {
            Budget::Mark => managed,
            Budget::Clear => paired,
        }
    }
}

/// Returns the budgets that a change counts against.
pub(super) fn budgets(action: Action, fields: &[FieldChange], rules: &Rules) -> Vec<Budget> {
    Budget::ALL.into_iter().filter(|budget| budget.limits(action, fields, rules)).collect()
}

/// Returns for each budget the number of organizations to which its changes could happen.
pub(super) fn could_suffer(managed: usize, paired: usize) -> Vec<(Budget, usize)> {
    Budget::ALL.map(|budget| (budget, budget.population(managed, paired))).to_vec()
}

fn clears(field: &FieldChange, rules: &Rules) -> bool {
    let rule = rules.attributes.iter().find(|rule| rule.target == field.target);
    rule.is_some_and(|rule| is_blank(rule.kind, &field.after) && !is_blank(rule.kind, &field.before))
}

/// Something that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The kind of the issue, such as `duplicated_key`.
    pub kind: &'static str,
    /// The ids of the accounts that it is about.
    pub accounts: Vec<Id>,
    /// The ids of the organizations that it is about.
    pub organizations: Vec<u64>,
    /// The problem, and what to do about it.
    pub message: String,
    /// The attribute or custom field that it is about, if it is about one.
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
