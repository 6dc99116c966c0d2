//! Counts of users and of their values.

use super::user_rows::malformed;
use crate::error::{Error, Result};

/// How many there are, by the word of the database where not all of them are read.
pub(super) struct UserCounts {
    /// For each tier, the number of values that are none, among those that the database could not compare.
    pub(super) blank: Vec<usize>,
    /// For each tier, the number of values whose users do not exist, where all others were read.
    lost: Vec<usize>,
    /// The number of users.
    pub(super) total: Option<usize>,
    /// Whether only those users were read who may come to differ.
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

    /// Checks that the database counted the users, of whom so many were read. Where they are read by need, they were counted
    /// before, and some may have come since.
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

    /// Returns the number of trusted values of each tier, of which so many were `read`, and the others are lost; nothing where
    /// not all of them were read.
    pub(super) fn trusted_values(&self, read: &[usize]) -> Option<Vec<usize>> {
        (!self.by_need).then(|| read.iter().zip(&self.lost).map(|(read, lost)| read + lost).collect())
    }
}
