//! The writes that wait to be sent, in batches. No organization is in two batches at the same time.

use std::collections::{HashSet, VecDeque};

use super::job::MOST_ROWS;
use super::outcome::{RowUpdate, Stage};

/// A row, and its position among the rows of its stage.
pub(super) struct Item {
    pub(super) stage: Stage,
    pub(super) index: usize,
    pub(super) row: RowUpdate,
}

/// The rows of one stage that are sent as one job.
pub(super) struct Batch {
    pub(super) stage: Stage,
    pub(super) items: Vec<Item>,
    /// The number of lost responses to the batch.
    pub(super) lost: u32,
    /// True if the batch was sent before, and some of its rows may have been written.
    pub(super) doubtful: bool,
}

impl Batch {
    pub(super) fn ids(&self) -> Vec<u64> {
        self.items.iter().map(|item| item.row.id).collect()
    }

    pub(super) fn indexes(&self) -> Vec<usize> {
        self.items.iter().map(|item| item.index).collect()
    }

    /// Returns the same rows as two batches, or as one batch if there is a single row. Each batch keeps the number of
    /// lost responses.
    pub(super) fn halves(mut self) -> impl Iterator<Item = Batch> {
        let rest = self.items.split_off(self.items.len().div_ceil(2));
        let rest = Batch { items: rest, stage: self.stage, lost: self.lost, doubtful: self.doubtful };
        [self, rest].into_iter().filter(|batch| !batch.items.is_empty())
    }
}

/// The rows that wait, in order, and the organizations that are being written.
#[derive(Default)]
pub(super) struct Queue {
    again: VecDeque<Batch>,
    waiting: VecDeque<Item>,
    busy: HashSet<u64>,
}

impl Queue {
    pub(super) fn new(updates: Vec<RowUpdate>, marks: Vec<RowUpdate>) -> Self {
        let items = |stage: Stage, rows: Vec<RowUpdate>| {
            rows.into_iter().enumerate().map(move |(index, row)| Item { stage, index, row })
        };
        let waiting = items(Stage::Update, updates).chain(items(Stage::Mark, marks)).collect();
        Self { waiting, ..Self::default() }
    }

    /// Returns the next batch. Its organizations are busy until they are released. A row whose organization is busy
    /// waits, and so do later rows of the same organization.
    pub(super) fn next(&mut self) -> Option<Batch> {
        if let Some(batch) = self.again.pop_front() {
            return Some(batch);
        }
        let (mut items, mut skipped): (Vec<Item>, Vec<Item>) = (Vec::new(), Vec::new());
        while items.len() < MOST_ROWS {
            let Some(item) = self.waiting.pop_front() else { break };
            if items.first().is_some_and(|first| first.stage != item.stage) {
                self.waiting.push_front(item);
                break;
            }
            match self.busy.insert(item.row.id) {
                true => items.push(item),
                false => skipped.push(item),
            }
        }
        for item in skipped.into_iter().rev() {
            self.waiting.push_front(item);
        }
        items.first().map(|item| item.stage).map(|stage| Batch { stage, items, lost: 0, doubtful: false })
    }

    /// Puts a batch back, before all rows that were not sent yet. Its organizations stay busy, because this batch is
    /// still the next one to write them.
    pub(super) fn put_back(&mut self, batch: Batch) {
        self.again.push_back(batch);
    }

    /// Puts a batch at the front of the queue.
    pub(super) fn put_first(&mut self, batch: Batch) {
        self.again.push_front(batch);
    }

    /// Marks the organizations as no longer busy, so that later rows can write them.
    pub(super) fn release(&mut self, ids: &[u64]) {
        for id in ids {
            self.busy.remove(id);
        }
    }

    /// Removes and returns the rows that were sent before and may have been written.
    pub(super) fn take_doubtful(&mut self) -> impl Iterator<Item = Item> {
        let (doubtful, rest) = std::mem::take(&mut self.again).into_iter().partition(|batch| batch.doubtful);
        self.again = rest;
        let doubtful: VecDeque<Batch> = doubtful;
        doubtful.into_iter().flat_map(|batch| batch.items)
    }

    /// Returns all rows that still wait.
    pub(super) fn rest(self) -> impl Iterator<Item = Item> {
        self.again.into_iter().flat_map(|batch| batch.items).chain(self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    fn rows(ids: impl IntoIterator<Item = u64>) -> Vec<RowUpdate> {
        ids.into_iter().map(|id| RowUpdate { id, attributes: Map::new() }).collect()
    }

    fn next(queue: &mut Queue) -> Option<(Stage, Vec<u64>)> {
        queue.next().map(|batch| (batch.stage, batch.ids()))
    }

    #[test]
    fn batches_have_a_hundred_rows_of_one_stage() {
        let mut queue = Queue::new(rows(1..=150), rows(201..=203));
        assert_eq!(next(&mut queue), Some((Stage::Update, (1..=100).collect())));
        assert_eq!(next(&mut queue), Some((Stage::Update, (101..=150).collect())));
        assert_eq!(next(&mut queue), Some((Stage::Mark, vec![201, 202, 203])));
        assert_eq!(next(&mut queue), None);
    }

    #[test]
    fn an_organization_is_in_one_batch_at_a_time_and_keeps_its_order() {
        let mut queue = Queue::new(rows([1, 2, 1]), rows([2, 3]));
        assert_eq!(next(&mut queue), Some((Stage::Update, vec![1, 2])));
        assert_eq!(next(&mut queue), Some((Stage::Mark, vec![3])), "the others are busy");
        assert_eq!(next(&mut queue), None);
        queue.release(&[1, 2]);
        assert_eq!(next(&mut queue), Some((Stage::Update, vec![1])));
        assert_eq!(next(&mut queue), Some((Stage::Mark, vec![2])));
        assert_eq!(queue.rest().count(), 0);
    }

    #[test]
    fn what_is_put_back_is_the_next() {
        let mut queue = Queue::new(rows(1..=101), Vec::new());
        let batch = queue.next().unwrap();
        queue.put_back(batch);
        assert_eq!(next(&mut queue), Some((Stage::Update, (1..=100).collect())));
        assert_eq!(queue.rest().count(), 1);
    }
}
