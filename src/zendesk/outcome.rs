//! The changes that are written, and their outcomes.

use serde_json::{Map, Value};

use super::answer::DUPLICATE;
use crate::error::Error;
use crate::http::Failure;

/// Attributes of an organization by their names: `name`, `external_id`, `organization_fields` and so on.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#json-format>
pub type Attributes = Map<String, Value>;

/// Attributes of one organization that is there already.
#[derive(Debug, Clone)]
pub struct RowUpdate {
    /// The organization.
    pub id: u64,
    /// The attributes that it gets. A part of `organization_fields` leaves the others as they are.
    pub attributes: Attributes,
}

/// The changes that a run writes.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// New organizations.
    pub creates: Vec<Attributes>,
    /// Changed ones.
    pub updates: Vec<RowUpdate>,
    /// Marks and unmarks: changes that go last.
    pub marks: Vec<RowUpdate>,
}

/// The stages of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// New organizations.
    Create,
    /// Changed ones.
    Update,
    /// Marks and unmarks.
    Mark,
}

/// The outcome of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its stage.
    pub stage: Stage,
    /// Its place in the stage's list.
    pub index: usize,
    /// The organization, where one is known.
    pub id: Option<u64>,
    /// The outcome.
    pub outcome: Outcome,
}

/// The outcome of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is written.
    Done,
    /// It is not, or not as it was meant.
    Refused(Refusal),
    /// Nobody can tell whether it is written. The text says why, and what to do.
    Unknown(String),
    /// It was not sent. The text says why.
    NotTried(String),
}

/// The reason why something was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of reason.
    pub reason: Reason,
    /// Zendesk's own code, where there is one.
    pub code: Option<String>,
    /// The description of what happened, for a person.
    pub message: String,
    /// The organization that is in the way, where that is known.
    pub holder: Option<u64>,
}

/// Kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Another organization has the name; names are compared without regard to case and outer blanks.
    NameTaken,
    /// Another organization has the external id; compared in the same way.
    ExternalIdTaken,
    /// Zendesk does not know some of the attributes. It has written the others.
    UnknownAttributes,
    /// It is there twice now, because the answer to the first try was lost. `holder` is the other one.
    Twice,
    /// The organization is not there.
    Missing,
    /// Anything else.
    Other,
}

/// Is told how a run goes, so that a journal can be kept. An implementation must be quick.
pub trait Progress: Send + Sync {
    /// Items are about to be sent: from here on they may have been written.
    fn sending(&self, stage: Stage, indexes: &[usize]) {
        let _ = (stage, indexes);
    }

    /// Notes that a job has them now.
    fn accepted(&self, job: &str, stage: Stage, indexes: &[usize]) {
        let _ = (job, stage, indexes);
    }

    /// Notes that an item has come to its end. Each item does once.
    fn finished(&self, item: &Finished);
}

/// The result of a run.
#[derive(Debug)]
pub struct Written {
    /// Every item once, by stage and place.
    pub items: Vec<Finished>,
    /// The reason why the run ended early, if it did: the sign-in, the rights or the quota were refused.
    pub stopped: Option<Error>,
}

/// The words for what the next run will do about an outcome that is not known.
pub(super) const NEXT_RUN: &str =
    "it may or may not be written; run the sync again: its compare finds what is missing and writes only that";

impl Refusal {
    pub(super) fn new(code: Option<String>, message: String) -> Self {
        Self { reason: reason(code.as_deref(), &message), code, message, holder: None }
    }

    pub(super) fn of(failure: Failure) -> Self {
        let message = match &failure.request_id {
            Some(id) => format!("{} (request {id})", failure.message),
            None => failure.message,
        };
        Self::new(failure.code, message)
    }

    /// Returns the refusal of a job that failed as a whole.
    pub(super) fn of_job(message: String) -> Self {
        Self { reason: Reason::Other, code: Some("JobFailed".into()), message, holder: None }
    }

    /// Returns the refusal of attributes that Zendesk ignores.
    pub(super) fn unknown_attributes(keys: &[String]) -> Self {
        let message =
            format!("Zendesk does not know {} and ignores it; define the field, or correct its key", keys.join(", "));
        Self { reason: Reason::UnknownAttributes, code: None, message, holder: None }
    }
}

impl Outcome {
    pub(super) fn unknown(why: impl std::fmt::Display) -> Self {
        Self::Unknown(format!("{why}: {NEXT_RUN}"))
    }
}

/// Tells the reason. In single writes the code tells of a value that is taken, in jobs only the text does.
fn reason(code: Option<&str>, message: &str) -> Reason {
    let taken = code == Some(DUPLICATE) || message.contains("has already been taken");
    // The values come from people, so only the label in front tells the attribute.
    let label = message.strip_prefix("Record validation errors: ").unwrap_or(message);
    match () {
        () if taken && label.starts_with("External") => Reason::ExternalIdTaken,
        () if taken && label.starts_with("Name:") => Reason::NameTaken,
        () if code == Some("RecordNotFound") || message.contains("not found") => Reason::Missing,
        () => Reason::Other,
    }
}

/// Returns whether a request that failed may have been carried out all the same.
pub(super) fn may_be_done(failure: &Failure) -> bool {
    match failure.status {
        Some(408 | 409) => true,
        Some(300..=499) => false,
        _ => !failure.was_refused(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_gateway_answers_for_zendesk_may_be_done() {
        let failed = |status, code: Option<&str>, retry_after| {
            let code = code.map(str::to_owned);
            may_be_done(&Failure { status: Some(status), code, retry_after, ..Failure::passing("no".into()) })
        };
        for status in [408, 409, 500, 502, 503, 504] {
            assert!(failed(status, None, None), "{status}");
        }
        for status in [302, 400, 403, 413, 422, 429] {
            assert!(!failed(status, None, None), "{status}");
        }
        assert!(!failed(503, None, Some(std::time::Duration::from_secs(1))), "it was refused, and says until when");
        assert!(!failed(503, Some("ServiceUnavailable"), None));
    }

    #[test]
    fn what_is_taken_is_told_apart() {
        let of = |message: &str| Refusal::new(Some("OrganizationUpdateFailed".into()), message.into()).reason;
        assert_eq!(of("Name:  External Name: A has already been taken"), Reason::NameTaken);
        assert_eq!(of("External:  a has already been taken"), Reason::ExternalIdTaken);
        assert_eq!(of("Organization:  not found"), Reason::Missing);
        assert_eq!(of("Name: cannot be blank"), Reason::Other);
    }
}
