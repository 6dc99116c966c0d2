//! Submits batches as jobs, and handles Zendesk's responses.

use futures_util::FutureExt;
use tokio::time::Instant;

use super::in_flight::InFlightJob;
use super::lost::Lost;
use super::{Event, Jobs, SPLITS, TURNED_AWAY};
use crate::error::Result;
use crate::http::Failure;
use crate::zendesk::answer::{into_error, is_hopeless, is_turned_away, TOO_MANY_JOBS};
use crate::zendesk::client::Tried;
use crate::zendesk::job::{update_many, Accepted};
use crate::zendesk::outcome::{Outcome, Refusal};
use crate::zendesk::queue::Batch;

impl Jobs<'_> {
    pub(super) fn submit(&mut self, batch: Batch) {
        self.progress.sending(batch.stage, &batch.indexes());
        self.sent += 1;
        let (client, key) = (self.client, self.sent);
        let rows = batch.items.iter().map(|item| item.row.clone()).collect();
        self.tasks.push(update_many(client, rows).map(move |answer| Event::Submitted(key, answer)).boxed());
        self.submitting.insert(key, batch);
    }

    /// Handles the response to a batch.
    pub(super) fn submitted(&mut self, batch: Batch, answer: Result<Tried<Accepted>>) {
        match answer {
            Ok(Ok(accepted)) => self.accepted(batch, accepted),
            Ok(Err(failure)) if failure.code.as_deref() == Some(TOO_MANY_JOBS) => self.no_place(batch),
            Ok(Err(failure)) if failure.may_be_done() => {
                tracing::warn!("Zendesk: the answer to a job was lost ({})", failure.message);
                let failed = failure.status == Some(500);
                self.lost.push(Lost { batch, since: Instant::now(), why: failure.message, failed });
            }
            Ok(Err(failure)) if is_about_rows(&failure) && batch.items.len() > 1 => {
                let refused = format!("it was refused as a whole ({})", failure.message);
                self.split(batch, &refused, Outcome::NotTried);
            }
            Ok(Err(failure)) if is_of_no_code(&failure) => self.turned_away(batch, failure),
            Ok(Err(failure)) => self.refused(batch, failure),
            Err(error) => {
                self.queue.put_back(batch);
                self.stopped.get_or_insert(error);
            }
        }
    }

    fn accepted(&mut self, batch: Batch, Accepted { job, places, ignored }: Accepted) {
        if self.in_flight.was_named(&job.id) {
            return self.named_again(&job.id, batch);
        }
        self.turned_away = 0;
        self.progress.accepted(&job.id, batch.stage, &batch.indexes());
        let now = Instant::now();
        self.in_flight.insert(job.id, InFlightJob::new(batch, ignored, now));
        self.window.accepted(self.places_taken(), places, now);
    }

    /// Gives up a batch that got the id of an earlier job, so that its own job cannot be polled. Its organizations stay
    /// busy, because a job may be writing them.
    fn named_again(&mut self, id: &str, batch: Batch) {
        tracing::warn!("Zendesk: the job {id} was named for two batches");
        self.in_flight.share(id);
        self.given_up += 1;
        self.finish_all(batch.items, || {
            Outcome::unknown(format!("Zendesk named the job {id}, which is that of another batch"))
        });
    }

    /// Puts back a batch for which the account had no place for a job. Pauses if no job of ours is about to make room.
    fn no_place(&mut self, batch: Batch) {
        self.queue.put_back(batch);
        let ours = self.in_flight.len().max(1) + self.given_up;
        self.window.refused(ours, Instant::now());
        let pause = self.window.pause();
        tracing::warn!("Zendesk: others have all places for jobs but our {}", self.in_flight.len());
        if self.in_flight.is_empty() && !self.paused {
            self.paused = true;
            let clock = self.client.account.clock;
            self.tasks.push(async move { clock.wait(pause).await }.map(|()| Event::Resumed).boxed());
        }
    }

    /// Handles a batch that something between here and Zendesk refused, perhaps because of the contents of one row. The
    /// halves of the batch are sent next, so that the first few rows show it if all rows are turned away.
    fn turned_away(&mut self, batch: Batch, failure: Failure) {
        if batch.items.len() == 1 {
            self.turned_away += 1;
        } else if self.take_split() {
            let halves: Vec<Batch> = batch.halves().collect();
            return halves.into_iter().rev().for_each(|half| self.queue.put_first(half));
        }
        self.refused(batch, failure);
    }

    /// Ends a batch that was refused as a whole.
    fn refused(&mut self, batch: Batch, failure: Failure) {
        let refusal = Refusal::of(failure.clone());
        self.queue.release(&batch.ids());
        // A refusal that does not concern the rows says nothing about what an earlier attempt may have written.
        let doubtful = batch.doubtful && !is_about_rows(&failure);
        self.finish_all(batch.items, || match doubtful {
            true => Outcome::unknown(format!("it was sent before, and then refused ({})", refusal.message)),
            false => Outcome::Refused(refusal.clone()),
        });
        let of_few = is_of_no_code(&failure) && self.turned_away < TURNED_AWAY && self.splits > 0;
        let error = into_error(failure, "the update of organizations");
        if is_hopeless(&error) && !of_few {
            self.stopped.get_or_insert(error);
        }
    }

    /// Puts back the two halves of a batch that failed as a whole, so that the row at fault is alone in the end. Once
    /// [`SPLITS`] are used up, ends the items with the outcome that `otherwise` makes of the reason.
    pub(super) fn split(&mut self, batch: Batch, why: &str, otherwise: fn(String) -> Outcome) {
        if self.take_split() {
            tracing::warn!("Zendesk: a job with {} rows goes again in two, because {why}", batch.items.len());
            return batch.halves().for_each(|half| self.queue.put_back(half));
        }
        self.queue.release(&batch.ids());
        let why = "the job that it was in failed too, and it is not known by which row: no more jobs are cut in two";
        self.finish_all(batch.items, || otherwise(format!("{why}, after {SPLITS}; the next run tries again")));
    }

    /// Takes one of the [`SPLITS`]. Returns false if none is left.
    fn take_split(&mut self) -> bool {
        let left = self.splits.checked_sub(1);
        self.splits = left.unwrap_or_default();
        left.is_some()
    }
}

fn is_of_no_code(failure: &Failure) -> bool {
    is_turned_away(failure.status, failure.code.as_deref())
}

/// Returns whether a request was refused for the rows in it, so that a smaller one may be accepted.
fn is_about_rows(failure: &Failure) -> bool {
    matches!(failure.status, Some(400 | 413 | 422))
}
