//! A job in progress: its items are done one after the other, and their results are kept.

use super::error::Invalid;
use super::fault::{Answer, ItemFailures, JobStops, StoppedState};
use super::job::{Job, State, Work};
use super::Record;
use crate::clock::Moment;
use serde_json::{json, Value};

/// The share of its time during which a job is queued.
const QUEUED: f64 = 0.2;

/// An item of a job.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) target: Target,
    pub(crate) attributes: Record,
}

/// The organization that an item concerns.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    New,
    Organization(u64),
    /// No organization: the item does not identify an existing one.
    Nothing,
}

/// A job and its progress.
pub(crate) struct Running {
    pub(crate) id: String,
    work: Work,
    items: Vec<Item>,
    results: Vec<Value>,
    organization_ids: Vec<u64>,
    at: f64,
    seconds: f64,
    mishap: Mishap,
    /// True if the status can no longer be read.
    pub(crate) is_forgotten: bool,
}

/// The planned fault of a job.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mishap {
    failures: Option<ItemFailures>,
    stops: Option<JobStops>,
    missing: usize,
    /// The message of the job when it has failed.
    message: Option<String>,
}

impl Mishap {
    pub(crate) fn of(fault: Option<&Answer>) -> Mishap {
        match fault {
            Some(Answer::ItemFailures(failures)) => Mishap { failures: Some(failures.clone()), ..Mishap::default() },
            Some(Answer::JobStops(stops)) => Mishap { stops: Some(*stops), ..Mishap::default() },
            Some(Answer::MissingResults(missing)) => Mishap { missing: *missing, ..Mishap::default() },
            _ => Mishap::default(),
        }
    }

    /// Creates the fault of a job that fails as a whole.
    pub(crate) fn fatal(message: &str) -> Mishap {
        let stops = Some(JobStops { status: StoppedState::Failed, after: 0 });
        Mishap { stops, message: Some(message.to_owned()), ..Mishap::default() }
    }
}

impl Running {
    pub(crate) fn new(id: String, work: Work, items: Vec<Item>, at: f64, seconds: f64, mishap: Mishap) -> Running {
        let (results, organization_ids) = (Vec::new(), Vec::new());
        Running { id, work, items, results, organization_ids, at, seconds, mishap, is_forgotten: false }
    }

    /// Returns the time at which the next item is done.
    pub(crate) fn due(&self) -> Option<f64> {
        let next = self.results.len();
        (next < self.reach()).then(|| self.done_at(next + 1))
    }

    pub(crate) fn next_item(&self) -> Option<&Item> {
        self.items.get(self.results.len())
    }

    /// Returns whether a fault makes the next item fail.
    pub(crate) fn fails_next(&self) -> bool {
        self.mishap.failures.as_ref().is_some_and(|failures| self.results.len() < failures.count)
    }

    /// Records the result of an item, and the id of its organization.
    pub(crate) fn done(&mut self, id: Option<u64>, outcome: Result<(), Vec<Invalid>>) {
        self.organization_ids.extend(id);
        let result = match (outcome, id) {
            (Err(reasons), id) => self.failure(id, &reasons),
            (Ok(()), Some(id)) if self.work == Work::Create => json!({"status": "Created", "id": id}),
            (Ok(()), id) => json!({"action": "update", "id": id, "status": "Updated", "success": true}),
        };
        self.results.push(result);
    }

    pub(crate) fn state(&self, now: f64) -> State {
        let stopped = self.mishap.stops.map(|stops| stops.status);
        let begun = now >= self.done_at(0);
        match stopped {
            Some(StoppedState::Queued) => State::Queued,
            _ if !begun => State::Queued,
            Some(StoppedState::Failed) if self.results.len() == self.reach() => State::Failed,
            Some(StoppedState::Killed) if self.results.len() == self.reach() => State::Killed,
            Some(StoppedState::Working) => State::Working,
            _ if self.results.len() < self.items.len() => State::Working,
            _ if self.results.iter().all(has_failed) => State::Failed,
            _ => State::Completed,
        }
    }

