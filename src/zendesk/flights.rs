//! The jobs that were accepted and whose end is not known yet.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use super::queue::Batch;

/// The number of questions in a row that must leave a job out before it is given up.
const MISSES: u32 = 2;

/// A job that was accepted.
pub(super) struct Flight {
    pub(super) batch: Batch,
    /// The attributes that Zendesk said it ignores.
    pub(super) ignored: Vec<String>,
    /// True if Zendesk has given its id to another batch as well.
    pub(super) shared: bool,
    since: Instant,
    misses: u32,
}

impl Flight {
    pub(super) fn new(batch: Batch, ignored: Vec<String>, since: Instant) -> Self {
        Self { batch, ignored, shared: false, since, misses: 0 }
    }
}

/// All of them, by the ids of their jobs.
#[derive(Default)]
pub(super) struct Flights {
    flying: HashMap<String, Flight>,
    /// The ids of all jobs of this run, also of those that have ended.
    named: HashSet<String>,
}

impl Flights {
    pub(super) fn len(&self) -> usize {
        self.flying.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flying.is_empty()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.flying.contains_key(id)
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.flying.keys().cloned().collect()
    }

    /// Returns whether a job of this run has had the id, also one that has ended.
    pub(super) fn was_named(&self, id: &str) -> bool {
        self.named.contains(id)
    }

    pub(super) fn insert(&mut self, id: String, flight: Flight) {
        self.named.insert(id.clone());
        self.flying.insert(id, flight);
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Flight> {
        self.flying.remove(id)
    }

    /// Takes out the batches of all of them.
    pub(super) fn take(&mut self) -> Vec<Batch> {
        self.flying.drain().map(|(_, flight)| flight.batch).collect()
    }

    /// Notes that Zendesk has given the id of a job to another batch as well.
    pub(super) fn share(&mut self, id: &str) {
        if let Some(flight) = self.flying.get_mut(id) {
            flight.shared = true;
        }
    }

    /// Notes that an answer had the job in it.
    pub(super) fn seen(&mut self, id: &str) {
        if let Some(flight) = self.flying.get_mut(id) {
            flight.misses = 0;
        }
    }

    /// Notes that an answer left the job out, and returns whether that was once too often.
    pub(super) fn is_forgotten(&mut self, id: &str) -> bool {
        self.flying.get_mut(id).is_some_and(|flight| {
            flight.misses += 1;
            flight.misses >= MISSES
        })
    }

    /// Returns the ids of those that have been on their way for so long.
    pub(super) fn older_than(&self, patience: Duration) -> Vec<String> {
        let late = self.flying.iter().filter(|(_, flight)| flight.since.elapsed() >= patience);
        late.map(|(id, _)| id.clone()).collect()
    }
}
