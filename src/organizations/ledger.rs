//! The books: every account and every organization is in exactly one bucket.

use std::collections::BTreeMap;

/// The books of both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The accounts.
    pub accounts: Book,
    /// The organizations.
    pub organizations: Book,
}

/// The book of one side.
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
    pub(super) fn new(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    pub(super) fn enter(&mut self, bucket: &'static str, rows: usize) {
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
