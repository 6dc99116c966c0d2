//! The differences that incremental reads had missed, found by comparing a read of everything with what they had made
//! of it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use siphasher::sip128::{Hasher128, SipHasher13};

use super::kept::LastRead;
use super::second::Second;
use crate::error::Result;
use crate::rows::{Cell, Id, RowSink};

/// The rows that incremental reads had missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missed {
    /// Rows that differ, are new or are gone, although the next incremental read would not have seen it.
    pub rows: u64,
    /// The oldest stamp of those.
    pub oldest: Option<Second>,
}

impl Missed {
    fn note(&mut self, stamp: Option<Second>) {
        self.rows += 1;
        self.oldest = self.oldest.into_iter().chain(stamp).min();
    }
}

/// A row as it was kept.
struct Known {
    fingerprint: u128,
    stamp: Option<Second>,
}

/// The rows that were kept, against which all rows are held as they come.
pub(super) struct Comparison {
    hasher: SipHasher13,
    width: usize,
    since: Second,
    known: HashMap<Id, Known>,
    missed: Missed,
}

impl Comparison {
    /// Takes in the rows of the last read; the first `width` cells of each are those that matter, stamps follow.
    pub(super) fn new(last: LastRead, width: usize) -> Result<Self> {
        let key = || RandomState::new().hash_one(0);
        let hasher = SipHasher13::new_with_keys(key(), key());
        let mut known = HashMap::new();
        last.rows.each(|cells| {
            let row = Known { fingerprint: fingerprint(hasher, &cells[..width]), stamp: newest(&cells[width..]) };
            known.insert(row_id(cells)?, row);
            Ok(())
        })?;
        Ok(Self { hasher, width, since: last.since, known, missed: Missed::default() })
    }

    /// Compares a row. One that moved since the watermark is none that was missed: the next incremental read would see it.
    pub(super) fn see(&mut self, id: Id, cells: &[Cell<'_>]) {
        let (cells, stamps) = cells.split_at(self.width);
        let known = self.known.remove(&id);
        let same = known.is_some_and(|known| known.fingerprint == fingerprint(self.hasher, cells));
        let stamp = newest(stamps);
        if !same && stamp.is_some_and(|stamp| stamp < self.since) {
            self.missed.note(stamp);
        }
    }

    /// Returns the time from which on the next incremental read would see changes, where rows have not come.
    pub(super) fn unexplained(&self) -> Option<Second> {
        (!self.known.is_empty()).then_some(self.since)
    }

    /// Returns what was missed, once everything has come that could.
    pub(super) fn finish(self) -> Missed {
        let mut missed = self.missed;
        self.known.values().for_each(|known| missed.note(known.stamp));
        missed
    }
}

/// Takes ids that moved, which explains why these rows have not come: they are deleted, or have left.
impl RowSink for Comparison {
    fn row(&mut self, cells: &[Cell<'_>]) -> std::result::Result<(), String> {
        self.known.remove(&row_id(cells)?);
        Ok(())
    }
}

/// Returns the id of a row, which is its first cell.
pub(super) fn row_id(cells: &[Cell<'_>]) -> std::result::Result<Id, String> {
    cells.first().and_then(Cell::text).and_then(Id::parse).ok_or_else(|| "a row came without a valid Id".to_owned())
}

fn fingerprint(mut hasher: SipHasher13, cells: &[Cell<'_>]) -> u128 {
    cells.hash(&mut hasher);
    hasher.finish128().as_u128()
}

fn newest(stamps: &[Cell<'_>]) -> Option<Second> {
    stamps.iter().filter_map(|stamp| Second::parse(stamp.text()?)).max()
}
