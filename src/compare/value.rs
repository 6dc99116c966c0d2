//! Comparing by meaning: two sides spell one value in many ways, and a plan that sees differences in spelling is never empty.

use std::borrow::Cow;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::Date;

use super::decimal::Decimal;
use crate::rows::Cell;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The kind of a field, as Zendesk's organization fields tell; it says which spellings mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Not known: a value is what its JSON says, so that `1` is `1.0`, but not `"1"`.
    #[default]
    Any,
    /// A text; a number or a truth value in it is its spelling.
    Text,
    /// A number, also where it is sent as a text.
    Number,
    /// The same without a fraction.
    Integer,
    /// A truth value; none at all is `false`.
    Checkbox,
    /// A day, with or without a time of day behind it.
    Date,
    /// The tag of an option; case does not matter.
    DropDown,
}

impl Kind {
    /// Returns the kind of a field of Zendesk's `type`; `None` for types whose values are no single value, such as
    /// `multiselect`.
    ///
    /// ```
    /// use crm_sync::compare::Kind;
    /// assert_eq!(Kind::of_zendesk("decimal"), Some(Kind::Number));
    /// assert_eq!(Kind::of_zendesk("multiselect"), None);
    /// ```
    #[must_use]
    pub fn of_zendesk(name: &str) -> Option<Self> {
        Some(match name {
            "text" | "textarea" | "regexp" => Kind::Text,
            "decimal" => Kind::Number,
            "integer" => Kind::Integer,
            "checkbox" => Kind::Checkbox,
            "date" => Kind::Date,
            "dropdown" => Kind::DropDown,
            _ => return None,
        })
    }
}

/// Returns whether two values of a field mean the same.
///
/// Null, what is not there and a text of white space are not a value; white space around a text does not count.
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

/// Returns whether one side is a number, and the other a text that spells it: JSON has many spellings for one number,
/// and the one who stores it decides which of them becomes the text.
fn number_in_text(left: &Cell<'_>, right: &Cell<'_>) -> bool {
    let ((Cell::Number(number), Cell::Text(text)) | (Cell::Text(text), Cell::Number(number))) = (left, right) else {
        return false;
    };
    // `1e+21`, but not `007`, which a person may mean as it stands.
    let exponent = |text: &str| text.contains(['e', 'E']);
    (exponent(number) || exponent(text))
        && Decimal::parse(number).is_some_and(|it| Decimal::parse(text.trim()) == Some(it))
}

/// Returns the value in a form that a field of the kind takes; `None` for one that it refuses.
pub(crate) fn fit(kind: Kind, cell: Cell<'_>) -> Option<Cell<'_>> {
    if !cell.is_filled() {
        return Some(cell);
    }
    match kind {
        Kind::Any | Kind::DropDown => Some(cell),
        // Compares as text: a number would be spelled by who stores it.
        Kind::Text => match cell {
            Cell::Text(_) => Some(cell),
            other => spelling(&other).map(|text| Cell::Text(text.to_owned().into())),
        },
        Kind::Number => number(cell),
        Kind::Integer => spelling(&cell).and_then(Decimal::parse).and_then(|number| number.whole()).map(Cell::Number),
        Kind::Checkbox => flag(&cell).map(Cell::Bool),
        Kind::Date => day(&cell).is_some().then_some(cell),
    }
}

/// Reads as a number also a text that is one in another way than JSON spells it, such as `.5`.
fn number(cell: Cell<'_>) -> Option<Cell<'_>> {
    let text = spelling(&cell)?;
    if Decimal::parse(text).is_some() {
        return Some(cell);
    }
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(Cell::Number(value.to_string().into()))
}

/// Returns whether a value of the kind is none; a checkbox always has one.
#[must_use]
pub fn is_blank(kind: Kind, cell: &Cell<'_>) -> bool {
    meaning(kind, cell) == Meaning::Nothing
}

/// Returns the day at the start of a date, as `YYYY-MM-DD`, which sorts as days do; `None` for what is no date.
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
    // A value that is not of its kind is still a value, equal to its own spelling only.
    special.unwrap_or_else(|| Meaning::Text(Cow::Borrowed(spelling(cell).unwrap_or_default())))
}

fn plain<'a>(cell: &Cell<'_>) -> Option<Meaning<'a>> {
    match cell {
        Cell::Bool(value) => Some(Meaning::Flag(*value)),
        Cell::Number(number) => Decimal::parse(number).map(Meaning::Number),
        _ => None,
    }
}

