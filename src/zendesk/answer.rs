//! Responses that report an error. They have several formats, and some are not JSON at all.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::lenient::words;
use crate::error::{presentable, Error};
use crate::http::{damage, Answer, Failure};

pub(super) const SERVICE: &str = "Zendesk";
/// The code for too many jobs in flight. The HTTP status of such a response is not documented.
pub(super) const TOO_MANY_JOBS: &str = "TooManyJobs";
/// The code for a unique value that another organization has already.
pub(super) const DUPLICATE: &str = "DuplicateValue";

/// The content of a response that reports an error.
#[derive(Debug)]
pub(super) struct BadAnswer {
    pub(super) message: String,
    pub(super) code: Option<String>,
    /// True if the response gives no reason.
    pub(super) silent: bool,
    pub(super) request_id: Option<String>,
}

impl BadAnswer {
    /// Reads a response to `action` that reports an error.
    pub(super) fn of(action: &str, answer: Answer) -> Self {
        let answer = whole_texts(action, answer);
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        let (code, message) = json(&body);
        let message = message.or_else(|| plain(&answer));
        let silent = message.is_none();
        let message = message.unwrap_or_else(|| format!("the answer was HTTP {} without a reason", answer.status));
        Self { message, code, silent, request_id: request_id(&answer.headers) }
    }
}

/// Replaces text in a response that is not valid Unicode, so that a broken value of one organization does not make the
/// values of all others unreadable.
pub(super) fn whole_texts(action: &str, mut answer: Answer) -> Answer {
    damage::mend_json(SERVICE, action, &mut answer.body);
    answer
}

/// Converts a failure to the error for the caller. Too many requests or jobs become [`Error::Quota`].
pub(super) fn into_error(failure: Failure, action: &str) -> Error {
    let limited = failure.status == Some(429) || failure.code.as_deref() == Some(TOO_MANY_JOBS);
    match failure.into_error(SERVICE, action) {
        Error::Remote(error) if limited => Error::Quota(error),
        other => other,
    }
}

/// Returns whether every other request would fail as well, for lack of a sign-in, of rights or of quota.
pub(super) fn is_hopeless(error: &Error) -> bool {
    match error {
        Error::Remote(remote) => remote.status == Some(403),
        _ => true,
    }
}

/// Returns whether something between here and Zendesk, such as a firewall, refused a request: Zendesk's own refusals have
/// a code. The reason may be in this request, or hold for every request.
pub(super) fn is_turned_away(status: Option<u16>, code: Option<&str>) -> bool {
    status == Some(403) && code.is_none()
}

/// Returns the code and the message of an error, in any of the known formats.
fn json(body: &Value) -> (Option<String>, Option<String>) {
    let text = |value: &Value| value.as_str().map(presentable).filter(|text| !text.is_empty());
    let both = |one: Option<String>, other: Option<String>| match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one}: {other}")),
        (one, other) => one.or(other),
    };
    let said = |value: &Value| words(value).map(|words| presentable(&words)).filter(|text| !text.is_empty());
    match &body["error"] {
        Value::String(error) => {
            let description = text(&body["description"]).or_else(|| text(&body["error_description"]));
            let (duplicate, reasons) = (is_duplicate(&body["details"]), said(&body["details"]));
            let code = if duplicate { DUPLICATE.to_owned() } else { presentable(error) };
            let message = both(description, reasons).unwrap_or_else(|| code.clone());
            (Some(code), Some(message))
        }
        error @ Value::Object(_) => (text(&error["title"]).or_else(|| text(&error["code"])), said(error)),
        error @ Value::Array(_) => (None, said(error)),
        _ => match &body["errors"][0] {
            Value::Null => (None, said(&body["errors"]).or_else(|| both(text(&body["title"]), text(&body["detail"])))),
            error => (text(&error["code"]), both(text(&error["title"]), text(&error["detail"]))),
        },
    }
}

/// Returns whether the details of a 422 say that another organization has the value.
fn is_duplicate(details: &Value) -> bool {
    match details {
        Value::Array(reasons) => reasons.iter().any(is_duplicate),
        Value::Object(parts) => parts.values().any(is_duplicate) || details["error"] == DUPLICATE,
        _ => false,
    }
}

/// Returns the body if it is plain text, and neither an HTML page nor JSON.
fn plain(answer: &Answer) -> Option<String> {
    let text = std::str::from_utf8(&answer.body).ok()?.trim();
    (!text.is_empty() && !text.starts_with(['<', '{', '['])).then(|| presentable(text))
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(presentable);
    header("x-zendesk-request-id").or_else(|| header("x-request-id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> (String, Option<String>) {
        let answer = Answer { status: 400, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into() };
        let told = BadAnswer::of("the update", answer);
        (told.message, told.code)
    }

    #[test]
    fn every_shape_of_an_error_is_read() {
        let some = |message: &str, code: &str| (message.to_owned(), Some(code.to_owned()));
        let none = |message: &str| (message.to_owned(), None);
        assert_eq!(
            told(r#"{"error":"RecordNotFound","description":"Not found"}"#),
            some("Not found", "RecordNotFound")
        );
        assert_eq!(told(r#"{"error":"Couldn't authenticate you"}"#).0, "Couldn't authenticate you");
        let titled = r#"{"error":{"title":"Invalid attribute","message":"You passed an invalid value"}}"#;
        assert_eq!(told(titled), some("You passed an invalid value", "Invalid attribute"));
        let listed = r#"{"errors":[{"code":"TooManyRequests","title":"Too many requests to update"}]}"#;
        assert_eq!(told(listed), some("Too many requests to update", "TooManyRequests"));
        let edge =
            r#"{"detail":"Rate limited by Zendesk edge protection","status":"429","title":"Automated response"}"#;
        assert_eq!(told(edge), none("Automated response: Rate limited by Zendesk edge protection"));
        let invalid = r#"{"error":"RecordInvalid","description":"Record validation errors","details":{"name":[
            {"description":"Name: A has already been taken","error":"DuplicateValue"}]}}"#;
        assert_eq!(told(invalid), some("Record validation errors: Name: A has already been taken", "DuplicateValue"));
        assert_eq!(told("Rate limit exceeded\n"), none("Rate limit exceeded"));
        for details in [r#""Name: A has already been taken""#, r#"["Name: A has already been taken"]"#] {
            let told = told(&format!(r#"{{"error":"RecordInvalid","details":{details}}}"#));
            assert_eq!(told, some("Name: A has already been taken", "RecordInvalid"));
        }
        for bare in [r#"{"errors":"no"}"#, r#"{"errors":{"name":["no"]}}"#, r#"{"error":["no"]}"#] {
            assert_eq!(told(bare), none("no"), "{bare}");
        }
        let half = r#"{"error":"RecordInvalid","details":{"name":[{"description":"Name: A \ud83d","error":"DuplicateValue"}]}}"#;
        assert_eq!(told(half), some("Name: A \u{fffd}", "DuplicateValue"));
        for text in ["<html>x</html>", "", "[1]", r#"{"errors":[]}"#] {
            assert_eq!(told(text), none("the answer was HTTP 400 without a reason"), "{text}");
        }
    }
}
