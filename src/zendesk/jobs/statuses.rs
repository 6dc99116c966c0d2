//! Polls: asks for the statuses of jobs, as often as the request budget allows.

use tokio::time::Instant;

use crate::error::Result;
use crate::zendesk::client::Client;
use crate::zendesk::job::{jobs, recent, Job};

/// The shortest and the longest pause between two polls, in seconds of the account's clock.
const PAUSES: (f64, f64) = (0.25, 5.0);
/// The share of our request budget that goes into polling.
const POLLING_SHARE: f64 = 0.2;

/// The statuses of jobs, from the response to one poll.
pub(super) struct Statuses {
    /// The ids of our own jobs that were asked for. Jobs that were accepted meanwhile are not among them.
    pub(super) asked: Vec<String>,
    /// Our own jobs that were found.
    pub(super) ours: Vec<Job>,
    /// The jobs that the account is running, if they were asked for.
    pub(super) running: Option<Running>,
}

/// All jobs of the account that have not ended, including those of other clients.
pub(super) struct Running {
    /// The time just before the request for them was sent.
    pub(super) asked: Instant,
    pub(super) ids: Vec<String>,
}

/// Waits for the pause between two polls, and asks for the jobs with these ids. With `all`, also asks for all jobs that
/// the account is running.
pub(super) async fn poll(client: &Client, ids: Vec<String>, all: bool) -> Result<Statuses> {
    client.account.clock.wait(pause(client.account.pace.budget())).await;
    // All jobs are asked for before our own, so that a job of ours that is accepted meanwhile cannot be taken for an
    // unknown one.
    let running = if all { Some(running(client).await?) } else { None };
    let ours = if ids.is_empty() { Vec::new() } else { jobs(client, &ids).await? };
    Ok(Statuses { asked: ids, ours, running })
}

async fn running(client: &Client) -> Result<Running> {
    let asked = Instant::now();
    let in_flight = |job: Job| (!job.status.has_ended()).then_some(job.id);
    let ids = recent(client).await?.into_iter().filter_map(in_flight).collect();
    Ok(Running { asked, ids })
}

/// Returns the pause between two polls, in seconds of the account's clock. It is as short as a budget of `budget`
/// requests per minute allows.
fn pause(budget: usize) -> f64 {
    let (from, to) = PAUSES;
    (60.0 / (budget as f64 * POLLING_SHARE)).clamp(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_are_as_frequent_as_the_budget_allows() {
        assert_eq!((pause(1250), pause(300), pause(100), pause(1)), (0.25, 1.0, 3.0, 5.0));
    }
}
