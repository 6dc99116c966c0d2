//! Ingest jobs: rows are uploaded as CSV, written when the job is closed, and returned with their results.
//!
//! The rows are written at once, so that a client that has lost track of its job finds them written. The state that
//! reports this follows later, as for a query job.

mod job;
mod request;
mod table;

pub(crate) use job::IngestJob;
pub(crate) use request::Request;

use super::job::State;
use crate::http::reply::Reply;
use crate::lock;
use crate::salesforce::collections::{self, each, Planned, MAX_RECORDS};
use crate::salesforce::error::Refusal;
use crate::salesforce::fault::Answer;
use crate::salesforce::records::{known, parsed};
use crate::salesforce::world::World;
use crate::salesforce::writer::Writer;
use crate::salesforce::Record;
use bytes::Bytes;
use job::Work;
use serde::Deserialize;
use serde_json::{json, Value};
use std::sync::Arc;
use table::Table;

const CSV: &str = "text/csv; charset=UTF-8";
const RETRIED: &str = "InternalServerError : Retried more than fifteen times";

/// The description of a new job. Other formats exist, but no client here asks for them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewJob {
    object: String,
    operation: Writing,
    #[serde(default)]
    external_id_field_name: Option<String>,
    #[serde(default, rename = "contentType")]
    _content_type: Option<super::ContentType>,
    #[serde(default, rename = "columnDelimiter")]
    _column_delimiter: Option<super::ColumnDelimiter>,
    #[serde(default, rename = "lineEnding")]
    _line_ending: Option<super::LineEnding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Writing {
    Insert,
    Update,
    Upsert,
}

impl World {
    pub(crate) fn ingest(
        &self,
        version: &str,
        request: &Request,
        body: &Bytes,
        fault: Option<&Answer>,
    ) -> Result<Reply, Refusal> {
        let find = |id| self.jobs.find_ingest(id).ok_or_else(Refusal::not_found)?.of_version(version);
        match request {
            Request::Create => self.create_ingest(version, body),
            Request::List => Ok(Reply::json(200, &self.ingest_jobs())),
            Request::Status { id } => {
                let job = find(id)?;
                if matches!(fault, Some(Answer::JobFailed)) {
                    job.fail(RETRIED);
                }
                Ok(Reply::json(200, &self.jobs.poll_ingest(&job)))
            }
            Request::Upload { id } => {
                find(id)?.upload(body.clone())?;
                Ok(Reply::new(201, "", ""))
            }
            Request::Close { id } => {
                let job = find(id)?;
                job.close(|csv| self.work(&job, csv, fault))?;
                Ok(Reply::json(200, &job.status()))
            }
            Request::Abort { id } => {
                let job = find(id)?;
                job.abort()?;
                Ok(Reply::json(200, &job.status()))
            }
            Request::Delete { id } => {
                find(id)?.delete()?;
                Ok(Reply::new(204, "", ""))
            }
            Request::Results { id, part } => {
                let cut = matches!(fault, Some(Answer::DropCsvRow | Answer::DropResultRows));
                Ok(Reply::new(200, CSV, find(id)?.results(*part, cut)?))
            }
        }
    }

    fn create_ingest(&self, version: &str, body: &[u8]) -> Result<Reply, Refusal> {
        let new: NewJob = parsed(body)?;
        let refused = |message: String| Refusal::new(400, "INVALIDJOB", format!("InvalidJob : {message}"));
        let org = lock(&self.org).clone();
        let unknown = || refused(format!("Unable to find object: {}", new.object));
        let (object, home) = org.object(&new.object).ok_or_else(unknown)?;
        let operation = match (new.operation, new.external_id_field_name) {
            (Writing::Insert, _) => collections::Operation::Create,
            (Writing::Update, _) => collections::Operation::Update,
            (Writing::Upsert, Some(by)) if home.is_external_id(&by) => {
                collections::Operation::Upsert { object: object.to_owned(), by }
            }
            (Writing::Upsert, by) => {
                let by = by.unwrap_or_default();
                return Err(refused(format!("Field name provided,{by} does not match an External ID")));
            }
        };
        let job = IngestJob::new(version, object, operation, &mut lock(&self.random), self.clock.now());
        let reply = Reply::json(200, &job.status());
        lock(&self.jobs.ingest).push(Arc::new(job));
        Ok(reply)
    }

    fn ingest_jobs(&self) -> Value {
        let all = lock(&self.jobs.ingest);
        let records: Vec<Value> = all.iter().filter(|job| !job.is_deleted()).map(|job| job.status()).collect();
        json!({"done": true, "records": records, "nextRecordsUrl": null})
    }

    /// Writes all uploaded rows, or those that a fault lets through.
    fn work(&self, job: &IngestJob, csv: &[u8], fault: Option<&Answer>) -> Work {
        let failed = |message| Some((State::Failed, message));
        let table = match Table::new(csv) {
            Ok(table) => table,
            Err(message) => return Work { end: failed(message), ..Work::default() },
        };
        let (mut org, mut random) = (lock(&self.org), lock(&self.random));
        let mut order: Vec<usize> = (0..table.rows.len()).collect();
        random.shuffle(&mut order);
        let home = match known(&org, &job.object) {
            Ok((_, home)) => home.clone(),
            Err(refusal) => return Work { table, order, end: failed(refusal.message), ..Work::default() },
        };
        if let Some(problem) = table.problem(&home, &job.operation) {
            return Work { table, order, end: failed(problem), ..Work::default() };
        }
        let (count, end) = match fault {
            Some(Answer::JobFailed) => (table.rows.len() / 2, failed(RETRIED.to_owned())),
            Some(Answer::JobAborted) => (table.rows.len() / 2, Some((State::Aborted, String::new()))),
            _ => (table.rows.len(), None),
        };
        let mut writer = Writer::new(&mut org, &mut random, job.operation.by(), self.clock.now());
        let mut ends = Vec::with_capacity(count);
        for chunk in table.rows[..count].chunks(MAX_RECORDS) {
            let records: Vec<Record> = chunk.iter().map(|row| table.record(row, &job.object, &home)).collect();
            let planned = planned(fault, ends.len());
            ends.extend(each(&mut writer, &job.operation, records, planned.as_ref()));
        }
        Work { table, ends, end, order }
    }
}

/// Returns the refusals that a fault has planned for the rows after the first `before` ones. No header lets a job save
/// rows that a duplicate rule warns about.
fn planned(fault: Option<&Answer>, before: usize) -> Option<Planned> {
    match fault {
        Some(Answer::RowFailures(rows)) => {
            let refusal = Refusal::new(400, &rows.code, &rows.message);
            Some(Planned { count: rows.count.saturating_sub(before), refusal })
        }
        Some(Answer::Duplicates) => Some(Planned { count: usize::MAX, refusal: Refusal::duplicates() }),
        _ => None,
    }
}

/// Returns the object of a new job, if the body can be parsed.
pub(crate) fn object(body: &[u8]) -> Option<String> {
    parsed::<NewJob>(body).ok().map(|new| new.object)
}
