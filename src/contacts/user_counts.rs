//! Counts of users and of their values, by the word of the database.

use super::census::Census;
use crate::error::{Error, Result};

/// How many there are, where not all of them are read.
#[derive(Default)]
pub(super) struct UserCounts {
    /// All users who are concerned.
    pub(super) census: Census,
    /// The number of trusted values.
    pub(super) trusted: Option<usize>,
    /// The number of those that are none.
    pub(super) blank: usize,
    /// The number of users.
    pub(super) total: Option<usize>,
}

impl UserCounts {
    /// Checks that the database counted the users, of whom so many were read.
    ///
    /// # Errors
    /// [`Error::Internal`] when the count is missing or too small.
    pub(super) fn check(&self, read: usize) -> Result<()> {
        match self.total {
            Some(total) if total >= read => Ok(()),
            _ => Err(Error::Internal("the database did not send all users".into())),
        }
    }

    /// Returns whether only those users were read who may come to differ.
    pub(super) fn by_need(&self) -> bool {
        self.trusted.is_some()
    }

    /// Returns the number of trusted values, of which so many were read.
    pub(super) fn trusted_values(&self, read: usize) -> usize {
        self.trusted.map_or(read, |trusted| trusted.saturating_sub(self.blank))
    }
}
