//! The types of fields: Salesforce refuses a filter whose value has another, so that quotes matter.

use super::soql::ast::Literal;
use super::soql::instant::instant;
use serde_json::Value;

/// The type of a field, as far as its first value tells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Boolean,
    Number,
    Date,
    Text,
}

impl Kind {
    pub(crate) fn of(value: &Value) -> Kind {
        match value {
            Value::Bool(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::String(text) if instant(text).is_some() => Kind::Date,
            _ => Kind::Text,
        }
    }

    pub(crate) fn takes(self, literal: &Literal) -> bool {
        match literal {
            Literal::Null => true,
            Literal::Bool(_) => matches!(self, Kind::Boolean),
            Literal::Number(_) => matches!(self, Kind::Number),
            Literal::Instant(_) => matches!(self, Kind::Date),
            Literal::Text(_) => matches!(self, Kind::Text),
        }
    }

    pub(crate) fn refusal(self, field: &str) -> String {
        let (kind, quotes) = match self {
            Kind::Boolean => ("boolean", "should not"),
            Kind::Number => ("double", "should not"),
            Kind::Date => ("dateTime", "should not"),
            Kind::Text => ("string", "should"),
        };
        format!(
            "value of filter criterion for field '{field}' must be of type {kind} and {quotes} be enclosed in quotes"
        )
    }
}
