//! An ingest job, from its creation to its end.

use super::request::Part;
use super::table::Table;
use crate::clock::Moment;
use crate::lock;
use crate::random::Random;
use crate::salesforce::bulk::csv;
use crate::salesforce::bulk::job::{wrong_state, Job, Operation, State};
use crate::salesforce::collections::{self, Written};
use crate::salesforce::error::Refusal;
use crate::salesforce::id;
use crate::salesforce::soql::instant;
use bytes::Bytes;
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A job that writes records.
pub(crate) struct IngestJob {
    pub(crate) id: String,
    pub(crate) object: String,
    pub(crate) operation: collections::Operation,
    version: String,
    date: String,
    progress: Mutex<Progress>,
}

struct Progress {
    state: State,
    /// The number of reads of the status between the closing and the end of the job.
    polls: u32,
    closed: Instant,
    upload: Option<Bytes>,
    work: Work,
    deleted: bool,
}

/// The work that a job has done by its end.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) table: Table,
    /// The results of the first rows; the other rows have not been processed.
    pub(crate) ends: Vec<Result<Written, Refusal>>,
    /// The final state and its message, unless it is `JobComplete`.
    pub(crate) end: Option<(State, String)>,
    /// The order in which rows are returned, which differs from that of the upload.
    pub(crate) order: Vec<usize>,
}

impl IngestJob {
    pub(crate) fn new(
        version: &str,
        object: &str,
        operation: collections::Operation,
        random: &mut Random,
        now: Moment,
    ) -> IngestJob {
        IngestJob {
            id: id::long(&format!("750{}", random.text(12))),
            object: object.to_owned(),
            operation,
            version: version.to_owned(),
            date: instant::text(now.millis()),
            progress: Mutex::new(Progress {
                state: State::Open,
                polls: 0,
                closed: Instant::now(),
                upload: None,
                work: Work::default(),
                deleted: false,
            }),
        }
    }

    pub(crate) fn view(&self) -> Job {
        let progress = lock(&self.progress);
        Job {
            id: self.id.clone(),
            state: progress.state,
            object: self.object.clone(),
            operation: self.kind(),
            deleted: progress.deleted,
        }
    }

    pub(crate) fn is_deleted(&self) -> bool {
        lock(&self.progress).deleted
    }

    /// Returns the job if `version` is the version that created it.
    pub(crate) fn of_version(self: Arc<IngestJob>, version: &str) -> Result<Arc<IngestJob>, Refusal> {
        if self.version == version {
            return Ok(self);
        }
        let message = format!("The job was created with API version {}, not {version}", self.version);
        Err(Refusal::new(409, "INVALIDVERSION", message))
    }

    /// Stores the uploaded rows. Only one upload is allowed.
    pub(crate) fn upload(&self, csv: Bytes) -> Result<(), Refusal> {
        let mut progress = lock(&self.progress);
        if progress.state != State::Open {
            return Err(wrong_state(format!("Uploading data to a job in state {:?} not allowed", progress.state)));
        }
        if progress.upload.is_some() {
            return Err(wrong_state(format!("Found multiple contents for job: <{}>; only PUT once on a job", self.id)));
        }
        progress.upload = Some(csv);
        Ok(())
    }

    /// Closes the job and runs `work` on the upload. The end of the work shows only later, in the status of the job.
    pub(crate) fn close(&self, work: impl FnOnce(&[u8]) -> Work) -> Result<(), Refusal> {
        let mut progress = lock(&self.progress);
        if progress.state != State::Open {
            return Err(wrong_state(format!("Closing a job in state {:?} not allowed", progress.state)));
        }
        progress.work = work(progress.upload.as_deref().unwrap_or_default());
        (progress.state, progress.closed) = (State::UploadComplete, Instant::now());
        Ok(())
    }

    /// Advances a job that has not ended. This number of reads of its status, during at least this time, find it
    /// unfinished.
    pub(crate) fn advance(&self, polls: u32, time: Duration) {
        let mut progress = lock(&self.progress);
        if !progress.state.is_open() {
            return;
        }
        if progress.polls < polls || progress.closed.elapsed() < time {
            progress.state = State::InProgress;
            progress.polls += 1;
        } else {
            progress.state = progress.work.end.as_ref().map_or(State::JobComplete, |(state, _)| *state);
        }
    }

