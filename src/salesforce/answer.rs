//! Tells successful responses from failures, and says what to do about a failure.

use super::reasons::{is_passing_code, Reasons};
use crate::error::{presentable, Error};
use crate::http::{damage, is_transient, retry_after, Answer, Failure};

pub(in crate::salesforce) const SERVICE: &str = "Salesforce";

/// Returns a successful response. Otherwise returns the failure that its body describes.
pub(super) fn accept(answer: Answer) -> std::result::Result<Answer, Failure> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    // Salesforce's own have a code. Others, such as those of a gateway, may be JSON too.
    let told = damage::read_json::<Reasons>(&answer.body).ok().and_then(Reasons::sum);
    let (message, code) =
        told.filter(|reason| reason.code.is_some()).map_or((None, None), |told| (told.message, told.code));
    let message = message.unwrap_or_else(|| format!("the answer was HTTP {} without a reason", answer.status));
    let failure = refusal(answer.status, message, code);
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let retry_after = retry_after(&answer.headers);
    let request_id = header("x-sfdc-request-id").map(presentable);
    Err(Failure { retry_after, request_id, ..failure })
}

/// Converts a refusal into a failure, with advice on what to do about it.
pub(super) fn refusal(status: u16, message: String, code: Option<String>) -> Failure {
    let message = format!("{message}{}", advice(status, code.as_deref().unwrap_or_default()));
    let passing = is_transient(status, code.is_none())
        || match code.as_deref() {
            Some("REQUEST_LIMIT_EXCEEDED") => message.contains("Concurrent"),
            Some(code) => is_passing_code(code),
            None => false,
        };
    let failure = if passing { Failure::passing(message) } else { Failure::lasting(message) };
    Failure { status: Some(status), code, ..failure }
}

/// Returns advice on the errors that people meet.
fn advice(status: u16, code: &str) -> &'static str {
    match (status, code) {
        _ if has_moved(status, code) => {
            "; the org may have moved: check salesforce.host, and that the integration user may log in from here"
        }
        (401, _) => {
            "; sign-ins work, and their tokens do not: check the connected app and the integration user's rights"
        }
        (410, _) | (_, "UNSUPPORTED_API_VERSION" | "InvalidVersion") => {
            "; set salesforce.api_version to a version that is still supported"
        }
        (403, "REQUEST_LIMIT_EXCEEDED") => "; wait, or raise the org's limit",
        (_, "INVALID_FIELD" | "INVALID_TYPE") => "; correct the name, or let the integration user see it",
        (_, "INSUFFICIENT_ACCESS" | "INSUFFICIENT_ACCESS_OR_READONLY" | "INVALID_FIELD_FOR_INSERT_UPDATE") => {
            "; the integration user may not do that: give it the permission"
        }
        (_, "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED") => {
            "; the org's edition or the user's profile has no API"
        }
        (414 | 431, _) => "; the query is too long: name fewer fields, or bind its list as a value so that it is split",
        (_, "QUERY_TOO_COMPLICATED") => "; name fewer fields, or ask for fewer conditions",
        (_, "DUPLICATES_DETECTED") => {
            "; a duplicate rule of the org found another record like it: merge the two, change the rule, or set \
             salesforce.allow_duplicates, which saves it where the rule only warns"
        }
        (_, "QUERY_TIMEOUT") => "; narrow it with conditions on indexed fields",
        _ => "",
    }
}

/// Returns whether another session is worth a try: this one may have ended, or the org may have moved, and what
/// responds at the old address is not the REST API, which always gives a reason for a refusal.
///
/// With the two `FINAL` messages no other session helps: clients that signed in again went round for ever.
pub(super) fn session_is_useless(failure: &Failure) -> bool {
    const FINAL: [&str; 2] = ["not valid for use with the REST API", "not attached to Agent"];
    match failure.status {
        Some(401) => !FINAL.iter().any(|text| failure.message.contains(text)),
        Some(status) => has_moved(status, failure.code.as_deref().unwrap_or_default()),
        None => false,
    }
}

/// Returns whether a refusal gives no reason, so that it is not known whether the org has moved.
pub(super) fn may_have_moved(failure: &Failure) -> bool {
    failure.status.is_some_and(|status| gives_no_reason(status, failure.code.as_deref().unwrap_or_default()))
}

/// Returns whether a response comes from a former address of the org.
fn has_moved(status: u16, code: &str) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308) || gives_no_reason(status, code)
}

fn gives_no_reason(status: u16, code: &str) -> bool {
    code.is_empty() && matches!(status, 403 | 404)
}

/// Returns whether an error has this Salesforce error code.
pub(super) fn has_code(error: &Error, code: &str) -> bool {
    matches!(error, Error::Remote(remote) if remote.code.as_deref() == Some(code))
}

/// Returns whether the server lacked the time or the memory for a query. It may still manage half of it.
pub(super) fn takes_too_long(error: &Error) -> bool {
    ["QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "OPERATION_TOO_LARGE"].iter().any(|code| has_code(error, code))
}
