//! A job that writes, step by step. It writes nothing before it is closed; so a step whose answer is lost is taken again with
//! another job until then, and from then on the state of this one is asked for.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/create_job.htm>

use std::sync::atomic::Ordering;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{json, Value};
use tokio::time::{sleep, timeout_at, Instant};
use url::Url;

use super::results::{Part, Result as RowResult};
use super::table::Table;
use crate::engine::Workers;
use crate::error::{presentable, Error, Result};
use crate::http::{Answer, Body, Failure};
use crate::salesforce::answer::SERVICE;
use crate::salesforce::bulk::addresses::below;
use crate::salesforce::bulk::job::{abort, delete, parsed, Job, FIRST_PAUSE, LONGEST_PAUSE};
use crate::salesforce::client::{Client, Sending};
use crate::salesforce::collection::Operation;

/// The state of a job, as the server tells it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    state: String,
    #[serde(default)]
    number_records_processed: u64,
    #[serde(default)]
    number_records_failed: u64,
    #[serde(default)]
    error_message: Option<String>,
    /// The reason for which we have ended it.
    #[serde(skip)]
    stopped: Option<String>,
}

/// The end of a job.
pub(super) enum Ended {
    /// It was never closed, and has written nothing.
    Unclosed(Error),
    /// It has come to an end, and its result can be read.
    Over(Status),
    /// Nobody knows.
    Lost(Error),
}

/// A job whose rows are uploaded.
pub(super) struct Ingest<'a> {
    client: &'a Client,
    action: String,
    job: Job,
}

