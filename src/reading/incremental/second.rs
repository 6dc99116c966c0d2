//! Times with the precision of one second, which is the finest that a query can ask for.

use std::fmt;

use time::format_description::well_known::Rfc3339;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

const STAMP: &[BorrowedFormatItem<'_>] = format_description!(
    version = 2,
    "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][first [Z] [+0000]]"
);

/// A time in UTC, truncated to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Second(OffsetDateTime);

impl Second {
    /// Parses `2022-02-15T06:21:19.000+0000` or `2022-02-15T06:21:19Z`. Returns `None` for anything else.
    #[must_use]
    pub fn parse(stamp: &str) -> Option<Self> {
        let moment = PrimitiveDateTime::parse(stamp, STAMP).ok()?;
        Some(Self(moment.truncate_to_second().assume_utc()))
    }
}

impl fmt::Display for Second {
    /// Writes the time as a SOQL literal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_in_both_spellings_and_written_as_soql_takes_it() {
        let rest = Second::parse("2022-02-15T06:21:19.000+0000").unwrap();
        assert_eq!(rest, Second::parse("2022-02-15T06:21:19Z").unwrap());
        assert_eq!(rest.to_string(), "2022-02-15T06:21:19Z");
        assert_eq!(rest, Second::parse("2022-02-15T06:21:19.999Z").unwrap());
        assert!(rest < Second::parse("2022-02-15T06:21:20Z").unwrap());
    }

    #[test]
    fn other_formats_are_refused() {
        for text in ["", "2022-02-15", "2022-02-15T06:21:19+02:00", "2022-02-15 06:21:19Z", "é022-02-15T06:21:1éZ"] {
            assert_eq!(Second::parse(text), None, "{text}");
        }
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in ["2022-99-99T99:99:99Z", "2022-02-29T06:21:19Z", "2022-02-15T24:00:00Z", "2022-02-15T06:21:19 or Z"]
        {
            assert_eq!(Second::parse(text), None, "{text}");
        }
    }
}
