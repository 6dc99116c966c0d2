//! The book of one source: each of its rows is in exactly one bucket.

use std::collections::BTreeMap;

/// The book of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The number of rows that came in.
    pub rows: usize,
    /// Each row is in one of these.
    pub buckets: BTreeMap<&'static str, usize>,
    /// Facts that cut across the buckets.
    pub notes: BTreeMap<&'static str, usize>,
}

impl Book {
    /// Creates the book of so many rows, none of which is entered yet.
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Enters rows into a bucket.
    pub(crate) fn enter(&mut self, bucket: &'static str, rows: usize) {
        if rows > 0 {
            *self.buckets.entry(bucket).or_default() += rows;
        }
    }

    /// Returns whether the buckets add up to the rows.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.buckets.values().sum::<usize>() == self.rows
    }
}
