//! Jobs as specs see them: their kinds, their states, and their results.

use serde::Serialize;
use serde_json::Value;

/// The work of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Creates organizations.
    Create,
    /// Updates organizations.
    Update,
}

/// The states of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The job waits.
    Queued,
    /// The job is in progress.
    Working,
    /// The job has done all its items, successfully or not.
    Completed,
    /// All items failed, or the job as a whole.
    Failed,
    /// The job was terminated from outside.
    Killed,
}

/// A job as specs see it, including facts that the API does not show.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// The id.
    pub id: String,
    /// The work of the job.
    pub work: Work,
    /// The state of the job.
    pub status: State,
    /// The number of items.
    pub total: usize,
    /// The number of items that are done.
    pub done: usize,
    /// The organizations that the job created or was told to update, in the order of the items.
    pub organization_ids: Vec<u64>,
    /// The results of the items that are done.
    pub results: Vec<Value>,
    /// The time at which the job was accepted, in simulated seconds since the start of the simulator.
    pub at: f64,
    /// The time at which the job ended, if it has.
    pub ended_at: Option<f64>,
}

impl State {
    pub(crate) fn is_in_flight(self) -> bool {
        matches!(self, State::Queued | State::Working)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Working => "working",
            State::Completed => "completed",
            State::Failed => "failed",
            State::Killed => "killed",
        }
    }
}

impl Work {
    /// Returns the words for this work at the start of messages and in the type of the job.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Work::Create => ("Creating", "Create"),
            Work::Update => ("Updating", "Update"),
        }
    }
}
