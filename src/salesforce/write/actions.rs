//! Names of what is done with rows, for messages.

use super::list::Numbered;
use crate::rows::Id;
use crate::salesforce::collection::{Operation, Row};

/// What is done with the rows of a list.
pub(in crate::salesforce) struct Actions {
    object: String,
    verb: &'static str,
    /// The records of the rows, of updates.
    ids: Vec<Option<Id>>,
}

impl Actions {
    pub(in crate::salesforce) fn new(object: &str, operation: &Operation, rows: &[Row]) -> Self {
        let verb = match operation {
            Operation::Create => "creation",
            Operation::Update => "update",
            Operation::Upsert { .. } => "upsert",
        };
        Self { object: object.into(), verb, ids: rows.iter().map(|row| row.id).collect() }
    }

    /// Returns the number of rows of the whole list.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns what is done with a row. Rows are counted from 1.
    pub(in crate::salesforce) fn of_row(&self, number: usize) -> String {
        let Self { object, verb, ids } = self;
        match ids[number] {
            Some(id) => format!("the {verb} of {object} {id}"),
            None => format!("the {verb} of {object} row {}", number + 1),
        }
    }

    /// Returns what is done with several rows.
    pub(in crate::salesforce) fn of_rows(&self, rows: &[Numbered]) -> String {
        match rows {
            [(number, _)] => self.of_row(*number),
            rows => format!("the {} of {} {} records", self.verb, rows.len(), self.object),
        }
    }
}
