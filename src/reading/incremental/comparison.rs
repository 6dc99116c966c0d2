//! Finds the differences that incremental reads have missed, by comparing a full read with the rows that were kept.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use siphasher::sip128::{Hasher128, SipHasher13};

use super::kept::LastRead;
use super::second::Second;
use crate::error::Result;
use crate::rows::{Cell, Id, RowSink};

/// The rows that incremental reads have missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missed {
    /// The number of rows that differ, are new or are gone, and that the next incremental read would not have noticed.
    pub rows: u64,
    /// The oldest stamp of those rows.
    pub oldest: Option<Second>,
}

impl Missed {
    fn note(&mut self, stamp: Option<Second>) {
        self.rows += 1;
        self.oldest = self.oldest.into_iter().chain(stamp).min();
    }
}

/// A row that was kept.
struct Known {
    fingerprint: u128,
    stamp: Option<Second>,
}

/// The rows that were kept, with which each row of a full read is compared.
pub(super) struct Comparison {
    hasher: SipHasher13,
    width: usize,
    since: Second,
    known: HashMap<Id, Known>,
    missed: Missed,
}

impl Comparison {
    /// Loads the rows of the last read. The first `width` cells of each are compared; the stamps follow them.
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

    /// Compares a row. A row that changed since the watermark does not count as missed: the next incremental read would
    /// see it.
    pub(super) fn see(&mut self, id: Id, cells: &[Cell<'_>]) {
        let (cells, stamps) = cells.split_at(self.width);
        let known = self.known.remove(&id);
        let same = known.is_some_and(|known| known.fingerprint == fingerprint(self.hasher, cells));
        let stamp = newest(stamps);
        if !same && stamp.is_some_and(|stamp| stamp < self.since) {
            self.missed.note(stamp);
        }
    }

    /// Returns the watermark of the next incremental read if kept rows are missing from the full read.
    pub(super) fn unexplained(&self) -> Option<Second> {
        (!self.known.is_empty()).then_some(self.since)
    }

    /// Returns the missed rows. Call it when all rows have been seen that exist.
    pub(super) fn finish(self) -> Missed {
        let mut missed = self.missed;
        self.known.values().for_each(|known| missed.note(known.stamp));
        missed
    }
}

/// Receives the ids of rows that changed. This explains why these rows are missing: they were deleted, or no longer
/// fulfill the condition.
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
