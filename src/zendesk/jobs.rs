//! The closed loop: as many jobs in flight as there are places, all asked for together, and every item's end read.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::FutureExt;
use tokio::time::Instant;

use super::answer::{into_error, is_hopeless, TOO_MANY_JOBS};
use super::client::{Client, Tried};
use super::ending::{ending, Ending};
use super::flights::{Flight, Flights};
use super::job::{jobs, recent, update_many, Accepted, Job};
use super::lost::{Lost, LostAnswers, Recovered};
use super::outcome::{may_be_done, Finished, Outcome, Progress, Refusal};
use super::queue::{Batch, Item, Queue};
use super::window::Window;
use crate::error::{Error, Result};
use crate::http::Failure;

/// The pauses between questions, in seconds of the account: from, to.
const PAUSES: (f64, f64) = (0.25, 5.0);
/// The share of our requests that goes into asking.
const ASKING: f64 = 0.2;
/// The time that a request may be on its way after its answer was lost, in seconds of the account.
const ON_ITS_WAY: f64 = 2.0;

/// The number of times that a job that fails as a whole is cut in two: each time costs two more. One bad row of a
/// hundred takes seven.
const SPLITS: usize = 100;

/// Jobs on their way to their end.
pub(super) struct Jobs<'c> {
    client: &'c Client,
    progress: &'c dyn Progress,
    queue: Queue,
    window: Window,
    flying: Flights,
    lost: LostAnswers,
    /// Jobs that were given up, and may still have places.
    given_up: usize,
    /// The number of jobs that may still be cut in two.
    splits: usize,
    sending: usize,
    asking: bool,
    held: bool,
    work: FuturesUnordered<BoxFuture<'c, Event>>,
    items: Vec<Finished>,
    stopped: Option<Error>,
}

enum Event {
    Sent(Batch, Result<Tried<Accepted>>),
    Told(Result<Statuses>),
    /// The pause is over that others forced on us.
    Rested,
}

/// The answer to a question for jobs.
struct Statuses {
    ours: Vec<Job>,
    running: Option<Running>,
}

/// All jobs of the account that are in flight, also those of others.
struct Running {
    asked: Instant,
    ids: Vec<String>,
}

impl<'c> Jobs<'c> {
    pub(super) fn new(client: &'c Client, queue: Queue, progress: &'c dyn Progress) -> Self {
        let window = Window::new(client.account.jobs, client.account.clock.span(60.0));
        Self {
            client,
            progress,
            queue,
            window,
            flying: Flights::default(),
            lost: LostAnswers::default(),
            given_up: 0,
            splits: SPLITS,
            sending: 0,
            asking: false,
            held: false,
            work: FuturesUnordered::new(),
            items: Vec::new(),
            stopped: None,
        }
    }

    /// Follows all jobs to their end, or to the deadline; gives the end of every item.
    pub(super) async fn run(mut self, until: Instant) -> (Vec<Finished>, Option<Error>) {
        loop {
            self.launch();
            match tokio::time::timeout_at(until, self.work.next()).await {
                Ok(Some(event)) => self.handle(event),
                Ok(None) => return self.close("jobs without an end hold its organization, or all places"),
                Err(_) => return self.close("the deadline came first; raise `deadline` if a run may take longer"),
            }
        }
    }

    /// Sends what there is room for, and asks.
    fn launch(&mut self) {
        while self.stopped.is_none() && !self.held && self.window.has_room(self.in_flight()) {
            let Some(batch) = self.queue.next() else { break };
            self.send(batch);
        }
        let nothing_to_ask = self.flying.is_empty() && self.lost.is_empty();
        if !self.asking && !nothing_to_ask {
            self.asking = true;
            self.work.push(self.ask().boxed());
        }
    }

    /// Counts all that has, or may have, a place.
    fn in_flight(&self) -> usize {
        self.sending + self.flying.len() + self.lost.len() + self.given_up
    }

    fn send(&mut self, batch: Batch) {
        self.sending += 1;
        self.progress.sending(batch.stage, &batch.indexes());
        let client = self.client;
        let sent = async move {
            let rows = batch.items.iter().map(|item| item.row.clone()).collect();
            let answer = update_many(client, rows).await;
            Event::Sent(batch, answer)
        };
        self.work.push(sent.boxed());
    }

