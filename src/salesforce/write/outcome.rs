//! The end of a row.

use crate::error::{Error, RemoteError};
use crate::http::Failure;
use crate::rows::Id;
use crate::salesforce::answer::SERVICE;

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

pub(super) fn is_silence(error: &Error) -> bool {
    matches!(error, Error::Remote(error) if error.status.is_none_or(|status| status >= 500))
}

pub(super) fn is_everybodys(error: &Error) -> bool {
    let of_call = |status: u16| matches!(status, 300..=399 | 403 | 404 | 405 | 410);
    match error {
        Error::Authentication(_) | Error::Quota(_) => true,
        // A row is refused in an answer of 200: this is about the address, the version or the user's rights.
        Error::Remote(error) => error.status.is_some_and(of_call),
        _ => false,
    }
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
