//! Dates and datetimes, in the formats of SOQL and of REST responses.

use time::format_description::well_known::Rfc3339;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

type Form = &'static [BorrowedFormatItem<'static>];

const DAY: Form = format_description!("[year]-[month]-[day]");
/// RFC 3339, but without the colon in the offset.
const REST: Form = format_description!(
    version = 2,
    "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory][offset_minute]"
);
const LOCAL: Form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]");

/// Returns the milliseconds since 1970 of `2022-02-15`, `2022-02-15T06:21:19Z` or `2022-02-15T06:21:19.000+0000`.
pub(crate) fn instant(text: &str) -> Option<i64> {
    // A quick check, because this is called for many texts and most of them are not dates.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let moment = match text.contains('T') {
        true => OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, REST)).ok()?,
        false => Date::parse(text, DAY).ok()?.midnight().assume_utc(),
    };
    Some((moment.unix_timestamp_nanos() / 1_000_000) as i64)
}

/// Returns the time in the format of REST responses: `2022-02-15T06:21:19.000+0000`.
pub(crate) fn text(millis: i64) -> String {
    format!("{}+0000", local(millis))
}

/// Returns the time in the format of bulk results: `2022-02-15T06:21:19.000Z`.
pub(crate) fn text_utc(millis: i64) -> String {
    format!("{}Z", local(millis))
}

fn local(millis: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    moment.ok().and_then(|moment| moment.format(LOCAL).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{instant, text, text_utc};

    #[test]
    fn reads_all_forms() {
        let cases = [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(951_782_400_000)),
            ("2022-02-15T06:21:19.000+0000", Some(1_644_906_079_000)),
            ("2022-02-15T06:21:19Z", Some(1_644_906_079_000)),
            ("2022-02-15T08:21:19.5+02:00", Some(1_644_906_079_500)),
            ("2022-02-15T06:21:19", None),
            ("2022-02-15T06:21:19+02:00", Some(1_644_898_879_000)),
            ("2022-02-15T06:21:19-0130", Some(1_644_911_479_000)),
            ("2022-13-15", None),
            ("2022-02-29", None),
            ("2022-02-15 ", None),
            ("7d0a1c45-14f3-d744-f177-477f022a716d", None),
            ("", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(instant(text), wanted, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for day in (-100_000..100_000).step_by(13) {
            let millis = day * 86_400_000 + 3_723_004;
            assert_eq!(instant(&text(millis)), Some(millis));
        }
        assert_eq!(text(951_782_400_000), "2000-02-29T00:00:00.000+0000");
        assert_eq!(text_utc(1_644_906_079_007), "2022-02-15T06:21:19.007Z");
    }
}
