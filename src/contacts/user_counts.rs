//! Counts of users and of their values.

use super::user_rows::malformed;
use crate::error::{Error, Result};

/// The numbers of users and of their values; the database counts those that are not read.
pub(super) struct UserCounts {
    /// For each tier, the number of blank or malformed values, among those that the database could not compare.
    pub(super) blank: Vec<usize>,
    /// For each tier, the number of values whose users do not exist, if all others are read.
    lost: Vec<usize>,
    /// The number of all users.
    pub(super) total: Option<usize>,
    /// True if only those users are read who may come to differ.
    pub(super) by_need: bool,
}

impl UserCounts {
    pub(super) fn new(tiers: usize) -> Self {
        Self { blank: vec![0; tiers], lost: vec![0; tiers], total: None, by_need: false }
    }

    /// Notes a value of a tier whose user does not exist.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no such tier.
    pub(super) fn lost(&mut self, tier: usize) -> Result<()> {
        *self.lost.get_mut(tier).ok_or_else(malformed)? += 1;
        Ok(())
    }

    /// Checks the database's count of users against the number that was `read`. If users are read by need, they are counted
    /// first, and some may have been added since.
    ///
    /// # Errors
    /// [`Error::Internal`] when the count is missing or too small.
    pub(super) fn check(&mut self, read: usize) -> Result<()> {
        if self.by_need {
            self.total = self.total.map(|total| total.max(read));
        }
        match self.total {
            Some(total) if total >= read => Ok(()),
            _ => Err(Error::Internal("the database did not send all users".into())),
        }
    }

    /// Returns the number of trusted values of each tier: those that were `read`, and those without a user; `None` if not all of
    /// them were read.
    pub(super) fn trusted_values(&self, read: &[usize]) -> Option<Vec<usize>> {
        (!self.by_need).then(|| read.iter().zip(&self.lost).map(|(read, lost)| read + lost).collect())
    }
}
