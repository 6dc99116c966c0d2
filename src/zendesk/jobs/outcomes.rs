//! Gives every item its outcome. This includes the items of jobs that are given up, and the items that are left when a
//! run ends.

use super::lost::Lost;
use super::Jobs;
use crate::error::Error;
use crate::zendesk::outcome::{Finished, Outcome};
use crate::zendesk::queue::Item;

impl Jobs<'_> {
    pub(super) fn finish(&mut self, item: Item, outcome: Outcome) {
        let finished = Finished { stage: item.stage, index: item.index, id: Some(item.row.id), outcome };
        self.progress.finished(&finished);
        self.finished.push(finished);
    }

    pub(super) fn finish_all(&mut self, items: impl IntoIterator<Item = Item>, outcome: impl Fn() -> Outcome) {
        for item in items {
            self.finish(item, outcome());
        }
    }

    /// Gives up a job. Its organizations stay busy, because it may still write them.
    pub(super) fn give_up(&mut self, id: &str, why: &str) {
        let Some(job) = self.in_flight.remove(id) else { return };
        self.given_up += 1;
        self.finish_all(job.batch.items, || Outcome::unknown(format!("{why} job {id}")));
    }

    /// Gives up every job, after an error that the next poll would meet too.
    pub(super) fn give_up_all(&mut self) {
        self.in_flight.ids().iter().for_each(|id| self.give_up(id, "nobody may ask any more for"));
        let lost = self.lost.take();
        self.give_up_lost(lost);
    }

    /// Gives up batches whose responses were lost. Their organizations stay busy, because jobs may be writing them.
    pub(super) fn give_up_lost(&mut self, lost: Vec<Lost>) {
        for Lost { batch, why, .. } in lost {
            self.given_up += 1;
            self.finish_all(batch.items, || Outcome::unknown(format!("the answer to its job was lost ({why})")));
        }
    }

    /// Ends the run, and gives an outcome to each item that has none yet. `why` is the reason why items were not sent,
    /// unless an error stopped the run.
    pub(super) fn close(mut self, why: &str) -> (Vec<Finished>, Option<Error>) {
        let submitting = std::mem::take(&mut self.submitting).into_values().flat_map(|batch| batch.items);
        self.finish_all(submitting, || Outcome::unknown("the run ended before the answer to its job came"));
        let in_flight = self.in_flight.take();
        let lost = self.lost.take().into_iter().map(|lost| lost.batch);
        let unfinished = in_flight.into_iter().chain(lost).flat_map(|batch| batch.items);
        self.finish_all(unfinished, || Outcome::unknown("the run ended before its job did"));
        let reason = match &self.stopped {
            Some(error) => format!("the run was stopped: {error}"),
            None => format!("it was not sent: {why}"),
        };
        let doubtful = self.queue.take_doubtful();
        self.finish_all(doubtful, || {
            Outcome::unknown(format!("it was sent, and what became of it was not told; then {reason}"))
        });
        let waiting = std::mem::take(&mut self.queue).rest();
        self.finish_all(waiting, || Outcome::NotTried(reason.clone()));
        (self.finished, self.stopped)
    }
}