    pub(crate) fn fail(&self, message: &str) {
        let mut progress = lock(&self.progress);
        progress.state = State::Failed;
        progress.work.end = Some((State::Failed, message.to_owned()));
    }

    pub(crate) fn abort(&self) -> Result<(), Refusal> {
        let mut progress = lock(&self.progress);
        progress.state = progress.state.aborted()?;
        Ok(())
    }

    /// Deletes the job. A job that is open or in progress has to be aborted first.
    pub(crate) fn delete(&self) -> Result<(), Refusal> {
        let mut progress = lock(&self.progress);
        if matches!(progress.state, State::Open | State::InProgress) {
            return Err(wrong_state(format!("Deleting a job in state {:?} not allowed", progress.state)));
        }
        progress.deleted = true;
        Ok(())
    }

    /// Returns a part of the results, without its last row if `cut`.
    pub(crate) fn results(&self, part: Part, cut: bool) -> Result<Vec<u8>, Refusal> {
        let progress = lock(&self.progress);
        part.check(progress.state)?;
        let mut rows = progress.work.part(part);
        if cut {
            rows.truncate((rows.len() - 1).max(1));
        }
        Ok(csv::lines(&rows))
    }

    /// Returns the response to the creation of the job, and to later requests about it.
    pub(crate) fn status(&self) -> Value {
        let progress = lock(&self.progress);
        let version: f64 = self.version.parse().unwrap_or_default();
        let refused = progress.work.ends.iter().filter(|end| end.is_err()).count();
        let over = !progress.state.is_open();
        let mut status = json!({
            "id": self.id,
            "operation": self.kind(),
            "object": self.object,
            "createdById": id::long("005000000000000"),
            "createdDate": self.date,
            "systemModstamp": self.date,
            "state": progress.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": version,
            "jobType": "V2Ingest",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
            "numberRecordsProcessed": if over { progress.work.ends.len() } else { 0 },
            "numberRecordsFailed": if over { refused } else { 0 },
            "retries": 0,
            "totalProcessingTime": progress.closed.elapsed().as_millis() as u64,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        });
        if let Some(by) = self.operation.by() {
            status["externalIdFieldName"] = json!(by);
        }
        if progress.state == State::Open {
            // Without a leading slash, as the reference shows it.
            status["contentUrl"] = json!(format!("services/data/v{}/jobs/ingest/{}/batches", self.version, self.id));
        }
        if let (State::Failed, Some((_, message))) = (progress.state, &progress.work.end) {
            status["errorMessage"] = json!(message);
        }
        status
    }

    fn kind(&self) -> Operation {
        match self.operation {
            collections::Operation::Create => Operation::Insert,
            collections::Operation::Update => Operation::Update,
            collections::Operation::Upsert { .. } => Operation::Upsert,
        }
    }
}

impl Work {
    /// Returns the rows of a part of the results, after a header with the names of the columns.
    fn part(&self, part: Part) -> Vec<Vec<String>> {
        let own: &[&str] = match part {
            Part::Written => &["sf__Id", "sf__Created"],
            Part::Refused => &["sf__Id", "sf__Error"],
            Part::Unprocessed => &[],
        };
        let header = own.iter().map(|name| (*name).to_owned()).chain(self.table.columns.iter().cloned()).collect();
        let row = |place: &usize| {
            let own = match (part, self.ends.get(*place)) {
                (Part::Written, Some(Ok(written))) => vec![written.id.clone(), written.created.to_string()],
                (Part::Refused, Some(Err(refusal))) => vec![String::new(), said(refusal)],
                (Part::Unprocessed, None) => vec![],
                _ => return None,
            };
            Some(own.into_iter().chain(self.table.rows[*place].iter().cloned()).collect())
        };
        std::iter::once(header).chain(self.order.iter().filter_map(row)).collect()
    }
}

/// Returns a refusal in the format of job results.
fn said(refusal: &Refusal) -> String {
    let fields: String = refusal.fields.iter().map(|field| format!("{field} ")).collect();
    format!("{}:{}:{fields}--", refusal.code, refusal.message)
}
