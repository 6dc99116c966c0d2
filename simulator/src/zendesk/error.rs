//! Refusals in the several formats of the API.

use crate::http::reply::Reply;
use serde_json::{json, Map, Value};

/// The content type of responses that are a sentence.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
/// The maximum number of items in one request.
pub(crate) const MAX_ITEMS: usize = 100;

/// A refusal: an HTTP status and a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// The reason why a record is invalid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invalid {
    /// The name of the attribute.
    pub(crate) attribute: String,
    /// The name of the attribute in sentences, such as `Name`.
    pub(crate) label: String,
    /// The complaint, such as `cannot be blank`.
    pub(crate) what: String,
    /// The error code, such as `BlankValue`.
    pub(crate) error: &'static str,
}

impl Refusal {
    pub(crate) fn new(status: u16, error: &str, description: &str) -> Refusal {
        Refusal { status, body: json!({"error": error, "description": description}) }
    }

    /// Creates the refusal of an invalid parameter.
    pub(crate) fn attribute(name: &str, why: &str) -> Refusal {
        let message = format!("You passed an invalid value for the {name} attribute. Invalid parameter: {why}");
        Refusal { status: 400, body: json!({"error": {"title": "Invalid attribute", "message": message}}) }
    }

    pub(crate) fn missing(parameter: &str) -> Refusal {
        Refusal::new(400, "ParameterMissing", &format!("Parameter {parameter} is required"))
    }

    pub(crate) fn not_found() -> Refusal {
        Refusal::new(404, "RecordNotFound", "Not found")
    }

    pub(crate) fn no_endpoint() -> Refusal {
        Refusal::new(404, "InvalidEndpoint", "Not found")
    }

    pub(crate) fn forbidden() -> Refusal {
        let message = "You do not have access to this page. Please contact the account owner of this help desk for \
                       further help.";
        Refusal { status: 403, body: json!({"error": {"title": "Forbidden", "message": message}}) }
    }

    pub(crate) fn too_many_values() -> Refusal {
        let description = format!("Parameter  cannot specify more than {MAX_ITEMS} values");
        let body = json!({"error": "TooManyValues", "description": description, "max_count": MAX_ITEMS});
        Refusal { status: 400, body }
    }

    /// Creates a refusal in the format of newer endpoints.
    pub(crate) fn listed(status: u16, code: &str, title: &str, detail: Option<&str>) -> Refusal {
        let mut error = json!({"code": code, "title": title});
        if let Some(detail) = detail {
            error["detail"] = detail.into();
        }
        Refusal { status, body: json!({"errors": [error]}) }
    }

    pub(crate) fn invalid(reasons: &[Invalid]) -> Refusal {
        let mut details = Map::new();
        for reason in reasons {
            let entry = details.entry(&reason.attribute).or_insert_with(|| json!([]));
            let description = format!("{}: {}", reason.label, reason.what);
            entry.as_array_mut().into_iter().for_each(|list| {
                list.push(json!({"description": description, "error": reason.error}));
            });
        }
        let description = "Record validation errors";
        let body = json!({"error": "RecordInvalid", "description": description, "details": details});
        Refusal { status: 422, body }
    }

    pub(crate) fn reply(&self) -> Reply {
        Reply::json(self.status, &self.body)
    }
}

impl Invalid {
    pub(crate) fn new(attribute: &str, label: &str, what: impl Into<String>, error: &'static str) -> Invalid {
        Invalid { attribute: attribute.into(), label: label.into(), what: what.into(), error }
    }

    /// Returns all reasons in the format of job results, with their two spaces.
    pub(crate) fn details(reasons: &[Invalid]) -> String {
        let sentence = |reason: &Invalid| format!("{}:  {}", reason.label, reason.what);
        reasons.iter().map(sentence).collect::<Vec<_>>().join(" ")
    }
}
