//! Bulk API 2.0: query jobs, ingest jobs, and their results as CSV.

mod check;
mod csv;
pub(crate) mod ingest;
mod job;
mod jobs;
mod locator;
mod request;
mod results;

pub use job::{Job, Operation, State};
pub(crate) use jobs::Jobs;
pub(crate) use request::Request;

use super::error::Refusal;
use super::fault::Answer;
use super::plan::plan;
use super::records::parsed;
use super::world::World;
use crate::http::reply::Reply;
use crate::lock;
use crate::random::Random;
use check::check;
use csv::Table;
use job::QueryJob;
use serde::Deserialize;
use std::sync::Arc;

/// The description of a new job. Other formats exist, but no client here asks for them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewJob {
    operation: Reading,
    query: String,
    #[serde(default, rename = "contentType")]
    _content_type: Option<ContentType>,
    #[serde(default, rename = "columnDelimiter")]
    _column_delimiter: Option<ColumnDelimiter>,
    #[serde(default, rename = "lineEnding")]
    _line_ending: Option<LineEnding>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Reading {
    Query,
    QueryAll,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ContentType {
    Csv,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ColumnDelimiter {
    Comma,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum LineEnding {
    Lf,
}

/// A change of a job.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(rename = "state")]
    _state: Aborted,
}

#[derive(Deserialize)]
enum Aborted {
    Aborted,
}

impl World {
    pub(crate) fn bulk(
        &self,
        version: &str,
        request: &Request,
        body: &[u8],
        fault: Option<&Answer>,
    ) -> Result<Reply, Refusal> {
        let find = |id| self.jobs.find(id).ok_or_else(Refusal::not_found);
        match request {
            Request::Create => self.create_job(version, body),
            Request::List => Ok(Reply::json(200, &self.jobs.list())),
            Request::Status { id } => {
                let job = find(id)?.of_version(version)?;
                if matches!(fault, Some(Answer::JobFailed)) {
                    job.fail();
                }
                Ok(Reply::json(200, &self.jobs.poll(&job)))
            }
            Request::Results { id, locator, most } => {
                let table = find(id)?.of_version(version)?.table()?;
                self.jobs.results(&table, locator.as_deref(), most.as_deref(), fault)
            }
            Request::ResultPages { id, locator } => {
                let job = find(id)?.of_version(version)?;
                self.jobs.result_pages(&job, locator.as_deref())
            }
            Request::Abort { id } => {
                let job = find(id)?;
                let _: Change = parsed(body)?;
                job.abort()?;
                Ok(Reply::json(200, &job.status()))
            }
            Request::Delete { id } => {
                find(id)?.delete()?;
                Ok(Reply::new(204, "", ""))
            }
        }
    }

    fn create_job(&self, version: &str, body: &[u8]) -> Result<Reply, Refusal> {
        let new: NewJob = parsed(body)?;
        let query = check(&new.query)?;
        let org = lock(&self.org).clone();
        let (deleted, operation) = match new.operation {
            Reading::Query => (false, Operation::Query),
            Reading::QueryAll => (true, Operation::QueryAll),
        };
        let plan = plan(&new.query, &query, org, deleted, self.shuffle.map(Random::new))?;
        let table = Table::new(plan)?;
        // Chunks have no common order.
        let chunks = query.order.is_empty() && query.limit.is_none();
        let job = QueryJob::new(version, operation, table, chunks, &mut lock(&self.random), self.clock.now());
        let reply = Reply::json(200, &job.created());
        self.jobs.add(Arc::new(job));
        Ok(reply)
    }
}

/// Returns the object of a new job, if the body can be parsed.
pub(crate) fn object(body: &[u8]) -> Option<String> {
    super::soql::object(&parsed::<NewJob>(body).ok()?.query)
}
