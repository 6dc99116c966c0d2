//! Converts values to the form in which a field takes them.

use super::decimal::Decimal;
use super::kind::Kind;
use super::value::{day, flag, spelling};
use crate::rows::Cell;

/// Returns a value in the form in which a field of the kind takes it; `None` if the field refuses the value.
pub(crate) fn fit(kind: Kind, cell: Cell<'_>) -> Option<Cell<'_>> {
    if !cell.is_filled() {
        return Some(cell);
    }
    match kind {
        Kind::Any | Kind::DropDown => Some(cell),
        // As a text, because a service that stores a number would choose its spelling.
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

/// Returns the cell if it is a number, or a text that spells one. Rewrites a spelling that JSON does not allow, such as
/// `.5`.
fn number(cell: Cell<'_>) -> Option<Cell<'_>> {
    let text = spelling(&cell)?;
    if Decimal::parse(text).is_some() {
        return Some(cell);
    }
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(Cell::Number(value.to_string().into()))
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
}
