//! The reasons of a refusal. Salesforce sends a list of them, such as one for each validation rule that a record
//! breaks. A reason in an unexpected format must not make the results of other records unreadable.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::presentable;

/// The error codes of temporary failures, for any HTTP status.
const TRANSIENT: [&str; 4] =
    ["SERVER_UNAVAILABLE", "TXN_SECURITY_METERING_ERROR", "UNABLE_TO_LOCK_ROW", "UNKNOWN_EXCEPTION"];

/// The reasons that a response reports.
#[derive(Default)]
pub(super) struct Reasons(Vec<Reason>);

#[derive(Debug, PartialEq)]
pub(super) struct Reason {
    pub(super) message: Option<String>,
    pub(super) code: Option<String>,
}

impl Reasons {
    /// Combines the reasons into one; `None` if there are none. If a reason is permanent, the code is that of the first
    /// such reason, because no retry helps as long as it lasts.
    pub(super) fn sum(self) -> Option<Reason> {
        let lasts = |reason: &Reason| reason.code.as_deref().is_some_and(|code| !is_passing_code(code));
        let mut reasons = self.0;
        let place = reasons.iter().position(lasts).unwrap_or_default();
        let first = (place < reasons.len()).then(|| reasons.remove(place))?;
        let others = reasons.into_iter().filter_map(|other| other.message);
        let messages: Vec<String> = first.message.into_iter().chain(others).collect();
        let message = (!messages.is_empty()).then(|| presentable(&messages.join("; ")));
        Some(Reason { message, code: first.code })
    }
}

impl<'de> Deserialize<'de> for Reasons {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(reader)? {
            Value::Array(reasons) => reasons.iter().filter_map(reason).collect(),
            other => reason(&other).into_iter().collect(),
        }))
    }
}

/// Returns whether a failure with this code may be temporary.
pub(super) fn is_passing_code(code: &str) -> bool {
    TRANSIENT.contains(&code)
}

/// Returns a reason, in a form that is fit for a message. The reason of a row has a `statusCode`, that of a whole
/// request an `errorCode`.
fn reason(value: &Value) -> Option<Reason> {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(presentable(gist(text))),
        other => Some(presentable(&other.to_string())),
    };
    match value {
        Value::Object(fields) => {
            let field = |name: &str| fields.get(name).and_then(text);
            Some(Reason { message: field("message"), code: field("statusCode").or_else(|| field("errorCode")) })
        }
        other => Some(Reason { message: Some(text(other)?), code: None }),
    }
}

/// Returns the problem with a query without the part of the query that precedes it in the message and would leave no
/// room for the problem.
fn gist(message: &str) -> &str {
    message.find("ERROR at Row:").map_or(message, |at| &message[at..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sum(value: Value) -> Option<(Option<String>, Option<String>)> {
        let reasons: Reasons = serde_json::from_value(value).unwrap();
        reasons.sum().map(|reason| (reason.message, reason.code))
    }

    fn some(message: &str, code: &str) -> Option<(Option<String>, Option<String>)> {
        Some((Some(message.into()), Some(code.into())))
    }

    #[test]
    fn all_reasons_are_told_and_one_that_lasts_decides() {
        let row = |code: &str| json!({"statusCode": code, "message": format!("no {code}"), "fields": ["Fax"]});
        assert_eq!(sum(json!([row("A"), row("B")])), some("no A; no B", "A"));
        let locked = "UNABLE_TO_LOCK_ROW";
        assert_eq!(sum(json!([row(locked), row("B")])), some("no B; no UNABLE_TO_LOCK_ROW", "B"));
        assert_eq!(sum(json!([row(locked)])), some("no UNABLE_TO_LOCK_ROW", locked));
        assert_eq!(sum(json!([{"errorCode": "A", "message": null}])), Some((None, Some("A".into()))));
    }

    #[test]
    fn a_reason_of_another_form_is_one_too() {
        assert_eq!(sum(json!({"statusCode": "A", "errorCode": "B", "message": {"a": 1}})), some(r#"{"a":1}"#, "A"));
        assert_eq!(sum(json!(["no", null])), Some((Some("no".into()), None)));
        assert_eq!((sum(json!(null)), sum(json!([])), sum(json!([null]))), (None, None, None));
    }
}
