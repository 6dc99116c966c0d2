//! The book of a source, which accounts for each of its rows in exactly one bucket.

use std::collections::BTreeMap;

/// The accounts of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The number of rows that were read.
    pub rows: usize,
    /// The number of rows in each bucket. Each row is in exactly one.
    pub buckets: BTreeMap<&'static str, usize>,
    /// Counts that are independent of the buckets.
    pub notes: BTreeMap<&'static str, usize>,
}

impl Book {
    /// Creates the book of a source with this number of rows, none of which is in a bucket yet.
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Adds rows to a bucket.
    pub(crate) fn enter(&mut self, bucket: &'static str, rows: usize) {
        if rows > 0 {
            *self.buckets.entry(bucket).or_default() += rows;
        }
    }
}
