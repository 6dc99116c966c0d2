//! Writes the changes of a run: new organizations first, then updates, then marks.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use futures_util::stream::{self, StreamExt};
use tokio::time::Instant;

use super::client::Client;
use super::create::{is_of_the_way, settle, Created, Hopeless};
use super::jobs::{Jobs, TURNED_AWAY};
use super::outcome::{Attributes, Changes, Finished, Outcome, Progress, RowUpdate, Stage, Written};
use super::queue::Queue;
use crate::error::Error;

/// The progress of a run that no caller follows.
struct NoProgress;

impl Progress for NoProgress {
    fn finished(&self, _: &Finished) {}
}

/// Updates organizations in jobs of 100, as [`write()`] does for updates.
pub async fn update_many(client: &Client, rows: Vec<RowUpdate>) -> Written {
    write(client, Changes { updates: rows, ..Changes::default() }, &NoProgress).await
}

/// Writes all changes, and returns one outcome for each of them.
///
/// No update is sent before every creation has ended, and no mark before every update has been sent, except for updates
/// that wait because an earlier job still holds their organization: an organization is never in two jobs at once. The
/// deadline of the limits is for the whole run. Creations are single requests, so that one that fails or is lost
/// affects no other. Updates and marks are sent in jobs of 100, as many at once as the account has places for.
pub async fn write(client: &Client, changes: Changes, progress: &dyn Progress) -> Written {
    let until = Instant::now() + client.account.http.limits().deadline;
    let creates = Creates::new(client, changes.creates, progress);
    let (mut items, mut stopped) = creates.run(until).await;
    let queue = Queue::new(changes.updates, changes.marks);
    match &stopped {
        Some(error) => items.extend(queue.rest().map(|item| {
            let outcome = Outcome::NotTried(format!("the run was stopped: {error}"));
            let finished = Finished { stage: item.stage, index: item.index, id: Some(item.row.id), outcome };
            progress.finished(&finished);
            finished
        })),
        None => {
            let (written, error) = Jobs::new(client, queue, progress).run(until).await;
            items.extend(written);
            stopped = error;
        }
    }
    items.sort_by_key(|item| (item.stage, item.index));
    Written { items, stopped }
}

/// The creations of a run, several at a time.
struct Creates<'c> {
    client: &'c Client,
    progress: &'c dyn Progress,
    rows: Vec<Attributes>,
    /// For each row, true if it has been sent.
    sent: Vec<AtomicBool>,
    /// The ids of the organizations that have been created so far.
    given: Mutex<HashSet<u64>>,
    stopped: Mutex<Option<Error>>,
    /// The number of rows that were turned away since the last creation without such an error.
    turned_away: AtomicUsize,
}

impl<'c> Creates<'c> {
    fn new(client: &'c Client, rows: Vec<Attributes>, progress: &'c dyn Progress) -> Self {
        let sent = rows.iter().map(|_| AtomicBool::new(false)).collect();
        Self {
            client,
            progress,
            rows,
            sent,
            given: Mutex::default(),
            stopped: Mutex::default(),
            turned_away: AtomicUsize::new(0),
        }
    }

    async fn run(self, until: Instant) -> (Vec<Finished>, Option<Error>) {
        let mut items = Vec::with_capacity(self.rows.len());
        let twins = self.twins();
        {
            let create = |index: usize| {
                let twin = twins.contains(&index);
                let this = &self;
                async move { (index, this.create(index, twin).await) }
            };
            let at_once = self.client.account.http.limits().concurrency.max(1);
            let mut creating = stream::iter(0..self.rows.len()).map(create).buffer_unordered(at_once);
            while let Ok(Some((index, created))) = tokio::time::timeout_at(until, creating.next()).await {
                items.push(self.finish(index, created));
            }
        }
        let ended: HashSet<usize> = items.iter().map(|item| item.index).collect();
        for index in (0..self.rows.len()).filter(|index| !ended.contains(index)) {
            items.push(self.finish(index, self.late(index)));
        }
        (items, self.stopped.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the indexes of rows with the name of an earlier row. If both were sent at the same time, both could
    /// succeed.
    fn twins(&self) -> HashSet<usize> {
        let mut names = HashSet::new();
        let name = |row: &Attributes| row.get("name").and_then(|name| Some(name.as_str()?.trim().to_lowercase()));
        let is_twin = |row: &Attributes| name(row).is_some_and(|name| !names.insert(name));
        let twins: Vec<bool> = self.rows.iter().map(is_twin).collect();
        (0..self.rows.len()).filter(|index| twins[*index]).collect()
    }

    async fn create(&self, index: usize, twin: bool) -> Created {
        if let Some(error) = &*self.stop() {
            return not_tried(format!("the run was stopped: {error}"));
        }
        if twin {
            return not_tried("an earlier new organization of this run has the same name".into());
        }
        self.sent[index].store(true, Ordering::Relaxed);
        self.progress.sending(Stage::Create, &[index]);
        self.once(self.settled(settle(self.client, &self.rows[index]).await))
    }

    /// Makes the outcome of a row unknown if Zendesk returned the id of another new row for it: the organization may
    /// have been created under an id that is not known.
    fn once(&self, created: Created) -> Created {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        match created.id.filter(|id| !given.insert(*id)) {
            None => created,
            Some(id) => {
                let why = format!("Zendesk gave the id {id} for it, which is that of another new organization");
                Created { id: None, outcome: Outcome::unknown(why) }
            }
        }
    }

    fn settled(&self, created: std::result::Result<Created, Box<Hopeless>>) -> Created {
        created.inspect(|_| self.turned_away.store(0, Ordering::Relaxed)).unwrap_or_else(|hopeless| {
            if !self.is_of_few(&hopeless.error) {
                self.stop().get_or_insert(hopeless.error);
            }
            hopeless.created
        })
    }

    /// Returns whether something between here and Zendesk refused a row, perhaps because of its contents. After
    /// [`TURNED_AWAY`] such refusals in a row, they are taken to apply to all rows.
    fn is_of_few(&self, error: &Error) -> bool {
        is_of_the_way(error) && self.turned_away.fetch_add(1, Ordering::Relaxed) + 1 < TURNED_AWAY
    }

    /// Returns the outcome of a creation that had not ended at the deadline.
    fn late(&self, index: usize) -> Created {
        match self.sent[index].load(Ordering::Relaxed) {
            true => Created { id: None, outcome: Outcome::unknown("the deadline passed before the answer came") },
            false => not_tried("the deadline came first; raise `deadline` if a run may take longer".into()),
        }
    }

    fn finish(&self, index: usize, created: Created) -> Finished {
        let finished = Finished { stage: Stage::Create, index, id: created.id, outcome: created.outcome };
        self.progress.finished(&finished);
        finished
    }

    fn stop(&self) -> std::sync::MutexGuard<'_, Option<Error>> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_tried(why: String) -> Created {
    Created { id: None, outcome: Outcome::NotTried(why) }
}
