//! Salesforce record ids: 15 case-sensitive characters, or 18 characters that survive a loss of case.

use std::cmp::Ordering;
use std::fmt;

/// A record id in its 18-character form.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id([u8; 18]);

const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

impl Id {
    /// Parses an id of 15 or 18 characters. Returns `None` for anything else, including 18 characters with a wrong
    /// suffix.
    ///
    /// ```
    /// use crm_sync::rows::Id;
    /// assert_eq!(Id::parse("0014M00001sDiGE").unwrap().as_str(), "0014M00001sDiGEQA0");
    /// assert!(Id::parse("0014M00001sDiGEQA1").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !matches!(bytes.len(), 15 | 18) || !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let mut id = [0; 18];
        id[..15].copy_from_slice(&bytes[..15]);
        for chunk in 0..3 {
            let capitals = (0..5).filter(|k| bytes[chunk * 5 + k].is_ascii_uppercase());
            id[15 + chunk] = SUFFIX[capitals.fold(0, |bits, k| bits | 1 << k)];
        }
        (bytes.len() == 15 || bytes[15..] == id[15..]).then_some(Self(id))
    }

    /// Returns the id in its 18-character form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the id in its case-sensitive 15-character form.
    #[must_use]
    pub fn short(&self) -> &str {
        self.as_str().get(..15).unwrap_or_default()
    }
}

impl Id {
    /// Returns the first 16 characters as a number that sorts as the texts do. The last two are derived from the
    /// others.
    fn order(&self) -> u128 {
        let mut first = [0; 16];
        first.copy_from_slice(&self.0[..16]);
        u128::from_be_bytes(first)
    }
}

impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_forms_are_the_same_id() {
        assert_eq!(Id::parse("0034C00000VaYfK"), Id::parse("0034C00000VaYfKQAV"));
        let id = Id::parse("0034C00000VaYfK").unwrap();
        assert_eq!((id.as_str(), id.short()), ("0034C00000VaYfKQAV", "0034C00000VaYfK"));
    }

    #[test]
    fn ids_have_the_order_of_their_texts() {
        let texts = ["001A00000000001", "001a00000000001", "001a00000000002", "001a0000000000A", "003000000000000"];
        let ids: Vec<Id> = texts.iter().filter_map(|text| Id::parse(text)).collect();
        for (one, other) in ids.iter().flat_map(|one| ids.iter().map(move |other| (one, other))) {
            assert_eq!(one.cmp(other), one.as_str().cmp(other.as_str()), "{one} and {other}");
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in
            ["", "   ", "none", "0034C00000VaYfKqav", "0034C00000VaYf!", "0034C00000VaYfKQAVx", "é034C00000VaYf"]
        {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
