//! What all calls of one run of writes have.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OnceCell, Semaphore};

use super::list::Numbered;
use crate::rows::Id;
use crate::salesforce::client::Client;
use crate::salesforce::collection::{Operation, Row};
use crate::salesforce::describe::describe;

/// The number of calls that are on their way at once.
const AT_ONCE: usize = 8;

/// A run of writes.
pub(super) struct Run {
    pub(super) client: Client,
    pub(super) object: String,
    pub(super) operation: Operation,
    /// Closed where nothing more is to be sent.
    pub(super) turns: Semaphore,
    /// The records of the rows, of updates.
    ids: Vec<Option<Id>>,
    /// True for each row that may have been written without our knowing.
    sent: Vec<AtomicBool>,
    unique: OnceCell<bool>,
}

impl Run {
    pub(super) fn new(client: &Client, object: &str, operation: Operation, rows: &[Row]) -> Self {
        Self {
            client: client.clone(),
            object: object.into(),
            operation,
            turns: Semaphore::new(AT_ONCE),
            ids: rows.iter().map(|row| row.id).collect(),
            sent: rows.iter().map(|_| AtomicBool::new(false)).collect(),
            unique: OnceCell::new(),
        }
    }

    /// Notes whether rows may have been written.
    pub(super) fn note(&self, rows: &[Numbered], sent: bool) {
        rows.iter().for_each(|(number, _)| self.sent[*number].store(sent, Ordering::Relaxed));
    }

    pub(super) fn is_sent(&self, number: usize) -> bool {
        self.sent[number].load(Ordering::Relaxed)
    }

    /// Returns what is done with a row, for a message. Rows are counted from 1.
    pub(super) fn of_row(&self, number: usize) -> String {
        let (object, row) = (&self.object, number + 1);
        match (&self.operation, self.ids[number]) {
            (_, Some(id)) => format!("the update of {object} {id}"),
            (Operation::Create, None) => format!("the creation of {object} row {row}"),
            (Operation::Update, None) => format!("the update of {object} row {row}"),
            (Operation::Upsert { .. }, None) => format!("the upsert of {object} row {row}"),
        }
    }

    /// Returns what a call does, for a message.
    pub(super) fn of_rows(&self, rows: &[Numbered]) -> String {
        let verb = match self.operation {
            Operation::Create => "creation",
            Operation::Update => "update",
            Operation::Upsert { .. } => "upsert",
        };
        match rows {
            [(number, _)] => self.of_row(*number),
            rows => format!("the {verb} of {} {} records", rows.len(), self.object),
        }
    }

    /// Returns whether it is certain that no two records have the same value of the field by which is upserted. Asked where it
    /// matters, once.
    pub(super) async fn is_unique(&self) -> bool {
        let Operation::Upsert { by } = &self.operation else { return false };
        let ask = || async {
            let description = describe(&self.client, &self.object).await;
            description.is_ok_and(|found| found.fields.iter().any(|field| field.is_unique(by)))
        };
        *self.unique.get_or_init(ask).await
    }
}
