//! The changes of a run, and their outcomes.

use serde_json::{Map, Value};

use super::answer::DUPLICATE;
use crate::error::Error;
use crate::http::Failure;

/// Attributes of an organization by name: `name`, `external_id`, `organization_fields` and so on.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#json-format>
pub type Attributes = Map<String, Value>;

/// A change of an organization that exists.
#[derive(Debug, Clone)]
pub struct RowUpdate {
    /// The id of the organization.
    pub id: u64,
    /// The new values of the organization's attributes. Custom fields that are not in `organization_fields` stay as
    /// they are.
    pub attributes: Attributes,
}

/// The changes that a run writes.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// New organizations.
    pub creates: Vec<Attributes>,
    /// Changes of existing organizations.
    pub updates: Vec<RowUpdate>,
    /// Marks and unmarks, which are sent last.
    pub marks: Vec<RowUpdate>,
}

/// The stages of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// New organizations.
    Create,
    /// Changes of existing organizations.
    Update,
    /// Marks and unmarks.
    Mark,
}

/// The outcome of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The stage of the item.
    pub stage: Stage,
    /// The position of the item in the list of its stage.
    pub index: usize,
    /// The id of the organization, if one is known.
    pub id: Option<u64>,
    /// The outcome of the item.
    pub outcome: Outcome,
}

/// The outcome of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The item was written.
    Done,
    /// The item was not written, or not as it was sent.
    Refused(Refusal),
    /// The item may or may not have been written. The text says why, and what to do.
    Unknown(String),
    /// The item was not sent. The text says why.
    NotTried(String),
}

/// The reason why an item was not written, or not as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of reason.
    pub reason: Reason,
    /// Zendesk's own code, if there is one.
    pub code: Option<String>,
    /// The description of the problem, for a person.
    pub message: String,
    /// The id of the organization that prevents the write, if it is known.
    pub holder: Option<u64>,
}

/// The kinds of reasons why an item is not written, or not as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Another organization has the name. Names are compared without regard to case and surrounding blanks.
    NameTaken,
    /// Another organization has the external id, which is compared in the same way.
    ExternalIdTaken,
    /// Zendesk does not know some of the attributes, and has written only the others.
    UnknownAttributes,
    /// The organization exists twice now, because the response to the first attempt was lost. `holder` is the other
    /// one.
    Twice,
    /// The organization does not exist.
    Missing,
    /// Any other reason.
    Other,
}

/// Follows a run, for example to keep a journal. The methods are called on the thread that runs the writes, and must be
/// quick.
pub trait Progress: Send + Sync {
    /// Called before items are sent. From then on, the items may have been written.
    fn sending(&self, stage: Stage, indexes: &[usize]) {
        let _ = (stage, indexes);
    }

    /// Called when a job has accepted items.
    fn accepted(&self, job: &str, stage: Stage, indexes: &[usize]) {
        let _ = (job, stage, indexes);
    }

    /// Called once for each item, when its outcome is final.
    fn finished(&self, item: &Finished);
}

/// The result of a run.
#[derive(Debug)]
pub struct Written {
    /// All items, each once, in the order of stages and positions.
    pub items: Vec<Finished>,
    /// The reason why the run ended early, if it did: the sign-in was refused, or rights or quota were lacking.
    pub stopped: Option<Error>,
}

/// The advice for an unknown outcome.
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

    /// Returns the refusal for attributes that Zendesk ignores.
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

/// Returns the reason for a refusal. A single write has a code for a value that is taken; in a job, only the message
/// says so.
fn reason(code: Option<&str>, message: &str) -> Reason {
    let taken = code == Some(DUPLICATE) || message.contains("has already been taken");
    // The message contains values that people have entered, so only the label at its start names the attribute.
    let label = message.strip_prefix("Record validation errors: ").unwrap_or(message);
    match () {
        () if taken && label.starts_with("External") => Reason::ExternalIdTaken,
        () if taken && label.starts_with("Name:") => Reason::NameTaken,
        () if code == Some("RecordNotFound") || message.contains("not found") => Reason::Missing,
        () => Reason::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_told_apart() {
        let of = |message: &str| Refusal::new(Some("OrganizationUpdateFailed".into()), message.into()).reason;
        assert_eq!(of("Name:  External Name: A has already been taken"), Reason::NameTaken);
        assert_eq!(of("External:  a has already been taken"), Reason::ExternalIdTaken);
        assert_eq!(of("Organization:  not found"), Reason::Missing);
        assert_eq!(of("Name: cannot be blank"), Reason::Other);
    }
}
