//! The outcomes of some rows of a run.

use crate::salesforce::write::{Numbered, Outcome};

/// The outcomes of some rows, and the rows that are still to be written, in calls of 200.
#[derive(Default)]
pub(super) struct Ends {
    pub(super) outcomes: Vec<(usize, Outcome)>,
    pub(super) again: Vec<Numbered>,
}

impl Ends {
    /// Returns outcomes for `rows`, with no rows left to be written.
    pub(super) fn all(rows: &[Numbered], outcome: impl Fn(usize) -> Outcome) -> Self {
        let outcomes = rows.iter().map(|(number, _)| (*number, outcome(*number))).collect();
        Self { outcomes, again: vec![] }
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.outcomes.append(&mut other.outcomes);
        self.again.append(&mut other.again);
    }

    /// Returns whether any of the outcomes is unknown.
    pub(super) fn has_unknown(&self) -> bool {
        self.outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Unknown(_)))
    }
}