    pub(crate) fn ended_at(&self, now: f64) -> Option<f64> {
        (!self.state(now).is_in_flight()).then(|| self.done_at(self.results.len()))
    }

    /// Returns the job in the format of the API.
    pub(crate) fn row(&self, now: Moment, url: &str) -> Value {
        let state = self.state(now.seconds);
        let (verb, kind) = self.work.words();
        let done = self.results.len();
        let ended = self.ended_at(now.seconds).map(|at| now.at(at).spoken());
        let message = match (state, ended) {
            (State::Queued, _) => None,
            (State::Failed, _) if self.mishap.message.is_some() => self.mishap.message.clone(),
            (State::Completed, Some(time)) => Some(format!("Completed at {time}")),
            (State::Failed, Some(time)) => Some(format!("Failed at {time}")),
            (State::Killed, Some(time)) => Some(format!("Killed at {time}")),
            _ => Some(format!("{verb} organization #{}", (done + 1).min(self.items.len()))),
        };
        let tells_results = self.mishap.stops.is_none() && !state.is_in_flight();
        let shown = done.saturating_sub(self.mishap.missing);
        json!({
            "id": self.id,
            "job_type": format!("Bulk {kind} Organization"),
            "url": format!("{url}/api/v2/job_statuses/{}.json", self.id),
            "total": self.items.len(),
            "progress": (state != State::Queued).then_some(done),
            "status": state.name(),
            "message": message,
            "results": tells_results.then(|| &self.results[..shown]),
        })
    }

    /// Returns the job in the format of the API at the time of its acceptance, even if it takes no time.
    pub(crate) fn accepted_row(&self, now: Moment, url: &str) -> Value {
        self.row(now.at(f64::NEG_INFINITY), url)
    }

    /// Returns the job as specs see it.
    pub(crate) fn report(&self, now: Moment) -> Job {
        Job {
            id: self.id.clone(),
            work: self.work,
            status: self.state(now.seconds),
            total: self.items.len(),
            done: self.results.len(),
            organization_ids: match self.work {
                Work::Create => self.organization_ids.clone(),
                Work::Update => self.items.iter().filter_map(|item| item.target.id()).collect(),
            },
            results: self.results.clone(),
            at: self.at,
            ended_at: self.ended_at(now.seconds),
        }
    }

    /// Returns the time at which this number of items is done.
    fn done_at(&self, items: usize) -> f64 {
        let share = items as f64 / self.items.len().max(1) as f64;
        self.at + self.seconds * (QUEUED + (1.0 - QUEUED) * share)
    }

    /// Returns the number of items that the job does before it stops.
    fn reach(&self) -> usize {
        let all = self.items.len();
        match self.mishap.stops {
            Some(JobStops { status: StoppedState::Queued, .. }) => 0,
            Some(stops) => stops.after.min(all),
            None => all,
        }
    }

    fn failure(&self, id: Option<u64>, reasons: &[Invalid]) -> Value {
        let wanted = self.mishap.failures.as_ref().filter(|_| self.fails_next());
        let (_, kind) = self.work.words();
        if wanted.is_some_and(|wanted| wanted.unsuccessful) {
            return json!({"action": kind.to_lowercase(), "id": id, "status": "Failed", "success": false});
        }
        let usual = format!("Organization{kind}Failed");
        let error = wanted.and_then(|wanted| wanted.error.clone()).unwrap_or(usual);
        let details = wanted.map_or_else(|| Invalid::details(reasons), |wanted| wanted.details.clone());
        let mut result = json!({"index": self.results.len(), "error": error});
        if let Some(id) = id {
            result["id"] = id.into();
        }
        result["details"] = details.into();
        result
    }
}

impl Target {
    pub(crate) fn id(&self) -> Option<u64> {
        match self {
            Target::Organization(id) => Some(*id),
            Target::New | Target::Nothing => None,
        }
    }
}

fn has_failed(result: &Value) -> bool {
    result.get("error").is_some() || result["success"] == false
}
