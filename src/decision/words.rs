//! Wording of values.

use crate::error::presentable;
use crate::rows::Cell;

/// Returns a value in the form in which a message shows it.
pub(crate) fn shown(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null | Cell::Unknown => "no value".into(),
        Cell::Bool(value) => value.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => format!("{:?}", presentable(text)),
    }
}
