//! Descriptions of the writes of rows, for messages.

use super::list::Numbered;
use crate::rows::Id;
use crate::salesforce::collection::{Operation, Row};

/// The operation on the rows of a list, in words.
pub(in crate::salesforce) struct Actions {
    object: String,
    verb: &'static str,
    /// The id of the record of each row; `None` unless the row is an update.
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

    /// Describes the operation on one row. A row without an id is named by its number, counted from 1.
    pub(in crate::salesforce) fn of_row(&self, number: usize) -> String {
        let Self { object, verb, ids } = self;
        match ids[number] {
            Some(id) => format!("the {verb} of {object} {id}"),
            None => format!("the {verb} of {object} row {}", number + 1),
        }
    }

    /// Describes the operation on several rows.
    pub(in crate::salesforce) fn of_rows(&self, rows: &[Numbered]) -> String {
        match rows {
            [(number, _)] => self.of_row(*number),
            rows => format!("the {} of {} {} records", self.verb, rows.len(), self.object),
        }
    }
}
