//! The kinds of keys by which contacts and users are matched, and which spellings of each kind are equal.

mod address;
mod integer;
mod uuid;

use std::borrow::Cow;

pub use address::{masked, normalize};

use crate::error::presentable;
use crate::rows::{Cell, Id};

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// An e-mail address, compared as [`normalize`] returns it.
    Email,
    /// A text, compared as it is written, without white space at its ends.
    Text,
    /// A UUID, in any of its spellings.
    Uuid,
    /// An integer of 64 bits, which may be written as a text.
    Integer,
    /// The id of a lead, in 15 or 18 characters. It leads to a contact only if the lead became that contact.
    Lead,
}

/// The normalized form of a value. Equal values have equal texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form<'a> {
    /// No value: null, unknown, or white space.
    Blank,
    /// A value that is not of the kind, and therefore leads nowhere.
    Malformed,
    /// The normalized value.
    Value(Cow<'a, str>),
}

impl KeyKind {
    /// Returns the form of a value that is written as a text. White space at its ends, including Unicode's, is ignored.
    ///
    /// ```
    /// use crm_sync::contacts::{Form, KeyKind};
    /// assert_eq!(KeyKind::Email.form(" Ann@B.edu"), Form::Value("ann@b.edu".into()));
    /// assert_eq!(KeyKind::Text.form("A-7 "), Form::Value("A-7".into()));
    /// assert_eq!(KeyKind::Integer.form("42.0"), Form::Value("42".into()));
    /// assert_eq!(KeyKind::Integer.form("3.5"), Form::Malformed);
    /// assert_eq!(KeyKind::Uuid.form("\t"), Form::Blank);
    /// assert_eq!(KeyKind::Lead.form("00Q4C00000VaYfK"), Form::Value("00Q4C00000VaYfKUAV".into()));
    /// ```
    #[must_use]
    pub fn form(self, text: &str) -> Form<'_> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Form::Blank;
        }
        let normalized = match self {
            Self::Email => normalize(trimmed),
            Self::Text => Some(Cow::Borrowed(trimmed)),
            Self::Uuid => uuid::normalize(trimmed),
            Self::Integer => integer::normalize(trimmed),
            Self::Lead => Id::parse(trimmed).map(|id| Cow::Owned(id.to_string())),
        };
        normalized.map_or(Form::Malformed, Form::Value)
    }

    /// Returns the form of a value of Salesforce. A number can be a value of an integer or a text key. Only a text can
    /// be an address; any other value counts as a blank address.
    #[must_use]
    pub fn form_of<'c>(self, cell: &'c Cell<'_>) -> Form<'c> {
        match cell {
            Cell::Null | Cell::Unknown => Form::Blank,
            Cell::Text(text) => self.form(text),
            _ if self == Self::Email => Form::Blank,
            Cell::Number(number) if matches!(self, Self::Integer | Self::Text) => self.form(number),
            Cell::Number(_) | Cell::Bool(_) => Form::Malformed,
        }
    }

    /// Returns the word for a value of the kind, for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "address",
            Self::Text => "text",
            Self::Uuid => "UUID",
            Self::Integer => "integer",
            Self::Lead => "Salesforce id",
        }
    }

    /// Returns a normalized value in a form that a person can recognise. Addresses are masked.
    #[must_use]
    pub fn shown(self, value: &str) -> String {
        match self {
            Self::Email => masked(value),
            Self::Text if value.contains('@') => masked(value),
            Self::Text | Self::Uuid | Self::Integer | Self::Lead => presentable(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_has_a_form_where_the_kind_can_be_a_number() {
        let number = Cell::number("42.0");
        let forms = [KeyKind::Integer, KeyKind::Text, KeyKind::Uuid, KeyKind::Email].map(|kind| kind.form_of(&number));
        assert_eq!(forms, [Form::Value("42".into()), Form::Value("42".into()), Form::Malformed, Form::Blank]);
        for kind in [KeyKind::Integer, KeyKind::Text, KeyKind::Uuid] {
            assert_eq!(kind.form_of(&Cell::Bool(true)), Form::Malformed);
            assert_eq!(kind.form_of(&Cell::Null), Form::Blank);
        }
        assert_eq!(KeyKind::Email.form_of(&Cell::Bool(true)), Form::Blank);
    }

    #[test]
    fn ids_are_shown_and_addresses_are_not() {
        assert_eq!(KeyKind::Integer.shown("42"), "42");
        assert_eq!(KeyKind::Text.shown("A\u{1b}-7"), "A -7", "nothing that a terminal obeys");
        assert_eq!(KeyKind::Text.shown("ann@b.edu"), "a…@b.edu");
        assert_eq!(KeyKind::Email.shown("ann@b.edu"), "a…@b.edu");
    }
}
