//! Runs updates as jobs: keeps as many jobs in flight as there are places, polls all of them with one request, and
//! gives every item an outcome.
//!
//! A batch is submitted (`submission.rs`), its job is polled until it ends (`polling.rs`), and each of its items gets
//! an outcome (`outcomes.rs`). Batches that were refused or whose response was lost go back to the queue.

mod ending;
mod in_flight;
mod lost;
mod outcomes;
mod polling;
mod statuses;
mod submission;
mod window;

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::FutureExt;
use tokio::time::Instant;

use self::in_flight::InFlightJobs;
use self::lost::LostAnswers;
use self::statuses::{poll, Statuses};
use self::window::Window;
use super::client::{Client, Tried};
use super::job::Accepted;
use super::outcome::{Finished, Progress};
use super::queue::{Batch, Queue};
use crate::error::{Error, Result};

/// The maximum number of batches that a run splits in two. Each split costs two more jobs. Seven splits find one bad
/// row in a hundred.
const SPLITS: usize = 100;
/// The number of single rows that are turned away one after another, with no job accepted in between, before all rows
/// are taken to be turned away.
pub(in crate::zendesk) const TURNED_AWAY: usize = 5;

/// One run of jobs.
pub(super) struct Jobs<'c> {
    client: &'c Client,
    progress: &'c dyn Progress,
    queue: Queue,
    window: Window,
    in_flight: InFlightJobs,
    lost: LostAnswers,
    /// The number of jobs that were given up and may still take up places.
    given_up: usize,
    /// The number of batches that may still be split in two.
    splits: usize,
    /// The number of single rows that were turned away since a job was last accepted.
    turned_away: usize,
    /// The batches that were sent and have no response yet. They are kept here and not in their tasks, because the end
    /// of a run drops the tasks.
    submitting: HashMap<usize, Batch>,
    /// The number of batches that were sent so far.
    sent: usize,
    polling: bool,
    paused: bool,
    tasks: FuturesUnordered<BoxFuture<'c, Event>>,
    finished: Vec<Finished>,
    stopped: Option<Error>,
}

enum Event {
    /// The response to the batch with this key among those that were sent.
    Submitted(usize, Result<Tried<Accepted>>),
    Polled(Result<Statuses>),
    /// The end of a pause that is made while other clients have all places for jobs.
    Resumed,
}

impl<'c> Jobs<'c> {
    pub(super) fn new(client: &'c Client, queue: Queue, progress: &'c dyn Progress) -> Self {
        let window = Window::new(client.account.jobs, client.account.clock.span(60.0));
        Self {
            client,
            progress,
            queue,
            window,
            in_flight: InFlightJobs::default(),
            lost: LostAnswers::default(),
            given_up: 0,
            splits: SPLITS,
            turned_away: 0,
            submitting: HashMap::new(),
            sent: 0,
            polling: false,
            paused: false,
            tasks: FuturesUnordered::new(),
            finished: Vec::new(),
            stopped: None,
        }
    }

    /// Follows all jobs to their end, or until `deadline`.
    ///
    /// Returns every item once, and the reason why the run ended early, if it did.
    pub(super) async fn run(mut self, deadline: Instant) -> (Vec<Finished>, Option<Error>) {
        loop {
            self.launch();
            match tokio::time::timeout_at(deadline, self.tasks.next()).await {
                Ok(Some(event)) => self.handle(event),
                Ok(None) => return self.close("jobs without an end hold its organization, or all places"),
                Err(_) => return self.close("the deadline came first; raise `deadline` if a run may take longer"),
            }
        }
    }

    /// Submits as many batches as there are places for, and starts a poll if there is anything to ask.
    fn launch(&mut self) {
        while self.stopped.is_none() && !self.paused && self.window.has_room(self.places_taken()) {
            let Some(batch) = self.queue.next() else { break };
            self.submit(batch);
        }
        let nothing_to_ask = self.in_flight.is_empty() && self.lost.is_empty();
        if !self.polling && !nothing_to_ask {
            self.polling = true;
            let polled = poll(self.client, self.in_flight.ids(), !self.lost.is_empty());
            self.tasks.push(polled.map(Event::Polled).boxed());
        }
    }

    /// Returns the number of jobs that take up a place, or may do so.
    fn places_taken(&self) -> usize {
        self.submitting.len() + self.in_flight.len() + self.lost.len() + self.given_up
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Submitted(key, answer) => {
                if let Some(batch) = self.submitting.remove(&key) {
                    self.submitted(batch, answer);
                }
            }
            Event::Polled(statuses) => {
                self.polling = false;
                self.polled(statuses);
            }
            Event::Resumed => self.paused = false,
        }
    }
}
