//! The jobs in flight: those that Zendesk has accepted and that are not known to have ended.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::zendesk::queue::Batch;

/// The number of consecutive polls that must ask for a job and leave it out before it counts as forgotten.
const MISSES: u32 = 2;

/// One job in flight, with the batch that it writes.
pub(super) struct InFlightJob {
    pub(super) batch: Batch,
    /// The keys of attributes that Zendesk reported as ignored, such as `organizations.nme`.
    pub(super) ignored: Vec<String>,
    /// True if Zendesk gave the id of this job to another batch as well.
    pub(super) shared: bool,
    since: Instant,
    misses: u32,
}

impl InFlightJob {
    pub(super) fn new(batch: Batch, ignored: Vec<String>, since: Instant) -> Self {
        Self { batch, ignored, shared: false, since, misses: 0 }
    }
}

/// All jobs in flight, by their ids.
#[derive(Default)]
pub(super) struct InFlightJobs {
    jobs: HashMap<String, InFlightJob>,
    /// The ids of all jobs of this run, including those that have ended or were given up.
    named: HashSet<String>,
}

impl InFlightJobs {
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.jobs.keys().cloned().collect()
    }

    /// Returns whether a job of this run has this id, even one that has ended or was given up.
    pub(super) fn was_named(&self, id: &str) -> bool {
        self.named.contains(id)
    }

    pub(super) fn insert(&mut self, id: String, job: InFlightJob) {
        self.named.insert(id.clone());
        self.jobs.insert(id, job);
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<InFlightJob> {
        self.jobs.remove(id)
    }

    /// Removes all jobs, and returns their batches.
    pub(super) fn take(&mut self) -> Vec<Batch> {
        self.jobs.drain().map(|(_, job)| job.batch).collect()
    }

    /// Records that Zendesk gave the id of a job to another batch as well.
    pub(super) fn share(&mut self, id: &str) {
        if let Some(job) = self.jobs.get_mut(id) {
            job.shared = true;
        }
    }

    /// Records that a poll found the job.
    pub(super) fn seen(&mut self, id: &str) {
        if let Some(job) = self.jobs.get_mut(id) {
            job.misses = 0;
        }
    }

    /// Records that a poll asked for the job and left it out. Returns whether so many polls in a row left it out that it
    /// counts as forgotten.
    pub(super) fn is_forgotten(&mut self, id: &str) -> bool {
        self.jobs.get_mut(id).is_some_and(|job| {
            job.misses += 1;
            job.misses >= MISSES
        })
    }

    /// Returns the ids of the jobs that were accepted at least `patience` ago.
    pub(super) fn older_than(&self, patience: Duration) -> Vec<String> {
        let late = self.jobs.iter().filter(|(_, job)| job.since.elapsed() >= patience);
        late.map(|(id, _)| id.clone()).collect()
    }
}
