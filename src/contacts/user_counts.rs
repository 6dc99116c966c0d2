//! Counts of users and of their values.

use super::user_rows::malformed;
use crate::error::{Error, Result};

/// The counts of users and of their values. The database counts those that are not read.
pub(super) struct UserCounts {
    /// For each tier, the number of blank or malformed values, among those that the database could not compare.
    pub(super) blank: Vec<usize>,
    /// For each tier, the number of values whose users do not exist. It is known only if all other values are read.
    lost: Vec<usize>,
    /// The number of all users.
    pub(super) total: Option<usize>,
    /// True if only the users are read whom the sync may change.
    pub(super) by_need: bool,
}

impl UserCounts {
    pub(super) fn new(tiers: usize) -> Self {
        Self { blank: vec![0; tiers], lost: vec![0; tiers], total: None, by_need: false }
    }

    /// Counts a value of a tier whose user does not exist.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is no such tier.
    pub(super) fn lost(&mut self, tier: usize) -> Result<()> {
        *self.lost.get_mut(tier).ok_or_else(malformed)? += 1;
        Ok(())
    }

    /// Checks the database's count of users against the number of users `read`. If users are read by need, the database
    /// counts them before they are read, and users may have been added in between.
    ///
    /// # Errors
    /// [`Error::Internal`] if the count is missing or too small.
    pub(super) fn check(&mut self, read: usize) -> Result<()> {
        if self.by_need {
            self.total = self.total.map(|total| total.max(read));
        }
        match self.total {
            Some(total) if total >= read => Ok(()),
            _ => Err(Error::Internal("the database did not send all users".into())),
        }
    }

    /// Returns the number of trusted values of each tier: the values `read` and the values without a user; `None` if
    /// not all values were read.
    pub(super) fn trusted_values(&self, read: &[usize]) -> Option<Vec<usize>> {
        (!self.by_need).then(|| read.iter().zip(&self.lost).map(|(read, lost)| read + lost).collect())
    }
}
