//! Writes the rows of a table in as many jobs as necessary, and determines the outcome of each row.

use std::ops::Range;
use std::sync::Arc;

use tokio::time::{timeout_at, Instant};

use super::ends::Ends;
use super::job::{reason, Ended, Ingest, Status};
use super::join::join;
use super::results::{failure, End};
use super::run::Run;
use super::table::Table;
use crate::error::{counted, Error, Result};
use crate::http::Failure;
use crate::salesforce::answer::SERVICE;
use crate::salesforce::collection::Operation;
use crate::salesforce::write::{in_doubt, not_tried, Numbered, Outcome};

/// The maximum number of bytes in one upload. Salesforce accepts 150 MB in base64.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/upload_job_data.htm>
const MOST_BYTES: usize = 100_000_000;
/// The number of bytes that a result has for a row in addition to the uploaded data: an id, or the reason of a refusal.
const OF_RESULT: usize = 256;
/// The deadline divided by this is the time reserved for reading the results.
const FOR_RESULTS: u32 = 10;
/// The error code with which a duplicate rule refuses a record.
const DUPLICATES: &str = "DUPLICATES_DETECTED";

/// The rows of a table that jobs write.
pub(super) struct Batch<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) table: Arc<Table>,
    /// The rows of the table, in its order.
    pub(super) rows: Vec<Numbered>,
    /// True if the fields of the rows were checked, so that no job fails because of an unknown field.
    pub(super) is_last: bool,
}

