//! Planned faults of the simulated Zendesk.

use crate::http::echo::Echo;
use crate::http::fault::WireFault;
use crate::http::plan::{self, RequestKind};
use crate::http::splice::Splice;
use serde::Deserialize;

/// A planned fault. A request that a rate limit refuses does not count as a match.
pub type Fault = plan::Fault<Kind, Answer, ()>;

/// A kind of request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request for a token.
    Token,
    /// A page of the list of organizations.
    Organizations,
    /// The count of organizations.
    Count,
    /// Organizations by id, external id or name.
    Lookup,
    /// The definitions of the custom fields.
    Fields,
    /// The creation of one organization, including `create_or_update`.
    Create,
    /// The update of one organization.
    Update,
    /// A job that creates organizations.
    CreateMany,
    /// A job that updates organizations.
    UpdateMany,
    /// The status of one job, of several jobs, or of all of them.
    JobStatus,
    /// Every request.
    Any,
}

/// The response to a request that is hit. A fault that does not apply to the request has no effect.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A fault that can affect any service.
    #[serde(skip)]
    Wire(WireFault),
    /// An error in the format of the API.
    Error(ErrorAnswer),
    /// An error that repeats the content of the request, including secrets.
    Echo(Echo),
    /// Replaces a text of the body by other bytes, such as half an emoji.
    Splice(Splice),
    /// Status 429.
    TooManyRequests(TooManyRequests),
    /// Status 503.
    Unavailable(Unavailable),
    /// `TooManyJobs`, regardless of the number of jobs: others use the account too.
    TooManyJobs,
    /// Invalidates all tokens, including that of this request.
    ExpireToken,
    /// Returns the cursor page before the requested one, with a link to the requested one.
    RepeatPage,
    /// Returns the cursor page after the requested one.
    SkipPage,
    /// Makes the cursor and the link to the next page lead back to this page.
    NextLoop,
    /// Makes the link to the next page lead to this host, such as `http://127.0.0.1:1234`.
    NextHost(String),
    /// Makes the page claim to be the last one.
    EarlyEnd,
    /// Claims this number of organizations.
    ClaimedCount(u64),
    /// Returns an outdated number of organizations.
    OldCount(OldCount),
    /// Makes the first items of the job fail.
    ItemFailures(ItemFailures),
    /// Makes the job stop.
    JobStops(JobStops),
    /// Makes the job do all its items, but omit this number of its last results.
    MissingResults(usize),
    /// Makes the response name the previous job instead of the new one.
    RepeatJob,
    /// Deletes the statuses of the requested jobs for good. The jobs go on.
    JobExpire,
}

/// An error of the API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `error` code, such as `DatabaseConflict`.
    pub code: String,
    /// The `description`.
    #[serde(default)]
    pub description: String,
}

/// A response with status 429.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TooManyRequests {
    /// The `Retry-After` in seconds; `None` omits the header.
    pub retry_after: Option<u64>,
    /// The format of the body.
    pub body: RefusedBody,
}

/// The format of the body of a 429.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBody {
    /// A sentence.
    #[default]
    Text,
    /// An HTML page.
    Html,
    /// The JSON of the edge protection, which is sent without the rate limit headers.
    Edge,
}

/// A response with status 503.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Unavailable {
    /// The `Retry-After` in seconds, as after a database timeout; `None` for an outage with an HTML page.
    pub retry_after: Option<u64>,
}

/// A count from some time ago, as large accounts have it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldCount {
    /// The number.
    pub value: u64,
    /// The age of the count in seconds; `None` if it is being made, so that `refreshed_at` is null.
    #[serde(default)]
    pub seconds_ago: Option<f64>,
}

/// The failures of items in a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemFailures {
    /// The number of items that fail, counted from the first.
    pub count: usize,
    /// The `error`; `None` for `OrganizationCreateFailed` or `OrganizationUpdateFailed`.
    #[serde(default)]
    pub error: Option<String>,
    /// The `details`.
    #[serde(default)]
    pub details: String,
    /// True for `"success": false` instead of `error` and `details`.
    #[serde(default)]
    pub unsuccessful: bool,
}

/// How a job ends early, or does not end.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobStops {
    /// The state in which the job remains.
    pub status: StoppedState,
    /// The number of items that the job does first.
    #[serde(default)]
    pub after: usize,
}

/// The states in which a job can remain.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum StoppedState {
    /// The job never starts, and stays in flight.
    Queued,
    /// The job never ends, and stays in flight.
    Working,
    /// The job ends without results.
    Failed,
    /// The job is terminated from outside, without results.
    Killed,
}

impl From<WireFault> for Answer {
    fn from(fault: WireFault) -> Self {
        Answer::Wire(fault)
    }
}

impl RequestKind for Kind {
    const ANY: Kind = Kind::Any;
}
