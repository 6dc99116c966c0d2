//! The requests to ingest jobs.

use crate::salesforce::bulk::job::{wrong_state, State};
use crate::salesforce::error::Refusal;
use crate::salesforce::fault::Kind;
use crate::salesforce::records::parsed;
use serde::Deserialize;

/// A parsed request.
pub(crate) enum Request {
    Create,
    List,
    Status { id: String },
    Upload { id: String },
    Close { id: String },
    Abort { id: String },
    Delete { id: String },
    Results { id: String, part: Part },
}

/// The parts of the results.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Written,
    Refused,
    /// Rows that have not been processed.
    Unprocessed,
}

/// A change of a job.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    state: NewState,
}

#[derive(Deserialize)]
enum NewState {
    UploadComplete,
    Aborted,
}

impl Request {
    /// Parses a request from the part of the path after `jobs/ingest`.
    pub(crate) fn of(method: &str, rest: &[&str], body: &[u8]) -> Result<Request, Refusal> {
        let id = rest.first().copied().unwrap_or_default().to_owned();
        let part = rest.get(1).and_then(|name| Part::named(name));
        Ok(match (method, rest, part) {
            ("POST", [], _) => Request::Create,
            ("GET", [], _) => Request::List,
            ("GET", [_], _) => Request::Status { id },
            ("PUT", [_, "batches"], _) => Request::Upload { id },
            ("PATCH", [_], _) => match parsed::<Change>(body)?.state {
                NewState::UploadComplete => Request::Close { id },
                NewState::Aborted => Request::Abort { id },
            },
            ("DELETE", [_], _) => Request::Delete { id },
            ("GET", [_, _], Some(part)) => Request::Results { id, part },
            (_, [] | [_] | [_, "batches"], _) | (_, [_, _], Some(_)) => return Err(Refusal::method(method)),
            _ => return Err(Refusal::not_found()),
        })
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Request::Create => Some(Kind::Job),
            Request::List => None,
            Request::Status { .. } => Some(Kind::JobStatus),
            Request::Upload { .. } => Some(Kind::JobUpload),
            Request::Close { .. } => Some(Kind::JobClose),
            Request::Results { .. } => Some(Kind::JobResults),
            Request::Abort { .. } | Request::Delete { .. } => Some(Kind::JobEnd),
        }
    }

    /// Returns the id of the job that the request is about.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Request::Create | Request::List => None,
            Request::Status { id }
            | Request::Upload { id }
            | Request::Close { id }
            | Request::Abort { id }
            | Request::Delete { id }
            | Request::Results { id, .. } => Some(id),
        }
    }
}

impl Part {
    /// Returns the part with this name in a URL.
    fn named(name: &str) -> Option<Part> {
        match name {
            "successfulResults" => Some(Part::Written),
            "failedResults" => Some(Part::Refused),
            "unprocessedrecords" => Some(Part::Unprocessed),
            _ => None,
        }
    }

    /// Refuses to read the part before the end of the job.
    pub(crate) fn check(self, state: State) -> Result<(), Refusal> {
        match state {
            State::JobComplete | State::Failed | State::Aborted => Ok(()),
            _ => Err(wrong_state(format!("The results of a job in state {state:?} cannot be read"))),
        }
    }
}
