//! The actions of changes, and the changes of columns.

use super::rules::ValueNumber;

/// The action of a change on a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Links an unlinked user to a contact.
    Link,
    /// Links a linked user to another contact: the contact is gone, was merged, or is not the user's by a key with
    /// evidence.
    Relink,
    /// Updates the columns of a linked user from the contact.
    Update,
    /// Unlinks a user whose contact is gone.
    Unlink,
    /// Sets the values that follow from the user's leads.
    Lead,
    /// Sets the values for a user with neither contact nor lead.
    Sweep,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 6] =
        [Action::Link, Action::Relink, Action::Update, Action::Unlink, Action::Lead, Action::Sweep];

    /// Returns the action's name in plans.
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

/// The change of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldChange {
    /// The number of the column.
    pub column: usize,
    /// The current value.
    pub before: ValueNumber,
    /// The new value.
    pub after: ValueNumber,
}
