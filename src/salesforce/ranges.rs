//! Splits an object into ranges of ids. Ids sort as case-sensitive ASCII, so they are treated as numbers in base 62.

use super::statement::Range;
use crate::rows::Id;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The number of rows in a range, with their lowest and highest id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Census {
    pub(super) rows: u64,
    pub(super) least: Id,
    pub(super) greatest: Id,
}

impl Census {
    /// Splits a range into at most `parts` ranges. They have equal width between the lowest and the highest id.
    pub(super) fn cut(&self, range: Range, parts: u64) -> Vec<Range> {
        let (least, greatest) = (number(self.least), number(self.greatest));
        let width = greatest - least.min(greatest);
        let parts = u128::from(parts.max(1)).min(width.max(1));
        let mut after = range.after;
        let mut ranges = Vec::new();
        for part in 1..=parts {
            let last = part == parts;
            // The last range ends where the whole range does, and so includes rows that were added since the count.
            let upto = if last { range.upto } else { id(least + width * part / parts) };
            ranges.push(Range { after, upto });
            after = upto;
        }
        ranges
    }
}

fn number(id: Id) -> u128 {
    let digit = |byte: u8| DIGITS.iter().position(|digit| *digit == byte).unwrap_or_default() as u128;
    id.short().bytes().fold(0, |number, byte| number * 62 + digit(byte))
}

fn id(number: u128) -> Option<Id> {
    let mut text = [0; 15];
    let mut rest = number;
    for place in text.iter_mut().rev() {
        *place = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    Id::parse(std::str::from_utf8(&text).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(least: &str, greatest: &str) -> Census {
        Census { rows: 9, least: Id::parse(least).unwrap(), greatest: Id::parse(greatest).unwrap() }
    }

    #[test]
    fn an_id_is_a_number() {
        let one = Id::parse("0034C00000VaYfKQAV").unwrap();
        assert_eq!(id(number(one)), Some(one));
        assert!(number(Id::parse("0034C00000VaYfK").unwrap()) < number(Id::parse("0034C00000VaYfk").unwrap()));
    }

    #[test]
    fn ranges_follow_each_other_without_a_gap() {
        let whole = Range { after: Id::parse("003000000000001"), upto: None };
        let ranges = census("003000000000002", "0034C00000VaYfK").cut(whole, 5);
        assert_eq!((ranges.len(), ranges[0].after, ranges[4].upto), (5, whole.after, None));
        assert!(ranges.windows(2).all(|pair| pair[0].upto == pair[1].after && pair[0].upto.is_some()));
        assert!(ranges.windows(2).all(|pair| pair[0].upto < pair[1].upto || pair[1].upto.is_none()));
    }

    #[test]
    fn narrow_ranges_are_cut_into_fewer_parts() {
        let ranges = census("003000000000001", "003000000000003").cut(Range::default(), 9);
        assert_eq!(ranges.len(), 2);
        assert_eq!(census("003000000000001", "003000000000001").cut(Range::default(), 9).len(), 1);
    }
}
