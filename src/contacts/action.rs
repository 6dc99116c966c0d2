//! The actions on users.

use super::rules::ValueNumber;

/// The action on a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// An unlinked user gets a contact.
    Link,
    /// A user whose contact is gone gets another contact.
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

/// The change of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldChange {
    /// The number of the column.
    pub column: usize,
    /// The current value.
    pub before: ValueNumber,
    /// The new value.
    pub after: ValueNumber,
}
