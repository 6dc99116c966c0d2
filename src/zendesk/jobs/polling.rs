//! Handles the responses to polls: jobs that have ended, were forgotten or take too long, and batches whose responses
//! were lost.

use std::collections::HashMap;

use super::ending::{ending, Ending};
use super::lost::{Lost, Recovered};
use super::statuses::{Running, Statuses};
use super::Jobs;
use crate::error::Result;
use crate::zendesk::answer::is_hopeless;
use crate::zendesk::job::Job;
use crate::zendesk::outcome::Outcome;
use crate::zendesk::queue::Batch;

/// The time that a request may still take to arrive after its response was lost, in seconds of the account's clock.
const ON_ITS_WAY: f64 = 2.0;

impl Jobs<'_> {
    /// Handles the response to a poll.
    pub(super) fn polled(&mut self, statuses: Result<Statuses>) {
        let Statuses { asked, ours, running } = match statuses {
            Ok(statuses) => statuses,
            Err(error) => {
                // A failed poll says nothing about the jobs. The time that they may take keeps running.
                tracing::warn!("Zendesk: {error}");
                self.give_up_overdue();
                if is_hopeless(&error) {
                    self.stopped.get_or_insert(error);
                    self.give_up_all();
                }
                return;
            }
        };
        let mut known: HashMap<String, Job> = ours.into_iter().map(|job| (job.id.clone(), job)).collect();
        for id in asked {
            match known.remove(&id) {
                Some(job) if job.status.has_ended() => self.ended(&id, &job),
                Some(_) => self.in_flight.seen(&id),
                None if self.in_flight.is_forgotten(&id) => self.give_up(&id, "Zendesk has forgotten"),
                None => {}
            }
        }
        self.give_up_overdue();
        if let Some(running) = running {
            self.recover(&running);
        }
    }

    /// Reads the results of a job that has ended. Rows of a failed job that have no result are tried again in smaller
    /// jobs.
    fn ended(&mut self, id: &str, job: &Job) {
        let Some(in_flight) = self.in_flight.remove(id) else { return };
        let stage = in_flight.batch.stage;
        let Ending { told, untold, why } = ending(job, in_flight);
        let told_ids: Vec<u64> = told.iter().map(|(item, _)| item.row.id).collect();
        self.queue.release(&told_ids);
        for (item, outcome) in told {
            self.finish(item, outcome);
        }
        if !untold.is_empty() {
            self.split(Batch { stage, items: untold, lost: 0, doubtful: true }, &why, Outcome::unknown);
        }
    }

    /// Gives up the jobs and the lost batches that have taken longer than the account's patience.
    fn give_up_overdue(&mut self) {
        let patience = self.client.account.job_patience;
        for id in self.in_flight.older_than(patience) {
            self.give_up(&id, "there was no end in time of");
        }
        let late = self.lost.take_older_than(patience);
        self.give_up_lost(late);
    }

    /// Sends the batches whose responses were lost again, if every running job is that of another batch of this run,
    /// even one that was given up: their own jobs have ended then, or never existed.
    fn recover(&mut self, running: &Running) {
        if running.ids.iter().any(|id| !self.in_flight.was_named(id)) {
            return;
        }
        let on_its_way = self.client.account.clock.span(ON_ITS_WAY);
        let Recovered { again, failed, given_up } = self.lost.recover(running.asked, on_its_way);
        self.give_up_lost(given_up);
        for Lost { batch, why, .. } in failed {
            let failed = format!("it was answered with an error each time ({why})");
            self.split(batch, &failed, Outcome::unknown);
        }
        again.into_iter().for_each(|batch| self.queue.put_back(batch));
    }
}
