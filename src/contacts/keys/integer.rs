//! Integers as keys.

use std::borrow::Cow;

use crate::compare::{fit, Kind};
use crate::rows::Cell;

/// Returns the shortest spelling of a 64-bit integer; `None` if the text is not one.
pub(super) fn normalize(trimmed: &str) -> Option<Cow<'_, str>> {
    if let Ok(number) = trimmed.parse::<i64>() {
        let shortest = number.to_string();
        return Some(if shortest == trimmed { Cow::Borrowed(trimmed) } else { Cow::Owned(shortest) });
    }
    match fit(Kind::Integer, Cell::Text(trimmed.into()))? {
        Cell::Number(number) => Some(Cow::Owned(number.into_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_integer_has_one_form() {
        for spelling in ["42", "+42", "042", "42.0", "4.2e1", "420E-1"] {
            assert_eq!(normalize(spelling).as_deref(), Some("42"), "{spelling}");
        }
        assert_eq!(normalize("-0").as_deref(), Some("0"));
        assert_eq!(normalize("-9223372036854775808").as_deref(), Some("-9223372036854775808"));
        assert_eq!(normalize("9007199254740993.0").as_deref(), Some("9007199254740993"), "a double has not all digits");
    }

    #[test]
    fn what_is_no_integer_of_64_bits_has_no_form() {
        for text in ["3.5", "x", "1e400", "9223372036854775808", "4 2", "--1", "0x2a", "٤٢"] {
            assert_eq!(normalize(text), None, "{text}");
        }
    }
}
