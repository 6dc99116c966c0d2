//! The result of a decision.

use std::collections::BTreeSet;

use super::action::{Action, FieldChange};
use super::budgets::{Budget, Cost};
use super::primary_keys::{Key, UserNumber};
use crate::rows::Id;

/// The change of a user. A decision makes at most one for each user.
#[derive(Debug, Clone)]
pub struct Change {
    /// The action.
    pub action: Action,
    /// The number of the user in the table.
    pub user: UserNumber,
    /// The contact that the user has after the change.
    pub contact: Option<Id>,
    /// The key value by which the contact or the leads were found.
    pub matched: Option<Match>,
    /// The changes of columns, in the order of the declaration.
    pub fields: Vec<FieldChange>,
    /// The costs of the change, separately for each part of it.
    pub costs: Vec<Cost>,
    /// The reason for the change, for people.
    pub reason: String,
}

impl Change {
    /// Returns the budgets that the change counts against.
    #[must_use]
    pub fn budgets(&self) -> BTreeSet<Budget> {
        self.costs.iter().map(|cost| cost.budget).collect()
    }
}

/// A key value that led to a contact or a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The normalized value, such as an address.
    pub address: String,
    /// The number of its tier of trust.
    pub tier: u8,
}

/// A problem that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The kind of the issue, such as `contested_address`.
    pub kind: &'static str,
    /// The contacts concerned.
    pub contacts: Vec<Id>,
    /// The keys of the users concerned.
    pub users: Vec<Key>,
    /// The problem and what to do about it, without anybody's address.
    pub message: String,
    /// The column concerned, if there is one.
    pub field: Option<String>,
}
