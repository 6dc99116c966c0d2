//! Users who were counted and not read.

use super::user_rows::{flags, malformed, Fields};
use crate::error::Result;
use crate::rows::{Cell, Column};

/// Kinds of users, each alike in all that budgets look at, and how many there are of each.
#[derive(Default)]
pub(super) struct Census {
    counts: Vec<usize>,
    linked: Vec<bool>,
    flags: Vec<u8>,
    /// The number of the value in each written column, one kind after the other.
    values: Vec<u32>,
}

impl Census {
    /// Reads how many users are alike, and in what; their values become known to the columns.
    pub(super) fn read(&mut self, fields: &mut Fields<'_>, columns: &mut [Column]) -> Result<()> {
        self.counts.push(fields.number()?);
        let digits = fields.text()?;
        let (linked, digits) = digits.as_bytes().split_first().ok_or_else(malformed)?;
        self.linked.push(*linked == b'1');
        self.flags.push(flags(digits));
        for column in columns {
            self.values.push(column.number_of(&[fields.lossy()?.map_or(Cell::Null, Cell::Text)]));
        }
        Ok(())
    }

    /// Returns the number of kinds.
    pub(super) fn kinds(&self) -> usize {
        self.counts.len()
    }

    /// Returns how many users there are of a kind.
    pub(super) fn count(&self, kind: usize) -> usize {
        self.counts[kind]
    }

    /// Returns whether they are linked.
    pub(super) fn linked(&self, kind: usize) -> bool {
        self.linked[kind]
    }

    /// Returns their flags.
    pub(super) fn flags(&self, kind: usize) -> u8 {
        self.flags[kind]
    }

    /// Returns the number of their value in a column.
    pub(super) fn value(&self, kind: usize, column: usize) -> usize {
        let width = self.values.len() / self.counts.len();
        self.values[kind * width + column] as usize
    }
}