fn spelling<'a>(cell: &'a Cell<'_>) -> Option<&'a str> {
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

fn flag(cell: &Cell<'_>) -> Option<bool> {
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
    fn the_types_of_zendesk_have_kinds_unless_a_value_is_several() {
        let kinds = [
            ("text", Some(Kind::Text)),
            ("textarea", Some(Kind::Text)),
            ("regexp", Some(Kind::Text)),
            ("decimal", Some(Kind::Number)),
            ("integer", Some(Kind::Integer)),
            ("checkbox", Some(Kind::Checkbox)),
            ("date", Some(Kind::Date)),
            ("dropdown", Some(Kind::DropDown)),
            ("multiselect", None),
            ("lookup", None),
        ];
        for (name, kind) in kinds {
            assert_eq!(Kind::of_zendesk(name), kind, "{name}");
        }
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
    fn what_a_field_does_not_take_does_not_fit() {
        let fits = |kind, cell: Cell<'static>| fit(kind, cell).map(|cell| format!("{cell:?}"));
        let is = |cell: Cell<'static>| Some(format!("{cell:?}"));
        for kind in [Kind::Any, Kind::Text, Kind::Number, Kind::Integer, Kind::Checkbox, Kind::Date, Kind::DropDown] {
            assert_eq!(fits(kind, Cell::Null), is(Cell::Null), "{kind:?}");
            assert_eq!(fits(kind, text(" ")), is(text(" ")), "{kind:?}");
        }
        assert_eq!(fits(Kind::Text, number("1e21")), is(text("1e21")));
        assert_eq!(fits(Kind::Text, Cell::Bool(true)), is(text("true")));
        assert_eq!(fits(Kind::Text, text(" a ")), is(text(" a ")));
        assert_eq!(fits(Kind::Number, text("1.5")), is(text("1.5")));
        assert_eq!(fits(Kind::Number, text(".5")), is(number("0.5")));
        for (wrong, kind) in [
            ("n/a", Kind::Number),
            ("NaN", Kind::Number),
            ("inf", Kind::Number),
            ("1.5", Kind::Integer),
            ("1e19", Kind::Integer),
            ("12345678901234567890", Kind::Integer),
            ("1e99999", Kind::Integer),
            ("Yes", Kind::Checkbox),
            ("2", Kind::Checkbox),
            ("2023-02-29", Kind::Date),
            ("soon", Kind::Date),
        ] {
            assert_eq!(fits(kind, text(wrong)), None, "{wrong} {kind:?}");
        }
        assert_eq!(fits(Kind::Number, Cell::Bool(true)), None);
        assert_eq!(fits(Kind::Date, number("20240229")), None);
        for (whole, digits) in
            [("12.0", "12"), ("1.2e1", "12"), ("-0", "0"), ("-30", "-30"), ("9e18", "9000000000000000000")]
        {
            assert_eq!(fits(Kind::Integer, text(whole)), is(number(digits)), "{whole}");
        }
        for (flag, value) in [("TRUE", true), ("1", true), ("False", false), ("0", false)] {
            assert_eq!(fits(Kind::Checkbox, text(flag)), is(Cell::Bool(value)), "{flag}");
        }
        assert_eq!(fits(Kind::Date, text("2024-02-29")), is(text("2024-02-29")));
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
