//! The format in which the database sends rows of users: each row is packed into one text.
//!
//! A field is `<length in bytes>;<text>` or `<length in characters>:<text>`, so that no text can be mistaken for a
//! separator; or `<number>,` for a value that cannot contain a comma; or `~` for NULL. A text that contains a NUL or is
//! not UTF-8 counts as no value, and its user is reported. The first character of a row is its kind:
//!
//! | kind | fields |
//! |---|---|
//! | `u` | key, linked contact id or [`SEVERAL_ROWS`], flags (may link, in the leads' scope, in the sweep's scope: three digits), written columns |
//! | `a` | key of the user, tier of trust (0 is the strongest of the strongest key), value of the tier's key |
//! | `l` | like `a`, but the user does not exist: the value is only counted |
//! | `c` | the number of all users |
//!
//! If only the users are read whom the sync may change, there are two more kinds:
//!
//! | kind | fields |
//! |---|---|
//! | `o` | like `a`: a value that the database cannot compare, such as an address that is not plain ASCII without blanks at its ends |
//! | `n` | instead of `c`: the number of all users |

use std::borrow::Cow;

use crate::error::{Error, Result};

/// Replaces the contact id of a user for whom the app has several rows with one.
pub(super) const SEVERAL_ROWS: &str = "several rows";
/// The user may be linked.
pub(super) const MAY_LINK: u8 = 1;
/// The user is in the leads' scope.
pub(super) const LEADS: u8 = 2;
/// The user is in the sweep's scope.
pub(super) const SWEEP: u8 = 4;

/// Parses the digits of a user's flags.
pub(super) fn flags(digits: &[u8]) -> u8 {
    let flags = digits.iter().zip([MAY_LINK, LEADS, SWEEP]);
    flags.filter(|(digit, _)| **digit == b'1').map(|(_, flag)| flag).sum()
}

/// Returns the text, unless it contains a NUL or is not UTF-8.
pub(super) fn readable(bytes: &[u8]) -> Option<&str> {
    (!bytes.contains(&0)).then(|| std::str::from_utf8(bytes).ok()).flatten()
}

/// The fields of a row that have not been read yet.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(row: &'a [u8]) -> Self {
        Self(row)
    }

    /// Returns the rest of the row, still packed.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Returns the next field; `None` for NULL.
    pub(super) fn next(&mut self) -> Result<Option<&'a [u8]>> {
        if let Some(rest) = self.0.strip_prefix(b"~") {
            self.0 = rest;
            return Ok(None);
        }
        let end = self.0.iter().position(|byte| b":;,".contains(byte)).ok_or_else(malformed)?;
        let (length, rest) = (&self.0[..end], &self.0[end + 1..]);
        if self.0[end] == b',' {
            self.0 = rest;
            return Ok(Some(length));
        }
        let length = std::str::from_utf8(length).ok().and_then(|length| length.parse().ok()).ok_or_else(malformed)?;
        let end = if self.0[end] == b';' { length } else { bytes_of(rest, length).ok_or_else(malformed)? };
        let (text, rest) = rest.split_at_checked(end).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(Some(text))
    }

    /// Returns the next field, with a replacement character for each sequence that is not UTF-8.
    pub(super) fn lossy(&mut self) -> Result<Option<Cow<'a, str>>> {
        Ok(self.next()?.map(String::from_utf8_lossy))
    }

    pub(super) fn text(&mut self) -> Result<Cow<'a, str>> {
        self.lossy()?.ok_or_else(malformed)
    }

    pub(super) fn number(&mut self) -> Result<usize> {
        self.text()?.parse().map_err(|_| malformed())
    }
}

/// Returns the length in bytes of the first `characters` characters; `None` if there are fewer, or if the text is not
/// UTF-8.
fn bytes_of(text: &[u8], characters: usize) -> Option<usize> {
    if text.get(..characters).is_some_and(<[u8]>::is_ascii) {
        return Some(characters);
    }
    let text = std::str::from_utf8(text).ok()?;
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(characters)
}

pub(super) fn malformed() -> Error {
    Error::Internal("a packed row of the database cannot be read".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_characters_or_bytes_and_texts_may_hold_separators() {
        let mut fields = Fields::new("3:a:é-12,4:~1:~~0:".as_bytes());
        assert_eq!(fields.next().unwrap(), Some("a:é".as_bytes()));
        assert_eq!(fields.next().unwrap(), Some("-12".as_bytes()));
        assert_eq!(fields.next().unwrap(), Some("~1:~".as_bytes()));
        assert_eq!(fields.next().unwrap(), None);
        assert_eq!(fields.next().unwrap(), Some("".as_bytes()));
        assert!(fields.next().is_err());
    }
}
