//! Compares values by their meaning. The two sides spell one value in several ways, and if spellings were compared, no
//! plan would ever be empty.

use std::borrow::Cow;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::Date;

use super::decimal::Decimal;
use super::kind::Kind;
use crate::rows::Cell;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Returns whether two values of a field mean the same.
///
/// Null, an unknown value and a text of only white space all mean no value. White space around a text is ignored.
///
/// ```
/// use crm_sync::rows::Cell;
/// use crm_sync::compare::{same, Kind};
/// assert!(same(Kind::Text, &Cell::Null, &Cell::Text("".into())));
/// assert!(same(Kind::Number, &Cell::Number("1".into()), &Cell::Text("1.0".into())));
/// assert!(same(Kind::Date, &Cell::Text("2022-02-24".into()), &Cell::Text("2022-02-24T00:00:00+00:00".into())));
/// ```
#[must_use]
pub fn same(kind: Kind, left: &Cell<'_>, right: &Cell<'_>) -> bool {
    left == right || meaning(kind, left) == meaning(kind, right) || (kind == Kind::Text && number_in_text(left, right))
}

/// Returns whether one side is a number and the other side is a text that spells the number with an exponent: JSON has
/// several spellings for a number, and a service that stores it as a text chooses one of them.
fn number_in_text(left: &Cell<'_>, right: &Cell<'_>) -> bool {
    let ((Cell::Number(number), Cell::Text(text)) | (Cell::Text(text), Cell::Number(number))) = (left, right) else {
        return false;
    };
    // This allows `1e+21`, but not `007`, which a person may mean literally.
    let exponent = |text: &str| text.contains(['e', 'E']);
    (exponent(number) || exponent(text))
        && Decimal::parse(number).is_some_and(|it| Decimal::parse(text.trim()) == Some(it))
}

/// Returns whether a field of the kind has no value. A checkbox always has one.
#[must_use]
pub fn is_blank(kind: Kind, cell: &Cell<'_>) -> bool {
    meaning(kind, cell) == Meaning::Nothing
}

/// Returns the day at the start of a date, as `YYYY-MM-DD`, which sorts chronologically; `None` if there is no date.
///
/// ```
/// use crm_sync::rows::Cell;
/// use crm_sync::compare::day;
/// assert_eq!(day(&Cell::Text("2022-02-24T00:00:00Z".into())), Some("2022-02-24"));
/// assert_eq!(day(&Cell::Text("2022-02-30".into())), None);
/// ```
#[must_use]
pub fn day<'a>(cell: &'a Cell<'_>) -> Option<&'a str> {
    let text = cell.text()?.trim();
    let (day, time) = text.split_at_checked(10)?;
    let separated = matches!(time.bytes().next(), None | Some(b'T' | b't' | b' '));
    (separated && Date::parse(day, DAY).is_ok()).then_some(day)
}

#[derive(Debug, PartialEq, Eq)]
enum Meaning<'a> {
    Nothing,
    Flag(bool),
    Number(Decimal),
    Day(&'a str),
    Text(Cow<'a, str>),
}

fn meaning<'a>(kind: Kind, cell: &'a Cell<'_>) -> Meaning<'a> {
    if !cell.is_filled() {
        return if kind == Kind::Checkbox { Meaning::Flag(false) } else { Meaning::Nothing };
    }
    let special = match kind {
        Kind::Any => plain(cell),
        Kind::Text => None,
        Kind::Number | Kind::Integer => spelling(cell).and_then(Decimal::parse).map(Meaning::Number),
        Kind::Checkbox => flag(cell).map(Meaning::Flag),
        Kind::Date => day(cell).map(Meaning::Day),
        Kind::DropDown => spelling(cell).map(|tag| Meaning::Text(lower_case(tag))),
    };
    // A value that is not of the field's kind is still a value, which equals only its own spelling.
    special.unwrap_or_else(|| Meaning::Text(Cow::Borrowed(spelling(cell).unwrap_or_default())))
}

fn plain<'a>(cell: &Cell<'_>) -> Option<Meaning<'a>> {
    match cell {
        Cell::Bool(value) => Some(Meaning::Flag(*value)),
        Cell::Number(number) => Decimal::parse(number).map(Meaning::Number),
        _ => None,
    }
}

pub(super) fn spelling<'a>(cell: &'a Cell<'_>) -> Option<&'a str> {
    match cell {
        Cell::Null | Cell::Unknown => None,
        Cell::Bool(true) => Some("true"),
        Cell::Bool(false) => Some("false"),
        Cell::Number(number) => Some(number),
        Cell::Text(text) => Some(text.trim()),
    }
}

fn lower_case(text: &str) -> Cow<'_, str> {
    match text.chars().all(|c| c.is_ascii() && !c.is_ascii_uppercase()) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.to_lowercase()),
    }
}

