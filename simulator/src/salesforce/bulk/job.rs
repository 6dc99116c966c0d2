//! A query job, from its creation to its end, and jobs as specs see them.

use super::csv::Table;
use crate::clock::Moment;
use crate::lock;
use crate::random::Random;
use crate::salesforce::error::Refusal;
use crate::salesforce::id;
use crate::salesforce::soql::instant;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A job as specs see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// The id in its 18-character form.
    pub id: String,
    /// The current state.
    pub state: State,
    /// The object that the job reads or writes.
    pub object: String,
    /// The work of the job.
    pub operation: Operation,
    /// True if the job was deleted, and so is not visible to clients any more.
    pub deleted: bool,
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum State {
    /// Created, without a complete upload.
    Open,
    /// Ready for processing, as a query job is from its creation.
    UploadComplete,
    /// In progress.
    InProgress,
    /// Complete, with readable results.
    JobComplete,
    /// Ended by a client.
    Aborted,
    /// Ended by an error.
    Failed,
}

/// The work of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Reads records.
    Query,
    /// Reads records, including deleted ones.
    QueryAll,
    /// Creates records.
    Insert,
    /// Updates records.
    Update,
    /// Updates the records with a value of the external id, or creates them.
    Upsert,
}

/// A query job and its result, which was computed when the job was created.
pub(crate) struct QueryJob {
    pub(crate) id: String,
    pub(crate) version: String,
    object: String,
    operation: Operation,
    chunks: bool,
    /// The number of rows in the result.
    rows: usize,
    begun: Instant,
    date: String,
    progress: Mutex<Progress>,
}

struct Progress {
    state: State,
    /// The number of reads of the status before the job was complete.
    polls: u32,
    /// The result; `None` after the job was deleted.
    table: Option<Arc<Table>>,
}

impl QueryJob {
    pub(crate) fn new(
        version: &str,
        operation: Operation,
        table: Table,
        chunks: bool,
        random: &mut Random,
        now: Moment,
    ) -> QueryJob {
        QueryJob {
            id: id::long(&format!("750{}", random.text(12))),
            version: version.to_owned(),
            object: table.object().to_owned(),
            operation,
            chunks,
            rows: table.rows(),
            begun: Instant::now(),
            date: instant::text(now.millis()),
            progress: Mutex::new(Progress { state: State::UploadComplete, polls: 0, table: Some(Arc::new(table)) }),
        }
    }

    pub(crate) fn object(&self) -> &str {
        &self.object
    }

    pub(crate) fn view(&self) -> Job {
        let progress = lock(&self.progress);
        Job {
            id: self.id.clone(),
            state: progress.state,
            object: self.object.clone(),
            operation: self.operation,
            deleted: progress.table.is_none(),
        }
    }

    pub(crate) fn is_deleted(&self) -> bool {
        lock(&self.progress).table.is_none()
    }

    /// Returns the job if `version` is the version that created it.
    pub(crate) fn of_version(self: Arc<QueryJob>, version: &str) -> Result<Arc<QueryJob>, Refusal> {
        if self.version == version {
            return Ok(self);
        }
        let message = format!("The job was created with API version {}, not {version}", self.version);
        Err(Refusal::new(409, "INVALIDVERSION", message))
    }

    /// Advances a job that has not ended. This number of reads of its status, during at least this time, find it
    /// unfinished.
    pub(crate) fn advance(&self, polls: u32, time: Duration) {
        let mut progress = lock(&self.progress);
        if !progress.state.is_open() {
            return;
        }
        if progress.polls >= polls && self.begun.elapsed() >= time {
            progress.state = State::JobComplete;
        } else {
            progress.state = State::InProgress;
            progress.polls += 1;
        }
    }

    pub(crate) fn fail(&self) {
        lock(&self.progress).state = State::Failed;
    }

    pub(crate) fn abort(&self) -> Result<(), Refusal> {
        let mut progress = lock(&self.progress);
        progress.state = progress.state.aborted()?;
        Ok(())
    }

    /// Deletes the job. A job that is in progress has to be aborted first.
    pub(crate) fn delete(&self) -> Result<(), Refusal> {
        let mut progress = lock(&self.progress);
        if progress.state == State::InProgress {
            return Err(wrong_state("Deleting a Job in progress not allowed"));
        }
        progress.table = None;
        Ok(())
    }

    /// Returns the result once the job is complete.
    pub(crate) fn table(&self) -> Result<Arc<Table>, Refusal> {
        let progress = lock(&self.progress);
        match (progress.state, &progress.table) {
            (State::JobComplete, Some(table)) => Ok(table.clone()),
            (state, _) => Err(wrong_state(format!("The results of a job in state {state:?} cannot be read"))),
        }
    }

    /// Returns the response to the creation of the job.
    pub(crate) fn created(&self) -> Value {
        let version: f64 = self.version.parse().unwrap_or_default();
        json!({
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": id::long("005000000000000"),
            "createdDate": self.date,
            "systemModstamp": self.date,
            "state": lock(&self.progress).state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": version,
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        })
    }

    pub(crate) fn status(&self) -> Value {
        let mut status = self.created();
        let state = lock(&self.progress).state;
        let failed = state == State::Failed;
        status["jobType"] = json!("V2Query");
        status["numberRecordsProcessed"] = json!(if state == State::JobComplete { self.rows } else { 0 });
        status["retries"] = json!(if failed { 15 } else { 0 });
        status["totalProcessingTime"] = json!(self.begun.elapsed().as_millis() as u64);
        status["isPkChunkingSupported"] = json!(self.chunks);
        if failed {
            status["errorMessage"] = json!("InternalServerError : Retried more than fifteen times");
        }
        status
    }
}

impl State {
    /// Returns whether the job is still to be worked on.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, State::UploadComplete | State::InProgress)
    }

    /// Returns the state after an abort.
    pub(crate) fn aborted(self) -> Result<State, Refusal> {
        let past = match self {
            State::Open | State::UploadComplete | State::InProgress => return Ok(State::Aborted),
            State::JobComplete => "Completed",
            State::Aborted => "Aborted",
            State::Failed => "Failed",
        };
        Err(wrong_state(format!("Aborting already {past} Job not allowed")))
    }
}

pub(crate) fn wrong_state(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "INVALIDJOBSTATE", message)
}
