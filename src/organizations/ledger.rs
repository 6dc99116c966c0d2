//! The ledger: every account and every organization is in exactly one bucket.

use crate::decision::Book;

/// The ledger of both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The accounts.
    pub accounts: Book,
    /// The organizations.
    pub organizations: Book,
}
