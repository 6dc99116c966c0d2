//! A job at the server: created, polled, and deleted in the end, whatever happens.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use serde::Deserialize;
use serde_json::{json, Value};
use url::Url;

use super::addresses::below;
use crate::error::{presentable, Result};
use crate::http::{damage, Answer, Failure};
use crate::rows::Id;
use crate::salesforce::client::{Client, Sending};
use crate::salesforce::reader::Reader;

/// The pauses between polls of a job: the first and the longest. Each is half as long again as the one before.
pub(in crate::salesforce) const FIRST_PAUSE: Duration = Duration::from_millis(250);
pub(in crate::salesforce) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The end of the message for a job that gives no reason for its end, such as one that somebody aborted.
const UNREASONED: &str = " without a reason; look for it in Salesforce's setup, or read it another way";

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    state: String,
    #[serde(default)]
    number_records_processed: u64,
    #[serde(default)]
    error_message: Option<String>,
}

/// A job at the server. If it is dropped before its end, it is aborted, and deleted unless it is `kept`.
pub(in crate::salesforce) struct Job {
    client: Client,
    pub(in crate::salesforce) url: Url,
    /// True if there is nothing left to clean up.
    pub(in crate::salesforce) over: AtomicBool,
    /// True if the job may have written records. It then stays on the server, for those who want to know which.
    pub(in crate::salesforce) kept: AtomicBool,
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.over.load(Ordering::Relaxed) {
            let (client, url, kept) = (self.client.clone(), self.url.clone(), self.kept.load(Ordering::Relaxed));
            self.client.org.clean_up(async move {
                // Best effort: the server deletes remaining jobs after seven days.
                let _ = abort(&client, &url).await;
                if !kept {
                    let _ = delete(&client, &url).await;
                }
            });
        }
    }
}

/// The creation of a job. If nobody waits for it any more, it is completed in the background, so that the job can be
/// deleted.
struct Creation {
    client: Client,
    creating: Option<BoxFuture<'static, Result<Job>>>,
}

impl Future for Creation {
    type Output = Result<Job>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Job>> {
        let Some(creating) = &mut self.creating else { return Poll::Pending };
        let polled = creating.poll_unpin(context);
        if polled.is_ready() {
            self.creating = None;
        }
        polled
    }
}

impl Drop for Creation {
    fn drop(&mut self) {
        if let Some(creating) = self.creating.take() {
            self.client.org.clean_up(async { drop(creating.await) });
        }
    }
}

impl Job {
    /// Creates a job from its description.
    pub(in crate::salesforce) async fn create(
        client: &Client,
        action: &str,
        sending: Sending,
        path: &str,
        body: Value,
    ) -> Result<Self> {
        let url = client.resource(path).await?;
        let (own, action) = (client.clone(), action.to_owned());
        let creating = async move {
            let request = |http: &reqwest::Client| http.post(url.clone()).json(&body);
            let read = |answer: Answer| async move {
                let created = parsed::<Created>(&answer, Failure::lasting)?;
                let id = Id::parse(&created.id);
                id.ok_or_else(|| Failure::lasting("the job that was begun has no valid id".into()))
            };
            let id = own.send(&action, sending, request, read).await?;
            let url = below(&url, id.as_str());
            Ok(Job { url, client: own, over: AtomicBool::new(false), kept: AtomicBool::new(false) })
        };
        Creation { client: client.clone(), creating: Some(creating.boxed()) }.await
    }
}

impl Reader<'_> {
    /// Creates a job. The request is not retried if it may have succeeded: the first job would run on unnoticed.
    pub(super) async fn create(&self, soql: &str) -> Result<Job> {
        let operation = if self.query.all { "queryAll" } else { "query" };
        let body = json!({
            "operation": operation, "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"
        });
        Job::create(self.client, &self.action, Sending::Once, "jobs/query", body).await
    }

    /// Waits until the job is complete, and returns the number of its rows.
    pub(super) async fn wait(&self, job: &Job) -> Result<u64> {
        let mut pause = FIRST_PAUSE;
        let waiting = async {
            loop {
                let request = |http: &reqwest::Client| http.get(job.url.clone());
                let read = |answer: Answer| async move { parsed::<Status>(&answer, Failure::passing) };
                let status = self.client.send(&self.action, Sending::Again, request, read).await?;
                match status.state.as_str() {
                    "JobComplete" => return Ok(status.number_records_processed),
                    "Failed" | "Aborted" => {
                        let state = presentable(&status.state);
                        let why = status.error_message.map(|why| presentable(&why)).filter(|why| !why.is_empty());
                        let why = why.map_or_else(|| UNREASONED.into(), |why| format!(": {why}"));
                        return Err(self.failed(format!("the Bulk API job ended as {state}{why}")));
                    }
                    _ => tokio::time::sleep(pause).await,
                }
                pause = LONGEST_PAUSE.min(pause * 3 / 2);
            }
        };
        self.client.org.http.within_deadline(&self.action, waiting).await
    }
}

pub(in crate::salesforce) async fn abort(client: &Client, job: &Url) -> Result<()> {
    let request = |http: &reqwest::Client| http.patch(job.clone()).json(&json!({ "state": "Aborted" }));
    client.send("the end of a Bulk API job", Sending::AtAnyRate, request, |_| async { Ok(()) }).await
}

pub(in crate::salesforce) async fn delete(client: &Client, job: &Url) -> Result<()> {
    let request = |http: &reqwest::Client| http.delete(job.clone());
    client.send("the end of a Bulk API job", Sending::AtAnyRate, request, |_| async { Ok(()) }).await
}

/// Parses a response about a job.
pub(in crate::salesforce) fn parsed<T: DeserializeOwned>(
    answer: &Answer,
    failure: impl Fn(String) -> Failure,
) -> std::result::Result<T, Failure> {
    damage::read_json(&answer.body).map_err(|_| failure("the answer is not what a Bulk API job gives".into()))
}
