//! The rows of one call, and the result of the call.

use std::time::Duration;

use super::outcome::Outcome;
use crate::salesforce::collection::Row;

/// A row, with its index among all rows that are written.
pub(in crate::salesforce) type Numbered = (usize, Row);

/// The rows of one call.
pub(super) struct List {
    pub(super) rows: Vec<Numbered>,
    /// The number of calls that refused these rows for a reason that may be temporary.
    pub(super) refused: u32,
    /// The number of calls with these rows whose response was lost.
    pub(super) lost: u32,
    /// The time to wait before the rows are sent.
    pub(super) pause: Duration,
}

/// The result of a call: the outcomes of rows, and the lists that are to be sent again.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) outcomes: Vec<(usize, Outcome)>,
    pub(super) again: Vec<List>,
}

impl List {
    pub(super) fn new(rows: Vec<Numbered>) -> Self {
        Self { rows, refused: 0, lost: 0, pause: Duration::ZERO }
    }

    /// Splits rows into two lists, because one half may succeed where all rows together fail.
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
    /// Returns the result of a call whose rows all have the same outcome.
    pub(super) fn all(rows: &[Numbered], outcome: &Outcome) -> Self {
        let outcomes = rows.iter().map(|(number, _)| (*number, outcome.clone())).collect();
        Self { outcomes, again: vec![] }
    }

    pub(super) fn again(again: Vec<List>) -> Self {
        Self { outcomes: vec![], again }
    }
}
