//! Planned faults of the simulated Salesforce.

use crate::http::echo::Echo;
use crate::http::fault::WireFault;
use crate::http::plan::{self, RequestKind};
use crate::http::schedule::Schedule;
use crate::http::splice::Splice;
use serde::Deserialize;

/// A planned fault, for requests about one object or about any.
pub type Fault = plan::Fault<Kind, Answer, Option<String>>;

/// A kind of request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A login.
    Token,
    /// A query, which returns its first page.
    Query,
    /// A page after the first.
    NextPage,
    /// The description of an object, or the list of all objects.
    Describe,
    /// The creation of a job.
    Job,
    /// The upload of the rows of an ingest job.
    JobUpload,
    /// The end of the upload, on which an ingest job writes its rows.
    JobClose,
    /// The status of a job.
    JobStatus,
    /// The results of a job.
    JobResults,
    /// The URLs of the results of a query job.
    JobResultPages,
    /// The abort or the deletion of a job.
    JobEnd,
    /// A change or creation of records.
    Update,
    /// Records by their ids: `POST composite/sobjects/X`.
    Retrieve,
    /// The limits of the org.
    Limits,
    /// Every request.
    Any,
}

/// The response to a request that is hit.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A fault that can affect any service.
    #[serde(skip)]
    Wire(WireFault),
    /// An error in the format of the REST API.
    Error(ErrorAnswer),
    /// An error that repeats the content of the request, including secrets.
    Echo(Echo),
    /// Replaces a text of the body by other bytes, such as half an emoji.
    Splice(Splice),
    /// Returns the previous page again, with its link to the requested page.
    RepeatPage,
    /// Returns the page after the requested one.
    SkipPage,
    /// Makes the link to the next page lead to this host, such as `http://127.0.0.1:1234`.
    NextHost(String),
    /// Claims this number of records.
    TotalSize(u64),
    /// Invalidates all tokens, including that of this request.
    Expire,
    /// Returns status 503 with a `Retry-After` of this many seconds.
    RetryAfter(u64),
    /// Makes a login send the client to another host.
    ForeignInstance,
    /// Makes the link to the next page lead back to the same page, for ever.
    NextLoop,
    /// Closes the cursor whose next page is requested, and refuses the request.
    ExpireLocator,
    /// Makes a job whose status is requested fail. An ingest job that is closed writes half of its rows, and fails.
    JobFailed,
    /// Makes an ingest job that is closed write half of its rows, after which somebody aborts it.
    JobAborted,
    /// Omits a row of the results that their header counts.
    DropCsvRow,
    /// Makes a duplicate rule warn about a write, which is refused unless the request allows it.
    Duplicates,
    /// Omits a row of the results, and does not count it in their header.
    DropResultRows,
    /// Refuses the first records of a list, or of an ingest job that is closed. The others are written.
    RowFailures(RowFailures),
}

/// The refusal of records in a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowFailures {
    /// The number of records.
    pub count: usize,
    /// The `statusCode`, such as `UNABLE_TO_LOCK_ROW`.
    pub code: String,
    /// The `message`.
    #[serde(default)]
    pub message: String,
}

/// An error of the REST API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `errorCode`.
    pub code: String,
    /// The `message`.
    #[serde(default)]
    pub message: String,
}

impl From<WireFault> for Answer {
    fn from(fault: WireFault) -> Self {
        Answer::Wire(fault)
    }
}

impl RequestKind for Kind {
    const ANY: Kind = Kind::Any;
}

/// All faults.
pub(crate) struct Faults(Schedule<Kind, Answer, Option<String>>);

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Faults {
        Faults(Schedule::new(faults))
    }

    /// Returns the response to a request that is hit, and counts the request.
    pub(crate) fn due(&self, kind: Option<Kind>, object: Option<&str>) -> Option<Answer> {
        let same = |wanted: &String| object.is_some_and(|object| wanted.eq_ignore_ascii_case(object));
        self.0.due(kind, |wanted| wanted.as_ref().is_none_or(same))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(list: serde_json::Value) -> Faults {
        Faults::new(serde_json::from_value(list).unwrap())
    }

    fn statuses(faults: &Faults, kind: Kind, object: &str, requests: usize) -> Vec<u64> {
        let status = |answer| match answer {
            Some(Answer::RetryAfter(seconds)) => seconds,
            _ => 0,
        };
        (0..requests).map(|_| status(faults.due(Some(kind), Some(object)))).collect()
    }

    #[test]
    fn skip_and_times_count_matching_requests() {
        let faults = faults(json!([
            {"on": "query", "skip": 1, "times": 2, "object": "Contact", "answer": {"retry_after": 7}}
        ]));
        assert_eq!(statuses(&faults, Kind::Query, "Lead", 2), [0, 0]);
        assert_eq!(statuses(&faults, Kind::NextPage, "Contact", 2), [0, 0]);
        assert_eq!(statuses(&faults, Kind::Query, "contact", 4), [0, 7, 7, 0]);
    }

    #[test]
    fn faults_on_the_same_requests_follow_each_other() {
        let faults = faults(json!([
            {"on": "any", "times": 1, "answer": {"retry_after": 1}},
            {"on": "query", "times": 1, "answer": {"retry_after": 2}},
            {"on": "query", "skip": 3, "answer": {"retry_after": 3}}
        ]));
        assert_eq!(statuses(&faults, Kind::Query, "Lead", 5), [1, 2, 0, 3, 3]);
    }
}
