//! One value, whoever gave it.

use std::borrow::Cow;

/// One value of a row, as a remote side or a database gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Not to be had: the row names a parent that is not there. Unknown is not empty.
    Unknown,
    /// A truth value.
    Bool(bool),
    /// A number in its shortest spelling: `1988`, also where it was sent as `1988.0`.
    Number(Cow<'a, str>),
    /// A text.
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    /// Returns the text of a text, nothing for all else.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns whether it is neither null nor a text of white space.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        match self {
            Cell::Null | Cell::Unknown => false,
            Cell::Text(text) => !text.trim().is_empty(),
            Cell::Bool(_) | Cell::Number(_) => true,
        }
    }

    /// Returns the same value, kept for itself.
    #[must_use]
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Cell::Null => Cell::Null,
            Cell::Unknown => Cell::Unknown,
            Cell::Bool(value) => Cell::Bool(value),
            Cell::Number(text) => Cell::Number(Cow::Owned(text.into_owned())),
            Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
        }
    }
}
