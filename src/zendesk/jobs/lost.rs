//! Batches whose response was lost. It is not known whether such a batch became a job until the account runs no job
//! that it could be.

use std::time::Duration;

use tokio::time::Instant;

use crate::zendesk::queue::Batch;

/// The number of times that a batch whose response was lost is sent again.
const RESENDS: u32 = 2;

/// A batch whose response was lost.
pub(super) struct Lost {
    pub(super) batch: Batch,
    pub(super) since: Instant,
    pub(super) why: String,
    /// True if Zendesk responded with HTTP 500, which one of the rows may have caused.
    pub(super) failed: bool,
}

/// All batches whose response was lost and that may still have become a job.
#[derive(Default)]
pub(super) struct LostAnswers(Vec<Lost>);

/// The batches that are not running as jobs, by what happens to them next.
#[derive(Default)]
pub(super) struct Recovered {
    /// Batches that are sent again.
    pub(super) again: Vec<Batch>,
    /// Batches to which Zendesk responded with an error each time, so that one of their rows may be the cause.
    pub(super) failed: Vec<Lost>,
    /// Batches whose responses were lost too often.
    pub(super) given_up: Vec<Lost>,
}

impl LostAnswers {
    pub(super) fn push(&mut self, lost: Lost) {
        self.0.push(lost);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes and returns all batches.
    pub(super) fn take(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.0)
    }

    /// Removes and returns the batches whose responses were lost at least `patience` ago.
    pub(super) fn take_older_than(&mut self, patience: Duration) -> Vec<Lost> {
        let (late, rest) = self.take().into_iter().partition(|lost| lost.since.elapsed() >= patience);
        self.0 = rest;
        late
    }

    /// Removes and returns the batches that are not running as jobs, provided that the account ran no unknown job at
    /// `asked`. A batch whose response was lost less than `on_its_way` before that stays, because its request may not
    /// have arrived by then.
    pub(super) fn recover(&mut self, asked: Instant, on_its_way: Duration) -> Recovered {
        let mut recovered = Recovered::default();
        for lost in self.take() {
            if lost.since + on_its_way > asked {
                self.0.push(lost);
            } else if lost.batch.lost < RESENDS {
                recovered.again.push(Batch { lost: lost.batch.lost + 1, doubtful: true, ..lost.batch });
            } else if lost.failed && lost.batch.items.len() > 1 {
                recovered.failed.push(lost);
            } else {
                recovered.given_up.push(lost);
            }
        }
        recovered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zendesk::outcome::{RowUpdate, Stage};
    use crate::zendesk::queue::Item;

    const ON_ITS_WAY: Duration = Duration::from_secs(2);

    fn lost(since: Instant, rows: u64, times: u32, failed: bool) -> Lost {
        let row = |id| RowUpdate { id, attributes: serde_json::Map::new() };
        let items = (1..=rows).map(|id| Item { stage: Stage::Update, index: 0, row: row(id) }).collect();
        Lost {
            batch: Batch { stage: Stage::Update, items, lost: times, doubtful: times > 0 },
            since,
            why: "a reset".into(),
            failed,
        }
    }

    #[test]
    fn what_may_still_be_on_its_way_waits() {
        let (mut answers, now) = (LostAnswers::default(), Instant::now());
        answers.push(lost(now, 1, 0, false));
        assert_eq!(answers.recover(now + ON_ITS_WAY / 2, ON_ITS_WAY).again.len(), 0);
        assert_eq!(answers.len(), 1);
        let again = answers.recover(now + ON_ITS_WAY, ON_ITS_WAY).again;
        assert_eq!(again.iter().map(|batch| batch.lost).collect::<Vec<_>>(), [1]);
        assert!(answers.is_empty());
    }

    #[test]
    fn a_batch_is_sent_again_twice_and_then_its_rows_are_suspects_only_after_errors() {
        let (mut answers, now) = (LostAnswers::default(), Instant::now());
        for (rows, times, failed) in [(2, 1, true), (2, 2, true), (1, 2, true), (2, 2, false)] {
            answers.push(lost(now, rows, times, failed));
        }
        let Recovered { again, failed, given_up } = answers.recover(now + ON_ITS_WAY, ON_ITS_WAY);
        assert_eq!(again.iter().map(|batch| batch.lost).collect::<Vec<_>>(), [2]);
        assert_eq!(failed.iter().map(|lost| lost.batch.items.len()).collect::<Vec<_>>(), [2]);
        assert_eq!(
            given_up.iter().map(|lost| (lost.batch.items.len(), lost.failed)).collect::<Vec<_>>(),
            [(1, true), (2, false)]
        );
    }
}
