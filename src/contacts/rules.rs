//! The rules of a declaration of a contact sync, with every value as a number.
//!
//! Patterns and enum types are the caller's concern: the caller maps each distinct value once, and the decisions
//! compare numbers. For each column, equal numbers mean equal values.

use std::collections::{BTreeSet, HashSet};

use super::keys::KeyKind;
use crate::rows::Id;

/// The number of a value of one column.
pub type ValueNumber = u32;

/// Everything that the decisions need to know about a declaration.
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
    /// True if a contact with a value of a stronger key that no user has is not linked by a weaker key.
    pub hold_disagreeing: bool,
    /// True if one contact may have several users.
    pub share_contacts: bool,
    /// The values that are set when a user's contact is gone.
    pub contact_missing: Vec<Assignment>,
    /// The contacts that may only be invisible, but were missing often enough to count as gone; with `None`, every
    /// missing contact counts as gone at once.
    pub missing_before: Option<HashSet<Id>>,
    /// `Some(true)` if the integration user can see all contacts, so that a missing contact is gone; `None` if this is
    /// not known.
    pub sees_all: Option<bool>,
    /// True if a user whose contact is gone is left alone unless another contact takes its place.
    pub keep_missing: bool,
    /// The rules for leads. The first rule that holds applies.
    pub leads: Vec<LeadRule>,
    /// For each distinct status of leads, true if the declaration takes it; `None` if it takes all.
    pub lead_statuses: Option<Vec<bool>>,
    /// The values that are set for a user with neither contact nor lead.
    pub unmatched: Vec<Assignment>,
    /// The values that are written back to the contact.
    pub write_backs: Vec<Assignment>,
    /// True if something is written back to each contact to which a user is linked.
    pub write_back_links: bool,
    /// Budgets that the declaration adds.
    pub budgets: Vec<NamedBudget>,
}

impl Rules {
    /// Returns whether a value means something: it is neither blank, nor the default of the column, nor the value that
    /// a user with neither contact nor lead gets.
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
    /// The number of the value of each distinct text that the database has.
    pub values: Vec<ValueNumber>,
    /// The values that are blank: NULL, if the column allows it, and texts of white space.
    pub blank: BTreeSet<ValueNumber>,
    /// The default of the column.
    pub default: Option<ValueNumber>,
    /// The privileged values, which have budgets of their own.
    pub privileged: BTreeSet<ValueNumber>,
    /// The transitions that are never made.
    pub protected: BTreeSet<(ValueNumber, ValueNumber)>,
}

/// The rule by which an attribute of a contact becomes the value of a column.
#[derive(Debug, Clone, Default)]
pub struct AttributeRule {
    /// The number of the column.
    pub column: usize,
    /// True if the column is set only while it is blank.
    pub fills: bool,
    /// The meaning of each distinct source value.
    pub outcomes: Vec<Outcome>,
}

/// The meaning of a source value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No value: the column stays as it is.
    Keep,
    /// The column gets this value.
    Set(ValueNumber),
    /// A value that the declaration does not know: the column stays as it is, and an issue reports it.
    Quarantine,
    /// A value that the column cannot hold: the column stays as it is, and an issue reports it.
    Unfit,
    /// A reference to a row that does not exist, or is not unique: the column stays as it is, and an issue reports it.
    Missing,
}

/// A key by which users are matched to contacts.
#[derive(Debug, Clone)]
pub struct KeyRule {
    /// The key's name in the declaration.
    pub name: String,
    /// The kind of the key's values.
    pub kind: KeyKind,
    /// True if a linked user whose contact has another value of the key is relinked to the contact that has the user's
    /// value.
    pub evidence: bool,
}

/// A tier of trust.
#[derive(Debug, Clone)]
pub struct Tier {
    /// The tier's name in the declaration.
    pub name: String,
    /// True if the tier's values lead to contacts.
    pub contacts: bool,
    /// True if the tier's values lead to leads.
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

/// A rule for the leads of a user.
#[derive(Debug, Clone)]
pub struct LeadRule {
    /// For each distinct status, true if the rule includes it. The rule holds if it includes the status of every lead
    /// of the user; `None` always holds.
    pub all: Option<Vec<bool>>,
    /// The values that are set.
    pub set: Vec<Assignment>,
}

/// A budget that the declaration adds: it limits how often a column is set to a value.
#[derive(Debug, Clone)]
pub struct NamedBudget {
    /// The budget's name.
    pub name: String,
    /// The value that counts.
    pub on: Assignment,
}
