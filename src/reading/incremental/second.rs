//! Moments as Salesforce's stamps have them, to the second: finer is nothing that can be asked for.

use std::fmt;

/// A second, in UTC. Its number reads like the moment: `20220215062119`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Second(u64);

impl Second {
    /// Reads `2022-02-15T06:21:19.000+0000` or `2022-02-15T06:21:19Z`; `None` for anything else.
    #[must_use]
    pub fn parse(stamp: &str) -> Option<Self> {
        let (moment, rest) = stamp.split_at_checked(19)?;
        let form = b"dddd-dd-ddTdd:dd:dd";
        let fits = |(byte, wanted): (u8, &u8)| if *wanted == b'd' { byte.is_ascii_digit() } else { byte == *wanted };
        let utc = rest.ends_with('Z') || rest.ends_with("+0000");
        let digits = moment.bytes().filter(u8::is_ascii_digit);
        (utc && moment.bytes().zip(form).all(fits))
            .then(|| Self(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))))
    }
}

impl fmt::Display for Second {
    /// Writes the time as SOQL takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |unit: u64, size: u64| self.0 / unit % size;
        write!(f, "{:04}-{:02}-{:02}T", self.0 / 10_000_000_000, part(100_000_000, 100), part(1_000_000, 100))?;
        write!(f, "{:02}:{:02}:{:02}Z", part(10_000, 100), part(100, 100), part(1, 100))
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
        assert!(rest < Second::parse("2022-02-15T06:21:20Z").unwrap());
    }

    #[test]
    fn what_is_no_stamp_in_utc_is_none() {
        for text in ["", "2022-02-15", "2022-02-15T06:21:19+02:00", "2022-02-15 06:21:19Z", "é022-02-15T06:21:1éZ"] {
            assert_eq!(Second::parse(text), None, "{text}");
        }
    }
}
