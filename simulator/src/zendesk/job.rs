//! Jobs as a spec looks at them: their kinds, their states, and what they did.

use serde::Serialize;
use serde_json::Value;

/// The work of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Creates organizations.
    Create,
    /// Changes organizations.
    Update,
}

/// The states of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits.
    Queued,
    /// It is doing its items.
    Working,
    /// It has done all of its items, which says nothing about how that went.
    Completed,
    /// All items failed, or the job itself.
    Failed,
    /// It was ended from outside.
    Killed,
}

/// A job as a spec looks at it: also what the API does not tell.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// The id.
    pub id: String,
    /// The work of the job.
    pub work: Work,
    /// Its state.
    pub status: State,
    /// The number of its items.
    pub total: usize,
    /// The number of items that are done.
    pub done: usize,
    /// The organizations that it created or was told to change, in the order of its items.
    pub organization_ids: Vec<u64>,
    /// The result of each item that is done.
    pub results: Vec<Value>,
    /// The time at which it was accepted, in simulated seconds since the start.
    pub at: f64,
    /// The time at which it ended, if it has.
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
    /// Returns the word that its messages begin with, and that its type has.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Work::Create => ("Creating", "Create"),
            Work::Update => ("Updating", "Update"),
        }
    }
}
