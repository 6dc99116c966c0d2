//! The outcome of a row.

use crate::error::{Error, RemoteError};
use crate::http::Failure;
use crate::rows::Id;
use crate::salesforce::answer::SERVICE;

/// Our own error code for a write that was refused on its way to Salesforce, where even a write of no rows does not get
/// through.
pub(super) const WRITES_TURNED_AWAY: &str = "WRITES_TURNED_AWAY";
/// The HTTP statuses of refusals that may concern the content or the size of the request.
const OF_WHAT_IS_SENT: [u16; 5] = [400, 408, 409, 413, 422];
/// The HTTP statuses that concern the session or the number of requests, no matter who sends them.
const OF_WHO_SENDS: [u16; 2] = [401, 429];
/// The error codes of refusals that concern the org, the version or the session, in any response.
/// <https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm>
const OF_THE_ORG: [&str; 9] = [
    "API_CURRENTLY_DISABLED",
    "API_DISABLED_FOR_ORG",
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
    "INVALID_SESSION_ID",
    "ORG_LOCKED",
    "SERVER_UNAVAILABLE",
    "UNSUPPORTED_API_VERSION",
    "InvalidVersion",
    WRITES_TURNED_AWAY,
];

/// The outcome of a row.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The row is a new record.
    Created(Id),
    /// The record has the fields of the row.
    Updated(Id),
    /// The record has the fields of the row. It is not known whether the record is new, because an earlier response was
    /// lost.
    Saved(Id),
    /// The row was not written.
    Refused(Error),
    /// The row may have been written, for example because the response was lost.
    Unknown(Error),
    /// The row was not sent.
    NotTried(Error),
}

impl Outcome {
    /// Returns the error of a row that is not known to be written; `None` if it is written.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Outcome::Created(_) | Outcome::Updated(_) | Outcome::Saved(_) => None,
            Outcome::Refused(error) | Outcome::Unknown(error) | Outcome::NotTried(error) => Some(error),
        }
    }

    /// Returns whether there was no response, or one that does not report a mistake in the request.
    pub(super) fn is_silence(&self) -> bool {
        self.error().is_some_and(is_silence)
    }

    /// Returns whether a refusal does not concern the row itself, so that the next row would get the same.
    pub(in crate::salesforce) fn is_everybodys(&self) -> bool {
        self.error().is_some_and(is_everybodys)
    }
}

/// Returns whether there was no response that says anything about the request. A response that makes no sense, reports
/// a timeout, or is a server error counts as none.
pub(super) fn is_silence(error: &Error) -> bool {
    let Error::Remote(error) = error else { return false };
    match error.status {
        None | Some(408 | 500..) => true,
        Some(200..=299) => error.code.is_none(),
        Some(_) => false,
    }
}

/// Returns whether a call was refused for its size, so that a smaller one may be accepted.
pub(super) fn is_too_large(error: &Error) -> bool {
    matches!(error, Error::Remote(error) if error.status == Some(413))
}

/// Returns whether a call was refused before Salesforce applied its own rules: the call was too large, or the refusal
/// has no error code of Salesforce, as that of a firewall. The reason may be in the content of this call, or apply to
/// every call.
pub(super) fn is_turned_away(error: &Error) -> bool {
    let Error::Remote(remote) = error else { return false };
    let without_reason = matches!(remote.status, Some(400..=499)) && remote.code.is_none();
    is_too_large(error) || (without_reason && !is_silence(error) && !is_everybodys(error))
}

pub(super) fn is_everybodys(error: &Error) -> bool {
    match error {
        Error::Authentication(_) | Error::Quota(_) | Error::Configuration(_) => true,
        Error::Remote(error) => concerns_all_writes(error.status, error.code.as_deref()),
        _ => false,
    }
}

/// Returns whether a write was refused for a reason for which every other write would be refused too.
#[must_use]
pub fn concerns_all_writes(status: Option<u16>, code: Option<&str>) -> bool {
    // Salesforce refuses a single row in a response with status 200. Its other refusals concern the address, the
    // version, headers, the user's rights, or the number of requests.
    let of_call = |status: u16| match status {
        300..=399 => true,
        400..=499 if code.is_none() => OF_WHO_SENDS.contains(&status),
        400..=499 => !OF_WHAT_IS_SENT.contains(&status),
        _ => false,
    };
    status.is_some_and(of_call) || code.is_some_and(|code| OF_THE_ORG.contains(&code))
}

/// Returns the outcome of a row that may have been written, and could be written twice if it is sent again.
pub(in crate::salesforce) fn in_doubt(error: Error) -> Outcome {
    let doubt = |error: Box<RemoteError>| {
        let message = format!("{}; it may be there all the same: look for it before you write it again", error.message);
        Box::new(RemoteError { message, ..*error })
    };
    Outcome::Unknown(match error {
        Error::Remote(error) => Error::Remote(doubt(error)),
        Error::Authentication(error) => Error::Authentication(doubt(error)),
        Error::Quota(error) => Error::Quota(doubt(error)),
        other => other,
    })
}

/// Returns the outcome of a row that was not sent before the run ended.
pub(in crate::salesforce) fn not_tried(action: &str) -> Outcome {
    Outcome::NotTried(failed(action, "it was not tried: the time was up, or writes before it were refused"))
}

/// Returns the outcome of a row that was in flight when the run ended.
pub(super) fn late(action: &str) -> Outcome {
    Outcome::Unknown(failed(action, "the time was up, or other writes were refused, before it was known to be written"))
}

/// Returns the outcome of a row that cannot be part of a list.
pub(super) fn not_held(action: &str) -> Outcome {
    let message =
        "it was not sent: its fields are no JSON object, or one is called Id or attributes, as what leads to \
                   the record is";
    Outcome::Refused(failed(action, message))
}

fn failed(action: &str, message: &str) -> Error {
    Failure::lasting(message.into()).into_error(SERVICE, action)
}