pub(super) fn flag(cell: &Cell<'_>) -> Option<bool> {
    match spelling(cell)? {
        text if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        text if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(text.into())
    }

    fn number(text: &str) -> Cell<'_> {
        Cell::Number(text.into())
    }

    #[test]
    fn nothing_is_nothing_in_all_its_spellings() {
        for kind in [Kind::Any, Kind::Text, Kind::Number, Kind::Date, Kind::DropDown] {
            for blank in [Cell::Null, Cell::Unknown, text(""), text(" \u{a0}")] {
                assert!(same(kind, &Cell::Null, &blank), "{kind:?} {blank:?}");
                assert!(is_blank(kind, &blank));
                assert!(!same(kind, &blank, &text("0")) && !same(kind, &blank, &Cell::Bool(false)));
            }
        }
    }

    #[test]
    fn numbers_are_equal_by_value() {
        for (left, right) in [("1", "1.0"), ("1000", "1e3"), ("-0", "0.00"), ("0.05", "5E-2"), ("120", "1.2e+2")] {
            assert!(same(Kind::Any, &number(left), &number(right)), "{left} {right}");
            assert!(same(Kind::Number, &text(left), &number(right)), "{left} {right}");
        }
        for (left, right) in
            [("1", "-1"), ("1", "10"), ("9007199254740993", "9007199254740992"), ("1", "1x"), ("1", "")]
        {
            assert!(!same(Kind::Number, &text(left), &text(right)), "{left} {right}");
        }
    }

    #[test]
    fn a_text_is_a_number_only_where_the_field_is_one() {
        assert!(!same(Kind::Any, &number("1"), &text("1")));
        assert!(same(Kind::Text, &number("1"), &text(" 1 ")));
        assert!(!same(Kind::Text, &number("1"), &text("1.0")));
        assert!(same(Kind::Number, &text("n/a"), &text("n/a ")));
    }

    #[test]
    fn checkboxes_are_false_until_they_are_set() {
        for off in [Cell::Null, text(""), text("False"), number("0"), Cell::Bool(false)] {
            assert!(same(Kind::Checkbox, &Cell::Bool(false), &off), "{off:?}");
            assert!(!same(Kind::Checkbox, &Cell::Bool(true), &off), "{off:?}");
        }
        assert!(same(Kind::Checkbox, &Cell::Bool(true), &text("true")));
        assert!(!same(Kind::Checkbox, &Cell::Bool(false), &text("no")));
        assert!(!is_blank(Kind::Checkbox, &Cell::Null));
    }

    #[test]
    fn dates_are_equal_by_day() {
        let day = text("2022-02-24");
        for other in ["2022-02-24T00:00:00Z", "2022-02-24T00:00:00+00:00", "2022-02-24 00:00:00 UTC", " 2022-02-24"] {
            assert!(same(Kind::Date, &day, &text(other)), "{other}");
        }
        for other in ["2022-02-25", "2022-02-241", "24.02.2022", "2022-2-24", "+202-02-24", "2022-02+24"] {
            assert!(!same(Kind::Date, &day, &text(other)), "{other}");
        }
    }

    #[test]
    fn a_number_that_a_text_spells_is_the_same_number() {
        for spelled in ["1e+21", "1.0E21", " 1000000000000000000000 "] {
            assert!(same(Kind::Text, &number("1e21"), &text(spelled)), "{spelled}");
            assert!(same(Kind::Text, &text(spelled), &number("1e21")), "{spelled}");
        }
        assert!(same(Kind::Text, &number("1000000000000000000000"), &text("1e21")));
        assert!(!same(Kind::Text, &number("1e21"), &text("1e22")) && !same(Kind::Text, &number("1e21"), &text("e")));
        assert!(!same(Kind::Text, &number("7"), &text("007")), "a person may mean it as it stands");
        assert!(!same(Kind::Text, &text("1e21"), &text("1e+21")), "both are texts");
        assert!(!same(Kind::DropDown, &number("1e21"), &text("1e+21")));
    }

    #[test]
    fn what_looks_like_a_day_and_is_none() {
        for wrong in [
            "2023-02-29",
            "1900-02-29",
            "2022-13-01",
            "2022-00-10",
            "2022-04-31",
            "2022-06-31",
            "2022-09-31",
            "2022-11-31",
            "2022-01-32",
            "2022/04/01",
            "+022-04-01",
        ] {
            assert_eq!(super::day(&text(wrong)), None, "{wrong}");
        }
        assert_eq!(super::day(&text("2000-02-29")), Some("2000-02-29"));
        assert_eq!(super::day(&text("ääääää")), None);
    }

    #[test]
    fn tags_have_no_case() {
        assert!(same(Kind::DropDown, &text("Open_Partner"), &text("open_partner")));
        assert!(!same(Kind::DropDown, &text("open partner"), &text("open_partner")));
        assert!(!same(Kind::Text, &text("Open"), &text("open")));
    }
}
