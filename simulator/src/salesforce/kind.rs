//! The types of fields. Salesforce refuses a filter with a value of another type, so quotes matter.

use super::soql::ast::Literal;
use super::soql::instant::instant;
use serde_json::Value;

/// The type of a field, inferred from its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Boolean,
    Int,
    Double,
    Date,
    DateTime,
    Text,
    /// An address, or a parent that is stored in the record itself.
    Compound,
}

impl Kind {
    pub(crate) fn of(value: &Value) -> Kind {
        match value {
            Value::Bool(_) => Kind::Boolean,
            Value::Number(number) if number.is_f64() => Kind::Double,
            Value::Number(_) => Kind::Int,
            Value::String(text) if instant(text).is_some() => match text.contains('T') {
                true => Kind::DateTime,
                false => Kind::Date,
            },
            Value::Object(_) => Kind::Compound,
            _ => Kind::Text,
        }
    }

    pub(crate) fn takes(self, literal: &Literal) -> bool {
        match literal {
            Literal::Null => true,
            Literal::Bool(_) => matches!(self, Kind::Boolean),
            Literal::Number(_) => matches!(self, Kind::Int | Kind::Double),
            Literal::Instant(_) => matches!(self, Kind::Date | Kind::DateTime),
            Literal::Text(_) => matches!(self, Kind::Text | Kind::Compound),
        }
    }

    pub(crate) fn refusal(self, field: &str) -> String {
        let (kind, quotes) = match self {
            Kind::Boolean => ("boolean", "should not"),
            Kind::Int | Kind::Double => ("double", "should not"),
            Kind::Date | Kind::DateTime => ("dateTime", "should not"),
            Kind::Text | Kind::Compound => ("string", "should"),
        };
        format!(
            "value of filter criterion for field '{field}' must be of type {kind} and {quotes} be enclosed in quotes"
        )
    }
}
