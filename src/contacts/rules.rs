//! The rules of a declaration, with every value as a number.
//!
//! Patterns and enum types belong to the caller: it maps each distinct value once, and the decisions compare numbers. For
//! each column, equal numbers mean equal values.

use std::collections::{BTreeSet, HashSet};

use super::keys::KeyKind;
use crate::rows::Id;

/// The number of a value of one column.
pub type ValueNumber = u32;

/// Everything that the decisions need to know of a declaration.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The columns that may be written.
    pub columns: Vec<ColumnRule>,
    /// The meaning of each attribute of a contact.
    pub attributes: Vec<AttributeRule>,
    /// The keys, strongest first.
    pub keys: Vec<KeyRule>,
    /// The tiers of trust of all keys, strongest first.
    pub tiers: Vec<Tier>,
    /// True if a contact with a value of a stronger key that is nobody's is not linked by a weaker one.
    pub hold_disagreeing: bool,
    /// True if one contact may have several users.
    pub share_contacts: bool,
    /// The values that are set when a user's contact is gone.
    pub contact_missing: Vec<Assignment>,
    /// The contacts, of those that may only be invisible, that were already missing often enough to count as gone now; with
    /// `None` they do at once.
    pub missing_before: Option<HashSet<Id>>,
    /// `Some(true)` if the integration user sees all contacts, so that one that does not come is gone; `None` where
    /// nobody knows.
    pub sees_all: Option<bool>,
    /// True if a user whose contact is gone is left alone unless another one takes its place.
    pub keep_missing: bool,
    /// The meaning of leads: the first rule that fits.
    pub leads: Vec<LeadRule>,
    /// A flag for each distinct status of leads: true if the declaration takes it; `None` takes them all.
    pub lead_statuses: Option<Vec<bool>>,
    /// The values that are set where there is neither contact nor lead.
    pub unmatched: Vec<Assignment>,
    /// The values that are written back to the contact.
    pub write_backs: Vec<Assignment>,
    /// True if something is written back to each contact that a user gets.
    pub write_back_links: bool,
    /// Budgets that the declaration adds.
    pub budgets: Vec<NamedBudget>,
}

impl Rules {
    /// Returns whether a value of a column says something about a user: it is not blank, not what a new row has, and
    /// not what a user with neither contact nor lead gets.
    pub(super) fn means_something(&self, column: usize, value: ValueNumber) -> bool {
        let rule = &self.columns[column];
        let unmatched = self.unmatched.contains(&Assignment { column, value });
        !unmatched && !rule.blank.contains(&value) && rule.default != Some(value)
    }
}

/// A column that may be written.
#[derive(Debug, Clone, Default)]
pub struct ColumnRule {
    /// The column's name.
    pub name: String,
    /// The value of each distinct text that the database has.
    pub values: Vec<ValueNumber>,
    /// The values that are none: NULL, where the column may be, and texts of white space.
    pub blank: BTreeSet<ValueNumber>,
    /// The value that a new row has.
    pub default: Option<ValueNumber>,
    /// The values that one does not take away lightly.
    pub privileged: BTreeSet<ValueNumber>,
    /// Transitions that are not made.
    pub protected: BTreeSet<(ValueNumber, ValueNumber)>,
}

/// The rule by which an attribute of a contact becomes the value of a column.
#[derive(Debug, Clone, Default)]
pub struct AttributeRule {
    /// The number of the column.
    pub column: usize,
    /// True if only a blank column gets a value.
    pub fills: bool,
    /// The meaning of each distinct source value.
    pub outcomes: Vec<Outcome>,
}

/// The meaning of a source value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: the column stays as it is.
    Keep,
    /// The column gets this value.
    Set(ValueNumber),
    /// The declaration does not know the value: the column stays as it is, and somebody is told.
    Quarantine,
    /// The column cannot hold the value as it is: the column stays as it is, and somebody is told.
    Unfit,
    /// The column refers to a row, and none has the value, or several have: the column stays as it is, and somebody is
    /// told.
    Missing,
}

/// A key by which users are matched to contacts.
#[derive(Debug, Clone)]
pub struct KeyRule {
    /// Its name in the declaration.
    pub name: String,
    /// The kind of its values.
    pub kind: KeyKind,
    /// True if a linked user goes to the contact with his value where his own has another one.
    pub evidence: bool,
}

/// A tier of trust.
#[derive(Debug, Clone)]
pub struct Tier {
    /// Its name in the declaration.
    pub name: String,
    /// True if its values lead to contacts.
    pub contacts: bool,
    /// True if its values lead to leads.
    pub leads: bool,
    /// The number of the key.
    pub key: usize,
}

/// A column and the value that it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The number of the column.
    pub column: usize,
    /// The number of the value.
    pub value: ValueNumber,
}

/// The meaning of the leads of a user.
#[derive(Debug, Clone)]
pub struct LeadRule {
    /// A flag for each distinct status: true if the rule fits it; the rule holds when it fits all. `None` always holds.
    pub all: Option<Vec<bool>>,
    /// The values that are set.
    pub set: Vec<Assignment>,
}

/// A budget of the declaration's own: how often a column may come to have a value.
#[derive(Debug, Clone)]
pub struct NamedBudget {
    /// Its name.
    pub name: String,
    /// The value that counts.
    pub on: Assignment,
}
