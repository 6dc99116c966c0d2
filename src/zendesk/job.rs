//! Submits jobs, and reads their statuses.

use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::client::{unreadable, Client, Tried};
use super::lenient::{number, or_default, text};
use super::outcome::RowUpdate;
use super::pages::Pages;
use super::rate::JobPlaces;
use super::warning::ignored;
use crate::error::{Error, Result};
use crate::http::{Answer, Repeat};

/// The maximum number of rows in a job.
pub(super) const MOST_ROWS: usize = 100;
/// The maximum number of jobs that one request can ask for.
const MOST_JOBS: usize = 100;

/// A job and its status.
/// <https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/>
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Job {
    /// The id of the job; empty if the response has none.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// The status of the job.
    #[serde(default, deserialize_with = "or_default")]
    pub status: JobStatus,
    /// The number of items in the job.
    #[serde(default, deserialize_with = "number")]
    pub total: Option<u64>,
    /// The number of items that have been processed.
    #[serde(default, deserialize_with = "number")]
    pub progress: Option<u64>,
    /// A description of what the job is doing, or of why it failed.
    #[serde(default, deserialize_with = "text")]
    pub message: Option<String>,
    /// The results of the items once the job has ended: an array with an object for each item. Not every job has
    /// results.
    #[serde(default)]
    pub results: Option<Value>,
}

/// The status of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// The job waits to be started.
    Queued,
    /// The job is running.
    Working,
    /// The job has processed its items. Each of them may still have failed.
    Completed,
    /// The job has failed as a whole.
    Failed,
    /// The job was stopped from outside.
    Killed,
    /// The response has no status, or one that this version does not know.
    #[default]
    #[serde(other)]
    Other,
}

impl JobStatus {
    /// Returns whether the job will do nothing more.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Killed)
    }
}

#[derive(Deserialize)]
struct One {
    job_status: Job,
}

#[derive(Deserialize)]
struct Many {
    job_statuses: Vec<Job>,
}

/// Reads one job. Zendesk keeps jobs for an hour to a day.
///
/// # Errors
/// [`Error::Remote`] with status 404 if the job is unknown or no longer kept, and those of the sign-in.
pub async fn job(client: &Client, id: &str) -> Result<Job> {
    const ACTION: &str = "the question for a job";
    let mut url = client.resource("job_statuses");
    if let Ok(mut path) = url.path_segments_mut() {
        path.push(id);
    }
    let one: One = client.account.http.within_deadline(ACTION, client.get(ACTION, &url)).await?;
    Ok(one.job_status)
}

/// Reads the jobs with these ids, in any order. Leaves out jobs that are unknown or no longer kept.
pub(super) async fn jobs(client: &Client, ids: &[String]) -> Result<Vec<Job>> {
    let mut all: Vec<Job> = Vec::with_capacity(ids.len());
    for ids in ids.chunks(MOST_JOBS) {
        let mut url = client.resource("job_statuses/show_many");
        url.query_pairs_mut().append_pair("ids", &ids.join(","));
        let many: Option<Many> = if_found(client.get("the question for jobs", &url).await)?;
        all.extend(many.into_iter().flat_map(|many| many.job_statuses));
    }
    let missing = ids.iter().any(|id| all.iter().all(|job| job.id != *id));
    if missing {
        // Under load, a look-up misses jobs that the list still has.
        all.extend(recent(client).await?.into_iter().filter(|job| ids.contains(&job.id)));
    }
    Ok(all)
}

/// Returns `None` for HTTP 404, which is no failed request here: Zendesk does not know the jobs, or does not keep them
/// any more.
fn if_found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(Error::Remote(error)) if error.status == Some(404) => Ok(None),
        answer => answer.map(Some),
    }
}

/// Reads the newest jobs of the account, including those of other clients.
pub(super) async fn recent(client: &Client) -> Result<Vec<Job>> {
    const ACTION: &str = "the list of jobs";
    let mut pages = Pages::new(client, ACTION, "job_statuses");
    let records = pages.next().await?;
    let jobs = records.map_or(Ok(Vec::new()), |records| serde_json::from_str(records.get()));
    jobs.map_err(|_| super::client::not_whole(ACTION, "a job is no record".into()))
}

/// A job that Zendesk has accepted.
pub(super) struct Accepted {
    pub(super) job: Job,
    pub(super) places: Option<JobPlaces>,
    /// The keys of attributes that Zendesk ignores, such as `organizations.nme`.
    pub(super) ignored: Vec<String>,
}

/// Submits a job that updates up to 100 organizations.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#update-many-organizations>
pub(super) async fn update_many(client: &Client, rows: Vec<RowUpdate>) -> Result<Tried<Accepted>> {
    const ACTION: &str = "the update of organizations";
    let url = client.resource("organizations/update_many");
    let row = |mut row: RowUpdate| {
        row.attributes.insert("id".into(), row.id.into());
        row.attributes
    };
    let body = json!({"organizations": rows.into_iter().map(row).collect::<Vec<_>>()});
    let read = |answer: Answer| {
        let one = serde_json::from_slice(&answer.body).ok().filter(|one: &One| !one.job_status.id.is_empty());
        let one = one.ok_or_else(|| unreadable(&answer))?;
        let (places, ignored) = (JobPlaces::of(&answer.headers), ignored(&answer.headers));
        Ok(Accepted { job: one.job_status, places, ignored })
    };
    client.send(ACTION, Repeat::IfRefused, |http| http.put(url.clone()).json(&body), read).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(value: Value) -> Job {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_job_of_another_format_is_still_readable() {
        let odd = json!({"id": "a", "status": "failed", "progress": "7", "total": 1.5, "message": {"title": "no"}});
        let odd = job(odd);
        assert_eq!(
            (odd.status, odd.progress, odd.total, odd.message.as_deref()),
            (JobStatus::Failed, Some(7), None, Some("no"))
        );
        let nameless = job(json!({"id": null, "status": null, "message": null}));
        assert_eq!((nameless.id.as_str(), nameless.status.has_ended()), ("", false), "it may be at work");
        assert_eq!(job(json!({"id": "b", "status": "paused"})).status, JobStatus::Other);
    }
}
