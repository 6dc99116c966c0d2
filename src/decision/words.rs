//! Values in words.

use crate::error::presentable;
use crate::rows::Cell;

/// Returns a value for a person, fit for a message.
pub(crate) fn shown(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null | Cell::Unknown => "no value".into(),
        Cell::Bool(value) => value.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => format!("{:?}", presentable(text)),
    }
}
