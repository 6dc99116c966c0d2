//! A job that writes rows, step by step. It writes nothing before it is closed. Until then, a step whose response is
//! lost is repeated with another job. From then on, the state of this job is polled.
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

/// The state of a job, as the server reports it.
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
    /// The reason why we stopped the job, if we did.
    #[serde(skip)]
    stopped: Option<String>,
}

/// The end of a job.
pub(super) enum Ended {
    /// The job was never closed, and has written nothing.
    Unclosed(Error),
    /// The job has ended, and its results can be read.
    Over(Status),
    /// The state of the job is not known.
    Lost(Error),
}

/// A job whose rows have been uploaded.
pub(super) struct Ingest<'a> {
    client: &'a Client,
    action: String,
    job: Job,
}

impl<'a> Ingest<'a> {
    /// Creates a job and uploads its rows. If the response to the upload is lost, the job is aborted and another one
    /// takes its place, because it is not known whether the first job has the rows, and a job accepts an upload only
    /// once.
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

    /// Closes the job, so that it writes its rows, and waits for its end. A job that is not over by `until` is aborted.
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

    /// Reads the results of the rows.
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
            // The counts are certain only if the job has completed all its work.
            let announced = Some(count).filter(|_| complete && part != Part::Unprocessed);
            let read = match self.part(part, table, announced, workers).await {
                // The results that are there are certain nevertheless, so they are read without the count.
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

    /// Deletes the job, or leaves it on the server for people who want to look at it.
    pub(super) async fn leave(self, delete_it: bool) {
        self.job.over.store(true, Ordering::Relaxed);
        if delete_it {
            let (client, url) = (self.client.clone(), self.job.url.clone());
            let deleting = self.client.org.clean_up(async move { drop(delete(&client, &url).await) });
            let _ = deleting.await;
        }
    }

    /// Returns the name of the job in messages, which contains its id.
    pub(super) fn name(&self) -> String {
        let id = self.job.url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
        format!("the Bulk API job {id}")
    }

    /// Closes the job. If the response is lost, the state of the job shows whether it is closed.
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

    /// Aborts the job after an error, so that it writes nothing more without our knowledge.
    async fn stop(&self, error: Error) -> Ended {
        // If the job cannot be aborted, its state shows that.
        let _ = abort(self.client, &self.job.url).await;
        match self.status().await {
            Ok(status) if status.is_over() => Ended::Over(Status { stopped: Some(reason(&error)), ..status }),
            _ => Ended::Lost(error),
        }
    }

    /// Reads the state of the job, even if the reserve of the quota is reached: the end of a job that was begun has to
    /// be known.
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

    /// Returns whether the job failed before its first row.
    pub(super) fn has_not_begun(&self) -> bool {
        self.state == "Failed" && self.number_records_processed == 0
    }

    /// Returns whether the job was aborted. It may have written rows, and may still write those that it had begun.
    pub(super) fn is_aborted(&self) -> bool {
        self.state == "Aborted"
    }

    /// Describes how the job ended, for a message.
    pub(super) fn said(&self) -> String {
        if let Some(reason) = &self.stopped {
            return reason.clone();
        }
        let why = presentable(self.error_message.as_deref().unwrap_or_default());
        let colon = if why.is_empty() { "" } else { ": " };
        format!("it ended as {}{colon}{why}", presentable(&self.state))
    }
}

/// Returns the reason of an error, without the action that failed.
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