impl Batch<'_> {
    /// Writes the rows with one job after another. If a job fails before its first row, returns its rows and all later
    /// ones, so that their fields can be checked.
    pub(super) async fn write(&self, ends: &mut Ends) -> Vec<Numbered> {
        let mut over = false;
        for rows in self.packs() {
            let start = rows.start;
            let of_job = match over {
                true => Some(self.all(&rows, |number| not_tried(&self.run.actions.of_row(number)))),
                false => self.job(rows).await,
            };
            let Some(of_job) = of_job else { return self.rows[start..].to_vec() };
            let everybodys = of_job.outcomes.iter().any(|(_, outcome)| outcome.is_everybodys());
            over = over || everybodys || Instant::now() >= self.closing();
            ends.append(of_job);
        }
        vec![]
    }

    /// Returns the ranges of rows of the jobs. Each job has as many rows as fit into one upload and one readable
    /// result.
    fn packs(&self) -> Vec<Range<usize>> {
        let most = MOST_BYTES.min(self.run.client.org.http.limits().max_body);
        let (mut packs, mut start, mut weight) = (Vec::new(), 0, 0);
        for row in 0..self.table.len() {
            let own = self.table.weight(row) + OF_RESULT;
            if weight + own > most && row > start {
                packs.push(start..row);
                (start, weight) = (row, 0);
            }
            weight += own;
        }
        if start < self.table.len() {
            packs.push(start..self.table.len());
        }
        packs
    }

    /// Writes some rows with one job, and returns their outcomes; `None` if the job failed before its first row and the
    /// fields of the rows were not checked yet.
    async fn job(&self, rows: Range<usize>) -> Option<Ends> {
        let job = match self.begin(&rows).await {
            Ok(job) => job,
            Err(ends) => return Some(ends),
        };
        let status = match job.end(self.closing()).await {
            Ended::Over(status) => status,
            Ended::Unclosed(error) => return Some(self.all(&rows, |_| Outcome::Refused(error.clone()))),
            Ended::Lost(error) => return Some(self.in_doubt(&rows, &job, &reason(&error))),
        };
        if status.has_not_begun() && !self.is_last {
            job.leave(true).await;
            return None;
        }
        let ends = match timeout_at(self.run.until, self.results(&job, &status, &rows)).await {
            Ok(Ok(ends)) => ends,
            Ok(Err(error)) => self.in_doubt(&rows, &job, &reason(&error)),
            Err(_) => self.in_doubt(&rows, &job, "its results could not be read in time"),
        };
        // A job with unknown outcomes stays on the server, for people who want to look at it.
        job.leave(!ends.has_unknown()).await;
        Some(ends)
    }

    /// Begins a job. If that fails, returns the outcomes of its rows.
    async fn begin(&self, rows: &Range<usize>) -> std::result::Result<Ingest<'_>, Ends> {
        let Run { client, workers, object, operation, actions, .. } = self.run;
        let action = actions.of_rows(&self.rows[rows.clone()]);
        let refused = |error: Error| self.all(rows, |_| Outcome::Refused(error.clone()));
        let (table, own) = (Arc::clone(&self.table), rows.clone());
        let csv = workers.run(move || table.csv(own)).await.map_err(refused)?;
        let csv = csv.map_err(|error| refused(Failure::lasting(error.to_string()).into_error(SERVICE, &action)))?;
        let beginning = Ingest::begin(client, &action, object, operation, csv);
        match timeout_at(self.closing(), beginning).await {
            Ok(begun) => begun.map_err(refused),
            Err(_) => Err(self.all(rows, |number| not_tried(&actions.of_row(number)))),
        }
    }

    /// Returns the time at which all jobs have to be over.
    fn closing(&self) -> Instant {
        self.run.until - self.run.client.org.http.limits().deadline / FOR_RESULTS
    }

    async fn results(&self, job: &Ingest<'_>, status: &Status, rows: &Range<usize>) -> Result<Ends> {
        let results = job.results(status, &self.table, rows.len() as u64, self.run.workers).await?;
        let mut ends = Ends::default();
        let (table, own) = (Arc::clone(&self.table), rows.clone());
        let found = self.run.workers.run(move || join(&table, own, results)).await?;
        let told = found.iter().filter(|end| matches!(end, Some(End::Written { .. }))).count();
        let name = job.name();
        match status.is_complete() {
            true => tracing::info!("Salesforce: {name} wrote {} of {}", counted(told, "row"), rows.len()),
            false => tracing::warn!(
                "Salesforce: {name}: {}; it wrote {} of {}",
                status.said(),
                counted(told, "row"),
                rows.len()
            ),
        }
        for ((number, row), end) in self.rows[rows.clone()].iter().zip(found) {
            match self.outcome(job, status, *number, end) {
                Some(outcome) => ends.outcomes.push((*number, outcome)),
                None => ends.again.push((*number, row.clone())),
            }
        }
        Ok(ends)
    }

    /// Returns the outcome of a row; `None` if the row is to be written again.
    fn outcome(&self, job: &Ingest<'_>, status: &Status, number: usize, end: Option<End>) -> Option<Outcome> {
        let failed = |why: String| {
            let message = format!("{}: {why}", job.name());
            Failure::lasting(message).into_error(SERVICE, &self.run.actions.of_row(number))
        };
        Some(match end {
            Some(End::Written { id, created: true }) if self.run.operation != Operation::Update => Outcome::Created(id),
            Some(End::Written { id, .. }) if self.run.operation == Operation::Create => Outcome::Created(id),
            Some(End::Written { id, .. }) => Outcome::Updated(id),
            Some(End::Refused(said)) => {
                let failure = failure(&said);
                let warned = failure.code.as_deref() == Some(DUPLICATES) && self.run.client.org.allow_duplicates;
                if failure.passing || warned {
                    return None;
                }
                Outcome::Refused(failure.into_error(SERVICE, &self.run.actions.of_row(number)))
            }
            // Somebody aborted the job while it was running, and it is not known which rows it had written by then.
            Some(End::Unprocessed) if status.is_aborted() => in_doubt(failed(status.said())),
            Some(End::Unprocessed) => Outcome::Refused(failed(status.said())),
            None => in_doubt(failed(format!("{}, and its results do not name the row", status.said()))),
        })
    }

    /// Returns outcomes for rows of which it is not known whether they were written.
    fn in_doubt(&self, rows: &Range<usize>, job: &Ingest<'_>, why: &str) -> Ends {
        let message = format!("{}: {why}", job.name());
        let failed = |number| Failure::lasting(message.clone()).into_error(SERVICE, &self.run.actions.of_row(number));
        self.all(rows, |number| in_doubt(failed(number)))
    }

    fn all(&self, rows: &Range<usize>, outcome: impl Fn(usize) -> Outcome) -> Ends {
        Ends::all(&self.rows[rows.clone()], outcome)
    }
}
