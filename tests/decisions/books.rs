//! The books of a decision.

use crm_sync::decision::Book;

/// Returns whether the buckets of a book add up to the number of its rows.
pub(crate) fn balances(book: &Book) -> bool {
    book.buckets.values().sum::<usize>() == book.rows
}
