//! Dates and datetimes, in the forms of SOQL and of the REST answers.

use std::time::{SystemTime, UNIX_EPOCH};
use winnow::ascii::digit1;
use winnow::combinator::{alt, opt, preceded};
use winnow::token::{one_of, take_while};
use winnow::{Parser, Result};

/// Milliseconds since 1970 of `2022-02-15`, `2022-02-15T06:21:19Z` or `2022-02-15T06:21:19.000+0000`.
pub(crate) fn instant(text: &str) -> Option<i64> {
    // Most texts are no dates; this is asked of many.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    (date, opt(preceded('T', time))).map(|(day, time)| day * 86_400_000 + time.unwrap_or(0)).parse(text).ok()
}

/// Milliseconds since 1970 until now.
pub(crate) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_millis() as i64
}

/// Returns the form of the REST answers: `2022-02-15T06:21:19.000+0000`.
pub(crate) fn text(millis: i64) -> String {
    format!("{}+0000", local(millis))
}

/// Returns the form of the bulk results: `2022-02-15T06:21:19.000Z`.
pub(crate) fn text_utc(millis: i64) -> String {
    format!("{}Z", local(millis))
}

/// Returns the inverse of `days`, and the time of the day.
fn local(millis: i64) -> String {
    let (day, rest) = (millis.div_euclid(86_400_000) + 719_468, millis.rem_euclid(86_400_000));
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + turn;
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}", rest % 1000)
}

fn date(input: &mut &str) -> Result<i64> {
    (digits(4, 1..=9999), '-', digits(2, 1..=12), '-', digits(2, 1..=31))
        .map(|(year, _, month, _, day)| days(year, month, day))
        .parse_next(input)
}

fn time(input: &mut &str) -> Result<i64> {
    let clock = (digits(2, 0..=23), ':', digits(2, 0..=59), ':', digits(2, 0..=60));
    let fraction = opt(preceded('.', digit1));
    (clock, fraction, zone)
        .map(|((hour, _, minute, _, second), fraction, zone)| {
            let digits = fraction.unwrap_or_default().bytes().chain(std::iter::repeat(b'0'));
            let millis = digits.take(3).fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0'));
            let seconds = (hour * 60 + minute - zone) * 60 + second;
            seconds * 1000 + millis
        })
        .parse_next(input)
}

/// Returns the minutes by which local time is ahead of UTC.
fn zone(input: &mut &str) -> Result<i64> {
    let sign = one_of(['+', '-']).map(|sign| if sign == '-' { -1 } else { 1 });
    let offset = (sign, digits(2, 0..=14), opt(':'), digits(2, 0..=59))
        .map(|(sign, hours, _, minutes)| sign * (hours * 60 + minutes));
    alt(('Z'.value(0), offset)).parse_next(input)
}

fn digits<'a>(
    count: usize,
    range: std::ops::RangeInclusive<i64>,
) -> impl Parser<&'a str, i64, winnow::error::ContextError> {
    take_while(count, |digit: char| digit.is_ascii_digit()).parse_to().verify(move |number| range.contains(number))
}

/// Days since 1970, by counting years from March on so that a leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + day_of_year - 719_468
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
            ("2022-13-15", None),
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
