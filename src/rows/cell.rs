//! One value of a row, from any source.

use std::borrow::Cow;

/// One value of a row, as a service or a database returned it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// An unknown value: the record lacks the field, or refers to a parent that was not read. This is not the same as no
    /// value.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A number in its shortest spelling: `1988`, even if it was sent as `1988.0`.
    Number(Cow<'a, str>),
    /// A string.
    Text(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    /// Reads a number in any spelling. Text that is not a number becomes a [`Cell::Text`].
    ///
    /// ```
    /// use crm_sync::rows::Cell;
    /// assert_eq!(Cell::number("1988.0"), Cell::Number("1988".into()));
    /// assert_eq!(Cell::number("n/a"), Cell::Text("n/a".into()));
    /// ```
    #[must_use]
    pub fn number(spelling: &'a str) -> Self {
        match shortest(spelling) {
            Some(number) => Self::Number(number.into()),
            None => Self::Text(spelling.into()),
        }
    }
}

/// Returns the shortest spelling of a number: exact for a 64-bit integer, else with the precision of an `f64`.
fn shortest(spelling: &str) -> Option<String> {
    let whole = || spelling.parse::<i64>().map(|number| number.to_string());
    let large = || spelling.parse::<u64>().map(|number| number.to_string());
    let double = || spelling.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number.to_string());
    whole().or_else(|_| large()).ok().or_else(double)
}

impl Cell<'_> {
    /// Returns the text, or `None` if the cell is not a text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns whether the cell has a value: it is not null, not unknown, and not a text that consists of white space.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        match self {
            Cell::Null | Cell::Unknown => false,
            Cell::Text(text) => text.contains(|letter: char| !letter.is_whitespace()),
            Cell::Bool(_) | Cell::Number(_) => true,
        }
    }

    /// Converts the cell into one that owns its text.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        for (spelling, shortest) in [
            ("7", "7"),
            ("+7", "7"),
            ("-0.50", "-0.5"),
            ("1e23", "100000000000000000000000"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(Cell::number(spelling), Cell::Number(shortest.into()), "{spelling}");
        }
        for text in ["", "7 ", "NaN", "inf", "1,5"] {
            assert_eq!(Cell::number(text), Cell::Text(text.into()));
        }
    }
}
