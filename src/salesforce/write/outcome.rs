//! The end of a row.

use crate::error::{Error, RemoteError};
use crate::http::Failure;
use crate::rows::Id;
use crate::salesforce::answer::SERVICE;

/// The code of ours for writes of which not even one of no rows comes through to Salesforce.
pub(super) const WRITES_TURNED_AWAY: &str = "WRITES_TURNED_AWAY";
/// The statuses of a refusal that can be about what is written, or how much that is.
const OF_WHAT_IS_SENT: [u16; 5] = [400, 408, 409, 413, 422];
/// The statuses that are about the session or the number of requests, whoever gives them.
const OF_WHO_SENDS: [u16; 2] = [401, 429];
/// Codes of refusals that are about the org, the version or the session, in whatever answer they come.
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

/// What became of a row.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is a new record.
    Created(Id),
    /// The record has the fields.
    Updated(Id),
    /// The record has the fields, and nobody can tell whether it is new: an earlier answer was lost.
    Saved(Id),
    /// It was not written.
    Refused(Error),
    /// It may have been written: the answer was lost.
    Unknown(Error),
    /// It was not sent.
    NotTried(Error),
}

impl Outcome {
    /// Returns the reason why the row is not known to be written; `None` where it is.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Outcome::Created(_) | Outcome::Updated(_) | Outcome::Saved(_) => None,
            Outcome::Refused(error) | Outcome::Unknown(error) | Outcome::NotTried(error) => Some(error),
        }
    }

    /// Returns whether there was no answer, or one that tells of no mistake in what was sent.
    pub(super) fn is_silence(&self) -> bool {
        self.error().is_some_and(is_silence)
    }

    /// Returns whether a refusal is not about the row: the next one would get the same.
    pub(in crate::salesforce) fn is_everybodys(&self) -> bool {
        self.error().is_some_and(is_everybodys)
    }
}

/// An answer that makes no sense, or says that the request has timed out, is no more than none at all.
pub(super) fn is_silence(error: &Error) -> bool {
    let Error::Remote(error) = error else { return false };
    match error.status {
        None | Some(408 | 500..) => true,
        Some(200..=299) => error.code.is_none(),
        Some(_) => false,
    }
}

/// Returns whether a call was refused for its size: a smaller one may be taken.
pub(super) fn is_too_large(error: &Error) -> bool {
    matches!(error, Error::Remote(error) if error.status == Some(413))
}

/// Returns whether a call did not get as far as to Salesforce's own rules: it was too large, or what answers gives no reason of
/// Salesforce's, as a firewall does. That can be about what is in it, and about every call.
pub(super) fn is_turned_away(error: &Error) -> bool {
    let Error::Remote(remote) = error else { return false };
    let without_reason = matches!(remote.status, Some(400..=499)) && remote.code.is_none();
    is_too_large(error) || (without_reason && !is_silence(error) && !is_everybodys(error))
}

pub(super) fn is_everybodys(error: &Error) -> bool {
    match error {
        Error::Authentication(_) | Error::Quota(_) => true,
        Error::Remote(error) => concerns_all_writes(error.status, error.code.as_deref()),
        _ => false,
    }
}

/// Returns whether a write was refused as every other one would be.
#[must_use]
pub fn concerns_all_writes(status: Option<u16>, code: Option<&str>) -> bool {
    // Salesforce refuses a single row in an answer of 200. What else it refuses is about the address, the version, headers, the
    // user's rights, or the number of requests.
    let of_call = |status: u16| match status {
        300..=399 => true,
        400..=499 if code.is_none() => OF_WHO_SENDS.contains(&status),
        400..=499 => !OF_WHAT_IS_SENT.contains(&status),
        _ => false,
    };
    status.is_some_and(of_call) || code.is_some_and(|code| OF_THE_ORG.contains(&code))
}

/// Returns the end of a row that may be there, once or, if it is sent again, twice.
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

/// Returns the end of a row whose turn did not come.
pub(in crate::salesforce) fn not_tried(action: &str) -> Outcome {
    Outcome::NotTried(failed(action, "it was not tried: the time was up, or writes before it were refused"))
}

/// Returns the end of a row that was on its way when all was over.
pub(super) fn late(action: &str) -> Outcome {
    Outcome::Unknown(failed(action, "the time was up, or other writes were refused, before it was known to be written"))
}

/// Returns the end of a row that cannot stand in a list.
pub(super) fn not_held(action: &str) -> Outcome {
    let message =
        "it was not sent: its fields are no JSON object, or one is called Id or attributes, as what leads to \
                   the record is";
    Outcome::Refused(failed(action, message))
}

fn failed(action: &str, message: &str) -> Error {
    Failure::lasting(message.into()).into_error(SERVICE, action)
}
