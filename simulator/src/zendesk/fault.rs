//! Planned faults: what goes wrong, and when.

use crate::http::echo::Echo;
use crate::http::fault::WireFault;
use crate::http::plan::{self, RequestKind};
use crate::http::splice::Splice;
use serde::Deserialize;

/// Something that goes wrong. A request that a limit refuses uses up no fault.
pub type Fault = plan::Fault<Kind, Answer, ()>;

/// A kind of request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A login.
    Token,
    /// A page of the list of organizations.
    Organizations,
    /// The number of organizations.
    Count,
    /// Organizations by id, external id or name.
    Lookup,
    /// The definitions of the custom fields.
    Fields,
    /// The creation of one organization, `create_or_update` too.
    Create,
    /// The update of one organization.
    Update,
    /// A job that creates.
    CreateMany,
    /// A job that updates.
    UpdateMany,
    /// The state of jobs: one, several, the list.
    JobStatus,
    /// Every request.
    Any,
}

/// The answer to a request that is hit. One that has no meaning for the request changes nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// One that any service can give.
    #[serde(skip)]
    Wire(WireFault),
    /// An error as the API writes them.
    Error(ErrorAnswer),
    /// An error that repeats what the request said, secrets and all.
    Echo(Echo),
    /// Other bytes in the place of a text of the body, such as half an emoji.
    Splice(Splice),
    /// 429.
    TooManyRequests(TooManyRequests),
    /// 503.
    Unavailable(Unavailable),
    /// `TooManyJobs`, however few there are: others use the account too.
    TooManyJobs,
    /// Forgets all tokens, this request's too.
    ExpireToken,
    /// The cursor page before the one that was asked for, with its link to the page that was asked for.
    RepeatPage,
    /// The cursor page after the one that was asked for.
    SkipPage,
    /// The cursor and the link to the next page lead to this page again.
    NextLoop,
    /// The link to the next page leads to this host, such as `http://127.0.0.1:1234`.
    NextHost(String),
    /// The page claims to be the last one.
    EarlyEnd,
    /// Claims this number of organizations.
    ClaimedCount(u64),
    /// Tells a number of organizations that is not fresh.
    OldCount(OldCount),
    /// The first items of the job fail.
    ItemFailures(ItemFailures),
    /// The job gets no further.
    JobStops(JobStops),
    /// The job does all its items, but the results of so many of the last ones are missing.
    MissingResults(usize),
    /// The answer names the job before the one that was begun.
    RepeatJob,
    /// The jobs that were asked for are forgotten for good. They go on.
    JobExpire,
}

/// An error of the API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `error`, such as `DatabaseConflict`.
    pub code: String,
    /// The `description`.
    #[serde(default)]
    pub description: String,
}

/// 429 and its forms.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TooManyRequests {
    /// The `Retry-After`, in seconds; none leaves the header out.
    pub retry_after: Option<u64>,
    /// The form of the body.
    pub body: RefusedBody,
}

/// The body of a 429.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBody {
    /// A sentence.
    #[default]
    Text,
    /// A page.
    Html,
    /// The JSON of the edge protection, which comes without the headers of the rate limits.
    Edge,
}

/// Answers with a 503, with and without an end in sight.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Unavailable {
    /// The `Retry-After`, in seconds, after a database time-out; none is an outage, with an HTML page.
    pub retry_after: Option<u64>,
}

/// A count that was made some time ago, as large accounts have it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldCount {
    /// The number.
    pub value: u64,
    /// The age of the count, in seconds before now; none: it is being made, `refreshed_at` is null.
    #[serde(default)]
    pub seconds_ago: Option<f64>,
}

/// Items of a job that fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemFailures {
    /// The number of items, from the first on.
    pub count: usize,
    /// The `error`; none means `OrganizationCreateFailed` or `OrganizationUpdateFailed`.
    #[serde(default)]
    pub error: Option<String>,
    /// The `details`.
    #[serde(default)]
    pub details: String,
    /// Says `"success": false` in the place of `error` and `details`.
    #[serde(default)]
    pub unsuccessful: bool,
}

/// The way in which a job ends before its time, or does not end.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobStops {
    /// The state that it stays in.
    pub status: StoppedState,
    /// The items that it does first.
    #[serde(default)]
    pub after: usize,
}

/// The states that a job can stay in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum StoppedState {
    /// It never starts, and stays in flight.
    Queued,
    /// It never ends, and stays in flight.
    Working,
    /// It ends without results.
    Failed,
    /// It is ended from outside, without results.
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
