//! The result of a decision.

use std::collections::BTreeSet;

use super::action::{Action, FieldChange};
use super::budgets::{Budget, Cost};
use super::primary_keys::{Key, UserNumber};
use crate::rows::Id;

/// The one change of a user.
#[derive(Debug, Clone)]
pub struct Change {
    /// The action.
    pub action: Action,
    /// The user's number in the table.
    pub user: UserNumber,
    /// The contact that the user has afterwards.
    pub contact: Option<Id>,
    /// The key value by which the contact or the leads were found.
    pub matched: Option<Match>,
    /// The columns that change, in the order of the declaration.
    pub fields: Vec<FieldChange>,
    /// The costs of the change, part by part.
    pub costs: Vec<Cost>,
    /// The reason, for a person.
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

/// Something that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// Its kind, such as `contested_address`.
    pub kind: &'static str,
    /// The contacts that it is about.
    pub contacts: Vec<Id>,
    /// The users that it is about.
    pub users: Vec<Key>,
    /// The problem and what to do about it, without anybody's address.
    pub message: String,
    /// The column that it is about, if it is about one.
    pub field: Option<String>,
}
