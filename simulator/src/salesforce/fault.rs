//! Planned faults: what goes wrong, and when.

use crate::http::echo::Echo;
use crate::http::fault::WireFault;
use crate::http::plan::{self, RequestKind};
use crate::http::schedule::Schedule;
use crate::http::splice::Splice;
use serde::Deserialize;

/// Something that goes wrong, for the requests about an object or about any.
pub type Fault = plan::Fault<Kind, Answer, Option<String>>;

/// A kind of request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A login.
    Token,
    /// A query, which gives a first page.
    Query,
    /// A page after the first.
    NextPage,
    /// The description of an object, or the names of all.
    Describe,
    /// The creation of a job.
    Job,
    /// The upload of the rows of an ingest job.
    JobUpload,
    /// The end of the upload, from which on an ingest job writes.
    JobClose,
    /// The status of a job.
    JobStatus,
    /// Results of a job.
    JobResults,
    /// The addresses of the results of a query job.
    JobResultPages,
    /// The end of a job: it is aborted or deleted.
    JobEnd,
    /// A change or creation of records.
    Update,
    /// Records by their ids: `POST composite/sobjects/X`.
    Retrieve,
    /// The rest of the org's limits.
    Limits,
    /// Every request.
    Any,
}

/// The answer to a request that is hit.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// One that any service can give.
    #[serde(skip)]
    Wire(WireFault),
    /// An error as the REST API writes them.
    Error(ErrorAnswer),
    /// An error that repeats what the request said, secrets and all.
    Echo(Echo),
    /// Other bytes in the place of a text of the body, such as half an emoji.
    Splice(Splice),
    /// The previous page again, with its link to the page that was asked for.
    RepeatPage,
    /// The page after the one that was asked for.
    SkipPage,
    /// The link to the next page leads to this host, such as `http://127.0.0.1:1234`.
    NextHost(String),
    /// Claims this number of records.
    TotalSize(u64),
    /// Forgets all tokens, this request's too.
    Expire,
    /// 503 with a `Retry-After` of so many seconds.
    RetryAfter(u64),
    /// A login that sends the client to another host.
    ForeignInstance,
    /// The link to the next page leads back to the same page, for ever.
    NextLoop,
    /// Forgets the query whose next page this request wants, and says so.
    ExpireLocator,
    /// The job whose status this is has failed. An ingest job that is closed so writes half of its rows, and fails.
    JobFailed,
    /// The ingest job that is closed so writes half of its rows, and is aborted by somebody.
    JobAborted,
    /// The body of the results has a row less than its header says.
    DropCsvRow,
    /// A duplicate rule warns of a write, and refuses it unless the request allows it.
    Duplicates,
    /// The results lack a row, and their header does not count it.
    DropResultRows,
    /// The first records of a list, or of an ingest job that is closed, are refused; the others are written.
    RowFailures(RowFailures),
}

/// Records of a list that are refused.
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

    /// Returns the answer for a request that is hit, and counts the request.
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
