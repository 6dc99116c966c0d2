//! The requests to query jobs.

use crate::salesforce::error::Refusal;
use crate::salesforce::fault::Kind;

/// The first API version with parallel results.
const PARALLEL: f32 = 58.0;

/// A parsed request.
pub(crate) enum Request {
    Create,
    List,
    Status { id: String },
    Results { id: String, locator: Option<String>, most: Option<String> },
    ResultPages { id: String, locator: Option<String> },
    Abort { id: String },
    Delete { id: String },
}

impl Request {
    /// Parses a request from the part of the path after `jobs/query`. The error is the refusal of an unknown request.
    pub(crate) fn of(
        method: &str,
        version: &str,
        rest: &[&str],
        parameter: impl Fn(&str) -> Option<String>,
    ) -> Result<Request, Refusal> {
        let parallel = version.parse().is_ok_and(|version: f32| version >= PARALLEL);
        let id = rest.first().copied().unwrap_or_default().to_owned();
        Ok(match (method, rest) {
            ("POST", []) => Request::Create,
            ("GET", []) => Request::List,
            ("GET", [_]) => Request::Status { id },
            ("PATCH", [_]) => Request::Abort { id },
            ("DELETE", [_]) => Request::Delete { id },
            ("GET", [_, "results"]) => {
                Request::Results { id, locator: parameter("locator"), most: parameter("maxRecords") }
            }
            ("GET", [_, "resultPages"]) if parallel => Request::ResultPages { id, locator: parameter("locator") },
            (_, [_, "resultPages"]) if !parallel => return Err(Refusal::not_found()),
            (_, [] | [_] | [_, "results" | "resultPages"]) => return Err(Refusal::method(method)),
            _ => return Err(Refusal::not_found()),
        })
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Request::Create => Some(Kind::Job),
            Request::List => None,
            Request::Status { .. } => Some(Kind::JobStatus),
            Request::Results { .. } => Some(Kind::JobResults),
            Request::ResultPages { .. } => Some(Kind::JobResultPages),
            Request::Abort { .. } | Request::Delete { .. } => Some(Kind::JobEnd),
        }
    }

    /// Returns the id of the job that the request is about.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Request::Create | Request::List => None,
            Request::Status { id }
            | Request::Results { id, .. }
            | Request::ResultPages { id, .. }
            | Request::Abort { id }
            | Request::Delete { id } => Some(id),
        }
    }
}
