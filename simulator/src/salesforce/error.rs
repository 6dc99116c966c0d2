//! Refusals in the format of the REST API.

use super::soql::Mistake;
use crate::http::reply::Reply;
use serde_json::{json, Value};

/// A refusal: an HTTP status and one error.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// The fields that it is about, if Salesforce names them.
    pub(crate) fields: Vec<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Refusal {
        Refusal { status, code: code.into(), message: message.into(), fields: Vec::new() }
    }

    pub(crate) fn not_found() -> Refusal {
        let message = "The requested resource does not exist";
        Refusal::new(404, "NOT_FOUND", message)
    }

    /// Creates the refusal for a record in the recycle bin.
    pub(crate) fn deleted() -> Refusal {
        Refusal::new(404, "ENTITY_IS_DELETED", "entity is deleted")
    }

    pub(crate) fn duplicates() -> Refusal {
        Refusal::new(400, "DUPLICATES_DETECTED", "Use one of these records?")
    }

    /// Creates the refusal for a unique value that another record has.
    pub(crate) fn taken(field: &str, by: &str) -> Refusal {
        let message = format!("duplicate value found: {field} duplicates value on record with id: {by}");
        Refusal::new(400, "DUPLICATE_VALUE", message)
    }

    pub(crate) fn method(method: &str) -> Refusal {
        Refusal::new(405, "METHOD_NOT_ALLOWED", format!("HTTP Method '{method}' not allowed"))
    }

    pub(crate) fn malformed(soql: &str, mistake: &Mistake) -> Refusal {
        Refusal::in_query(soql, mistake.at, "MALFORMED_QUERY", &mistake.what)
    }

    /// Creates a refusal that points at a place in the query, in Salesforce's format: part of the text, a caret, the
    /// row and the column.
    pub(crate) fn in_query(soql: &str, at: usize, code: &str, what: &str) -> Refusal {
        let (before, after) = soql.split_at_checked(at).unwrap_or((soql, ""));
        let row = before.matches('\n').count() + 1;
        let before = before.rsplit('\n').next().unwrap_or_default();
        let after = after.split('\n').next().unwrap_or_default();
        let column = before.chars().count();
        let shown: String = before.chars().skip(column.saturating_sub(AROUND)).collect();
        let rest: String = after.chars().take(AROUND).collect();
        let caret = " ".repeat(shown.chars().count());
        let place = format!("ERROR at Row:{row}:Column:{}", column + 1);
        let message = format!("\n{shown}{rest}\n{caret}^\n{place}\n{what}");
        Refusal::new(400, code, message)
    }

    pub(crate) fn reply(&self) -> Reply {
        let mut error = json!({"message": self.message, "errorCode": self.code});
        if !self.fields.is_empty() {
            error["fields"] = json!(self.fields);
        }
        Reply::json(self.status, &json!([error]))
    }

    /// Returns the refusal of one record of a list. The position in the list says which record it is.
    pub(crate) fn result(&self) -> Value {
        let error = json!({"statusCode": self.code, "message": self.message, "fields": self.fields});
        json!({"success": false, "errors": [error]})
    }
}

/// The number of characters that are shown on either side of the place in a long query.
const AROUND: usize = 60;