    /// Asks one question for all jobs.
    fn ask(&self) -> impl std::future::Future<Output = Event> + 'c {
        let (client, ids) = (self.client, self.flying.ids());
        let all = !self.lost.is_empty();
        async move {
            client.account.clock.wait(pause(client.account.pace.budget())).await;
            let told = async {
                // Before our own: what is not in it, and is none of ours, is not there.
                let running = if all { Some(running(client).await?) } else { None };
                let ours = if ids.is_empty() { Vec::new() } else { jobs(client, &ids).await? };
                Ok(Statuses { ours, running })
            };
            Event::Told(told.await)
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Sent(batch, answer) => {
                self.sending -= 1;
                self.sent(batch, answer);
            }
            Event::Told(told) => {
                self.asking = false;
                self.told(told);
            }
            Event::Rested => self.held = false,
        }
    }

    fn sent(&mut self, batch: Batch, answer: Result<Tried<Accepted>>) {
        match answer {
            Ok(Ok(accepted)) => self.accepted(batch, accepted),
            Ok(Err(failure)) if failure.code.as_deref() == Some(TOO_MANY_JOBS) => self.refused(batch),
            Ok(Err(failure)) if may_be_done(&failure) => {
                tracing::warn!("Zendesk: the answer to a job was lost ({})", failure.message);
                let failed = failure.status == Some(500);
                self.lost.push(Lost { batch, since: Instant::now(), why: failure.message, failed });
            }
            Ok(Err(failure)) if is_of_a_row(&failure) && batch.items.len() > 1 => {
                let refused = format!("it was refused as a whole ({})", failure.message);
                self.split(batch, &refused, Outcome::NotTried);
            }
            Ok(Err(failure)) => self.failed(batch, failure),
            Err(error) => {
                self.queue.put_back(batch);
                self.stopped.get_or_insert(error);
            }
        }
    }

    fn accepted(&mut self, batch: Batch, Accepted { job, places, ignored }: Accepted) {
        if self.flying.was_named(&job.id) {
            return self.repeated(&job.id, batch);
        }
        self.progress.accepted(&job.id, batch.stage, &batch.indexes());
        let now = Instant::now();
        self.flying.insert(job.id, Flight::new(batch, ignored, now));
        self.window.accepted(self.in_flight(), places, now);
    }

    /// Gives up a batch whose id is that of an earlier one, so that nobody can ask what becomes of it. Its
    /// organizations stay busy: a job may be writing them.
    fn repeated(&mut self, id: &str, batch: Batch) {
        tracing::warn!("Zendesk: the job {id} was named for two batches");
        self.flying.share(id);
        self.given_up += 1;
        for item in batch.items {
            self.finish(item, Outcome::unknown(format!("Zendesk named the job {id}, which is that of another batch")));
        }
    }

    /// Puts back a batch for which there was no place: it is the next, when there is one.
    fn refused(&mut self, batch: Batch) {
        self.queue.put_back(batch);
        let in_flight = self.flying.len().max(1) + self.given_up;
        self.window.refused(in_flight, Instant::now());
        let pause = self.window.pause();
        tracing::warn!("Zendesk: others have all places for jobs but our {}", self.flying.len());
        if self.flying.is_empty() && !self.held {
            self.held = true;
            let clock = self.client.account.clock;
            self.work.push(async move { clock.wait(pause).await }.map(|()| Event::Rested).boxed());
        }
    }

    /// Ends a batch that was refused as a whole.
    fn failed(&mut self, batch: Batch, failure: Failure) {
        let refusal = Refusal::of(failure.clone());
        self.queue.release(&batch.ids());
        // The reason is not a row's, so that it says nothing about what was sent before.
        let doubtful = batch.doubtful && !is_of_a_row(&failure);
        for item in batch.items {
            let outcome = match doubtful {
                true => Outcome::unknown(format!("it was sent before, and then refused ({})", refusal.message)),
                false => Outcome::Refused(refusal.clone()),
            };
            self.finish(item, outcome);
        }
        let error = into_error(failure, "the update of organizations");
        if is_hopeless(&error) {
            self.stopped.get_or_insert(error);
        }
    }

    /// Sends a batch that failed as a whole again in halves, until the row that does it is alone; where no more is
    /// spent on that, the rows have no other's reason.
    fn split(&mut self, batch: Batch, why: &str, otherwise: fn(String) -> Outcome) {
        if let Some(left) = self.splits.checked_sub(1) {
            tracing::warn!("Zendesk: a job with {} rows goes again in two, because {why}", batch.items.len());
            self.splits = left;
            return batch.halves().for_each(|half| self.queue.put_back(half));
        }
        self.queue.release(&batch.ids());
        for item in batch.items {
            let why =
                "the job that it was in failed too, and it is not known by which row: no more jobs are cut in two";
            self.finish(item, otherwise(format!("{why}, after {SPLITS}; the next run tries again")));
        }
    }

    fn told(&mut self, told: Result<Statuses>) {
        let Statuses { ours, running } = match told {
            Ok(told) => told,
            Err(error) => {
                // A question that fails is no news of the jobs; only their patience ends.
                tracing::warn!("Zendesk: {error}");
                self.overdue();
                if is_hopeless(&error) {
                    self.stopped.get_or_insert(error);
                    self.give_up_all();
                }
                return;
            }
        };
        let mut known: HashMap<String, Job> = ours.into_iter().map(|job| (job.id.clone(), job)).collect();
        for id in self.flying.ids() {
            match known.remove(&id) {
                Some(job) if job.status.has_ended() => self.ended(&id, &job),
                Some(_) => self.flying.seen(&id),
                None if self.flying.is_forgotten(&id) => self.give_up(&id, "Zendesk has forgotten"),
                None => {}
            }
        }
        self.overdue();
        if let Some(running) = running {
            self.recover(&running);
        }
    }

    /// Reads the results of a job that has ended. Rows of which a failed one tells nothing are tried again in smaller jobs.
    fn ended(&mut self, id: &str, job: &Job) {
        let Some(flight) = self.flying.remove(id) else { return };
        let stage = flight.batch.stage;
        let Ending { told, untold, why } = ending(job, flight);
        let told_ids: Vec<u64> = told.iter().map(|(item, _)| item.row.id).collect();
        self.queue.release(&told_ids);
        for (item, outcome) in told {
            self.finish(item, outcome);
        }
        if !untold.is_empty() {
            self.split(Batch { stage, items: untold, lost: 0, doubtful: true }, &why, Outcome::unknown);
        }
    }

    /// Gives up what takes too long.
    fn overdue(&mut self) {
        let patience = self.client.account.job_patience;
        for id in self.flying.older_than(patience) {
            self.give_up(&id, "there was no end in time of");
        }
        let late = self.lost.take_older_than(patience);
        self.lose(late);
    }

    /// Gives up a job. Its organizations stay busy, because it may still write them.
    fn give_up(&mut self, id: &str, why: &str) {
        let Some(flight) = self.flying.remove(id) else { return };
        self.given_up += 1;
        for item in flight.batch.items {
            self.finish(item, Outcome::unknown(format!("{why} job {id}")));
        }
    }

    fn give_up_all(&mut self) {
        self.flying.ids().iter().for_each(|id| self.give_up(id, "nobody may ask any more for"));
        let lost = self.lost.take();
        self.lose(lost);
    }

    fn lose(&mut self, lost: Vec<Lost>) {
        for Lost { batch, why, .. } in lost {
            self.given_up += 1;
            for item in batch.items {
                self.finish(item, Outcome::unknown(format!("the answer to its job was lost ({why})")));
            }
        }
    }

    /// Sends again what was lost, when no job is running that it could have become: then it has ended, or never was.
    fn recover(&mut self, running: &Running) {
        if running.ids.iter().any(|id| !self.flying.has(id)) {
            return;
        }
        let on_its_way = self.client.account.clock.span(ON_ITS_WAY);
        let Recovered { again, failed, given_up } = self.lost.recover(running.asked, on_its_way);
        self.lose(given_up);
        for Lost { batch, why, .. } in failed {
            let failed = format!("it was answered with an error each time ({why})");
            self.split(batch, &failed, Outcome::unknown);
        }
        again.into_iter().for_each(|batch| self.queue.put_back(batch));
    }

    fn finish(&mut self, item: Item, outcome: Outcome) {
        let finished = Finished { stage: item.stage, index: item.index, id: Some(item.row.id), outcome };
        self.progress.finished(&finished);
        self.items.push(finished);
    }

    /// Ends all that has not come to its end yet.
    fn close(mut self, why: &str) -> (Vec<Finished>, Option<Error>) {
        let flying = self.flying.take();
        let lost = self.lost.take().into_iter().map(|lost| lost.batch);
        for item in flying.into_iter().chain(lost).flat_map(|batch| batch.items) {
            self.finish(item, Outcome::unknown("the run ended before its job did"));
        }
        let reason = match &self.stopped {
            Some(error) => format!("the run was stopped: {error}"),
            None => format!("it was not sent: {why}"),
        };
        for item in self.queue.take_doubtful() {
            self.finish(
                item,
                Outcome::unknown(format!("it was sent, and what became of it was not told; then {reason}")),
            );
        }
        for item in std::mem::take(&mut self.queue).rest() {
            self.finish(item, Outcome::NotTried(reason.clone()));
        }
        (self.items, self.stopped)
    }
}

/// Returns whether a request was refused for what is in it, so that a smaller one may fare better.
fn is_of_a_row(failure: &Failure) -> bool {
    matches!(failure.status, Some(400 | 413 | 422))
}

async fn running(client: &Client) -> Result<Running> {
    let asked = Instant::now();
    let in_flight = |job: Job| (!job.status.has_ended()).then_some(job.id);
    let ids = recent(client).await?.into_iter().filter_map(in_flight).collect();
    Ok(Running { asked, ids })
}

/// Returns the pause between two questions, in seconds of the account: as short as the budget allows.
fn pause(budget: usize) -> f64 {
    let (from, to) = PAUSES;
    (60.0 / (budget as f64 * ASKING)).clamp(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_ask_as_often_as_the_budget_allows() {
        assert_eq!((pause(1250), pause(300), pause(100), pause(1)), (0.25, 1.0, 3.0, 5.0));
    }
}
