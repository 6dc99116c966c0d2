//! The rows of one call, and what is left of them afterwards.

use std::time::Duration;

use super::outcome::Outcome;
use crate::salesforce::collection::Row;

/// A row, with its place among those that are written.
pub(in crate::salesforce) type Numbered = (usize, Row);

/// The rows of one call.
pub(super) struct List {
    pub(super) rows: Vec<Numbered>,
    /// The number of calls that have refused these rows for a reason that may pass.
    pub(super) refused: u32,
    /// The number of calls with these rows whose answer was lost.
    pub(super) lost: u32,
    /// The time that they wait for before they go.
    pub(super) pause: Duration,
}

/// The end of a call: outcomes, and rows that are to be tried again.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) outcomes: Vec<(usize, Outcome)>,
    pub(super) again: Vec<List>,
}

impl List {
    pub(super) fn new(rows: Vec<Numbered>) -> Self {
        Self { rows, refused: 0, lost: 0, pause: Duration::ZERO }
    }

    /// Returns the two halves: one of them may work where the whole does not.
    pub(super) fn halves(mut rows: Vec<Numbered>, lost: u32) -> Vec<Self> {
        let second = rows.split_off(rows.len() / 2);
        let some = |rows: &Vec<Numbered>| !rows.is_empty();
        [rows, second].into_iter().filter(some).map(|rows| Self { lost, ..Self::new(rows) }).collect()
    }

    pub(super) fn alone(rows: Vec<Numbered>, lost: u32) -> Vec<Self> {
        rows.into_iter().map(|row| Self { lost, ..Self::new(vec![row]) }).collect()
    }
}

impl Ended {
    /// Returns the end of a call whose rows have one outcome.
    pub(super) fn all(rows: &[Numbered], outcome: &Outcome) -> Self {
        let outcomes = rows.iter().map(|(number, _)| (*number, outcome.clone())).collect();
        Self { outcomes, again: vec![] }
    }

    pub(super) fn again(again: Vec<List>) -> Self {
        Self { outcomes: vec![], again }
    }
}