impl<'a> Ingest<'a> {
    /// Creates a job and uploads its rows. One whose upload has no answer is ended, and another one takes its place: nobody
    /// can tell whether it has the rows, and it takes them once only.
    pub(super) async fn begin(
        client: &'a Client,
        action: &str,
        object: &str,
        operation: &Operation,
        csv: Vec<u8>,
    ) -> Result<Self> {
        let (description, csv) = (described(object, operation), Bytes::from(csv));
        let mut lost = 0;
        loop {
            let job = Job::create(client, action, Sending::Again, "jobs/ingest", description.clone()).await?;
            let url = below(&job.url, "batches");
            let request =
                |http: &reqwest::Client| http.put(url.clone()).header("Content-Type", "text/csv").body(csv.clone());
            let uploaded = client.send(action, Sending::Once, request, |_| async { Ok(()) }).await;
            let Err(error) = uploaded else { return Ok(Self { client, action: action.into(), job }) };
            lost += 1;
            match client.org.http.pause_after(lost).filter(|_| error.may_be_done()) {
                Some(pause) => sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// Has the job write its rows. One that is not over in time is aborted.
    pub(super) async fn end(&self, until: Instant) -> Ended {
        if let Err(error) = self.close().await {
            return match self.job.kept.load(Ordering::Relaxed) {
                true => self.stop(error).await,
                false => Ended::Unclosed(error),
            };
        }
        match timeout_at(until, self.wait()).await {
            Ok(Ok(status)) => Ended::Over(status),
            Ok(Err(error)) => self.stop(error).await,
            Err(_) => {
                let late = "it was not over in time, and was aborted; raise `deadline` if it may take longer";
                self.stop(Failure::lasting(late.into()).into_error(SERVICE, &self.action)).await
            }
        }
    }

    /// Reads what became of the rows.
    pub(super) async fn results(
        &self,
        status: &Status,
        table: &Table,
        rows: u64,
        workers: &Workers,
    ) -> Result<Vec<RowResult>> {
        let Status { number_records_processed: processed, number_records_failed: failed, .. } = *status;
        let complete = status.is_complete();
        let parts = [
            (Part::Written, processed.saturating_sub(failed)),
            (Part::Refused, failed),
            (Part::Unprocessed, rows.saturating_sub(processed)),
        ];
        let mut results = Vec::new();
        for (part, count) in parts.into_iter().filter(|(_, count)| *count > 0 || !complete) {
            // Only of a job that has done all its work the numbers are certain.
            let announced = Some(count).filter(|_| complete && part != Part::Unprocessed);
            let read = match self.part(part, table, announced, workers).await {
                // What is there is certain nevertheless.
                Err(error) if announced.is_some() => {
                    tracing::warn!("Salesforce: {}: {}", self.name(), reason(&error));
                    self.part(part, table, None, workers).await
                }
                read => read,
            };
            results.extend(read?);
        }
        Ok(results)
    }

    /// Leaves the job to those who want to look at it, or deletes it.
    pub(super) async fn leave(self, delete_it: bool) {
        self.job.over.store(true, Ordering::Relaxed);
        if delete_it {
            let (client, url) = (self.client.clone(), self.job.url.clone());
            let deleting = self.client.org.clean_up(async move { drop(delete(&client, &url).await) });
            let _ = deleting.await;
        }
    }

    /// Returns its id, as messages name it.
    pub(super) fn name(&self) -> String {
        let id = self.job.url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
        format!("the Bulk API job {id}")
    }

    /// Closes the job. Where the answer is lost, the job itself says whether it is closed.
    async fn close(&self) -> Result<()> {
        let mut lost = 0;
        loop {
            let close = json!({ "state": "UploadComplete" });
            let request = |http: &reqwest::Client| http.patch(self.job.url.clone()).json(&close);
            let closed = self.client.send(&self.action, Sending::Once, request, |_| async { Ok(()) }).await;
            let Err(error) = closed else {
                self.job.kept.store(true, Ordering::Relaxed);
                return Ok(());
            };
            if lost == 0 && !error.may_be_done() {
                return Err(error);
            }
            self.job.kept.store(true, Ordering::Relaxed);
            lost += 1;
            if !self.status().await?.is_open() {
                return Ok(());
            }
            match self.client.org.http.pause_after(lost) {
                Some(pause) => sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    async fn wait(&self) -> Result<Status> {
        let mut pause = FIRST_PAUSE;
        loop {
            let status = self.status().await?;
            if status.is_over() {
                return Ok(status);
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 3 / 2);
        }
    }

    /// Aborts the job, of which is not known how it goes, so that it writes nothing more behind our back.
    async fn stop(&self, error: Error) -> Ended {
        // Where it cannot be aborted, its state says so.
        let _ = abort(self.client, &self.job.url).await;
        match self.status().await {
            Ok(status) if status.is_over() => Ended::Over(Status { stopped: Some(reason(&error)), ..status }),
            _ => Ended::Lost(error),
        }
    }

    /// Asks also when the reserve of the quota is reached: what is begun has to be known.
    async fn status(&self) -> Result<Status> {
        let request = |http: &reqwest::Client| http.get(self.job.url.clone());
        let read = |answer: Answer| async move { parsed::<Status>(&answer, Failure::passing) };
        self.client.send(&self.action, Sending::AtAnyRate, request, read).await
    }

    async fn part(
        &self,
        part: Part,
        table: &Table,
        announced: Option<u64>,
        workers: &Workers,
    ) -> Result<Vec<RowResult>> {
        let url: Url = below(&self.job.url, part.name());
        let columns = &table.columns;
        let read = |answer: Answer| async move {
            let (body, columns): (Body, Vec<String>) = (answer.body, columns.clone());
            let reading = workers.run(move || part.read(&body, &columns, announced)).await;
            let read = reading.map_err(|error| Failure::lasting(error.to_string()))?;
            read.map_err(|why| Failure::passing(format!("the {} are not whole: {why}", part.name())))
        };
        self.client.send(&self.action, Sending::AtAnyRate, |http| http.get(url.clone()), read).await
    }
}

impl Status {
    fn is_open(&self) -> bool {
        self.state == "Open"
    }

    fn is_over(&self) -> bool {
        ["JobComplete", "Failed", "Aborted"].contains(&self.state.as_str())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.state == "JobComplete"
    }

    /// Returns whether it has failed before its first row.
    pub(super) fn has_not_begun(&self) -> bool {
        self.state == "Failed" && self.number_records_processed == 0
    }

    /// Returns whether somebody has ended it: what it has begun with may still be written.
    pub(super) fn is_aborted(&self) -> bool {
        self.state == "Aborted"
    }

    /// Returns how it ended, for a message.
    pub(super) fn said(&self) -> String {
        if let Some(reason) = &self.stopped {
            return reason.clone();
        }
        let why = presentable(self.error_message.as_deref().unwrap_or_default());
        let colon = if why.is_empty() { "" } else { ": " };
        format!("it ended as {}{colon}{why}", presentable(&self.state))
    }
}

/// Returns the reason of an error without what it is about.
pub(super) fn reason(error: &Error) -> String {
    match error {
        Error::Authentication(error) | Error::Quota(error) | Error::Remote(error) => error.message.clone(),
        other => other.to_string(),
    }
}

fn described(object: &str, operation: &Operation) -> Value {
    let (name, by) = match operation {
        Operation::Create => ("insert", None),
        Operation::Update => ("update", None),
        Operation::Upsert { by } => ("upsert", Some(by)),
    };
    let mut body = json!({
        "object": object, "operation": name, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"
    });
    if let Some(by) = by {
        body["externalIdFieldName"] = by.as_str().into();
    }
    body
}
