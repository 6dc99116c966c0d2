//! The keys by which contacts and users are matched: which spellings of each kind are the same value.

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
    /// An e-mail address: case does not matter.
    Email,
    /// A text, as it is written.
    Text,
    /// A UUID, in any of its spellings.
    Uuid,
    /// An integer of 64 bits, also where it is written as a text.
    Integer,
    /// The id of a lead, in 15 or 18 characters. It leads to contacts by what became of the lead only.
    Lead,
}

/// The form of a value in which equal values are equal texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form<'a> {
    /// There is no value: a null, or white space.
    Blank,
    /// It is none of the kind, so that it leads nowhere.
    Malformed,
    /// The normalized value.
    Value(Cow<'a, str>),
}

impl KeyKind {
    /// Returns the form of a value that is written as a text. White space at its ends, Unicode's too, never counts.
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

    /// Returns the form of a value of Salesforce. A number is a value of an integer or a text; no address is anything but a
    /// text.
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

    /// Returns what a value of the kind is, for a message.
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

    /// Returns a normalized value for a person who has to recognise it: nobody's address is given away.
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
