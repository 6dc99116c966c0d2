//! The result of a decision.

use super::rules::ValueNumber;
use super::users::{Key, UserNumber};
use crate::rows::Id;

/// The action on a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// An unlinked user gets a contact.
    Link,
    /// A user whose contact is gone gets another one.
    Relink,
    /// The fields of a linked user follow the contact.
    Update,
    /// A user whose contact is gone loses it.
    Unlink,
    /// Leads decide.
    Lead,
    /// Neither contact nor lead.
    Sweep,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 6] =
        [Action::Link, Action::Relink, Action::Update, Action::Unlink, Action::Lead, Action::Sweep];

    /// Returns its name in plans.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Action::Link => "link",
            Action::Relink => "relink",
            Action::Update => "update",
            Action::Unlink => "unlink",
            Action::Lead => "lead",
            Action::Sweep => "sweep",
        }
    }
}

/// The one change of a user.
#[derive(Debug, Clone)]
pub struct Change {
    /// The action.
    pub action: Action,
    /// The user's number in the table.
    pub user: UserNumber,
    /// The contact that the user has afterwards.
    pub contact: Option<Id>,
    /// The address by which the contact or the leads were found.
    pub matched: Option<Match>,
    /// The columns that change, in the order of the declaration.
    pub fields: Vec<FieldChange>,
    /// The budgets that it counts against.
    pub budgets: Vec<Budget>,
    /// The reason, for a person.
    pub reason: String,
}

/// An address that led somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The normalized address.
    pub address: String,
    /// The number of its tier of trust.
    pub tier: u8,
}

/// A column's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldChange {
    /// The number of the column.
    pub column: usize,
    /// The value that stands there.
    pub before: ValueNumber,
    /// The value that it gets.
    pub after: ValueNumber,
}

/// The cost of a change, by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Budget {
    /// A user loses the contact.
    Unlink,
    /// A linked user gets another contact.
    Relink,
    /// A user leaves a privileged value.
    Demote,
    /// A linked user gains a privileged value.
    Promote,
    /// A value becomes blank.
    Clear,
    /// A user leaves a value that means something, because of leads.
    Lead,
    /// A user leaves a value that means something, for want of contact and lead.
    Sweep,
    /// A budget of the declaration's own, by its number.
    Named(usize),
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
    /// The problem and what to do, without anybody's address.
    pub message: String,
    /// The column that it is about, if it is about one.
    pub field: Option<String>,
}
