//! Counts of users and of their values, by the word of the database.

use std::ops::RangeInclusive;

use super::census::Census;
use super::user_rows::{malformed, Fields};
use crate::error::{Error, Result};

/// How many there are, where not all of them are read.
pub(super) struct UserCounts {
    /// All users who are concerned.
    pub(super) census: Census,
    /// The trusted values of each key.
    values: Vec<Counted>,
    /// For each tier, the number of those that are none.
    blank: Vec<usize>,
    /// For each tier, the number of values whose users do not exist, where all others were read.
    lost: Vec<usize>,
    /// The number of users.
    pub(super) total: Option<usize>,
}

/// The number of trusted values of a key.
struct Counted {
    tiers: RangeInclusive<usize>,
    values: usize,
}

impl UserCounts {
    pub(super) fn new(tiers: usize) -> Self {
        Self { census: Census::default(), values: Vec::new(), blank: vec![0; tiers], lost: vec![0; tiers], total: None }
    }

    /// Reads the first and the last tier of a key, and the number of its values.
    pub(super) fn read_values(&mut self, fields: &mut Fields<'_>) -> Result<()> {
        let tiers = fields.number()?..=fields.number()?;
        if tiers.is_empty() || *tiers.end() >= self.blank.len() {
            return Err(malformed());
        }
        self.values.push(Counted { tiers, values: fields.number()? });
        Ok(())
    }

    /// Notes that a counted value of a tier is none.
    pub(super) fn blank(&mut self, tier: usize) {
        self.blank[tier] += 1;
    }

    /// Notes a value of a tier whose user does not exist.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no such tier.
    pub(super) fn lost(&mut self, tier: usize) -> Result<()> {
        *self.lost.get_mut(tier).ok_or_else(malformed)? += 1;
        Ok(())
    }

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
        !self.values.is_empty()
    }

    /// Returns the number of trusted values of each tier. Where so many were `read`, these are all, but for those that are
    /// lost; where the database counted them, the strongest tier of a key stands for all of its tiers.
    pub(super) fn trusted_values(&self, read: &[usize]) -> Vec<usize> {
        if !self.by_need() {
            return read.iter().zip(&self.lost).map(|(read, lost)| read + lost).collect();
        }
        let mut values = vec![0; self.blank.len()];
        for key in &self.values {
            let blank: usize = self.blank[key.tiers.clone()].iter().sum();
            values[*key.tiers.start()] = key.values.saturating_sub(blank);
        }
        values
    }
}
