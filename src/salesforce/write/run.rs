//! The state that all calls of one run of writes share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use tokio::sync::{OnceCell, Semaphore};

use super::actions::Actions;
use super::list::Numbered;
use super::passage::Passage;
use super::size::SizeLimit;
use crate::salesforce::client::Client;
use crate::salesforce::collection::Operation;
use crate::salesforce::describe::describe;

/// The maximum number of calls in flight.
const AT_ONCE: usize = 8;

/// A run of writes.
pub(super) struct Run {
    pub(super) client: Client,
    pub(super) object: String,
    pub(super) operation: Operation,
    pub(super) actions: Arc<Actions>,
    /// The turns of calls. Closed once nothing more is to be sent.
    pub(super) turns: Semaphore,
    pub(super) size_limit: SizeLimit,
    pub(super) passage: Passage,
    /// For each row, true if it was sent and may have been written, as long as no outcome is known.
    sent: Vec<AtomicBool>,
    unique: OnceCell<bool>,
}

impl Run {
    pub(super) fn new(client: &Client, object: &str, operation: Operation, actions: Arc<Actions>) -> Self {
        Self {
            client: client.anew(),
            object: object.into(),
            operation,
            turns: Semaphore::new(AT_ONCE),
            size_limit: SizeLimit::default(),
            passage: Passage::default(),
            sent: (0..actions.len()).map(|_| AtomicBool::new(false)).collect(),
            actions,
            unique: OnceCell::new(),
        }
    }

    /// Records whether rows may have been written.
    pub(super) fn note(&self, rows: &[Numbered], sent: bool) {
        rows.iter().for_each(|(number, _)| self.sent[*number].store(sent, Ordering::Relaxed));
    }

    pub(super) fn is_sent(&self, number: usize) -> bool {
        self.sent[number].load(Ordering::Relaxed)
    }

    /// Returns whether it is certain that no two records have the same value of the upsert field. Asks the org once,
    /// and only if the answer is needed.
    pub(super) async fn is_unique(&self) -> bool {
        let Operation::Upsert { by } = &self.operation else { return false };
        let ask = || async {
            let description = describe(&self.client, &self.object).await;
            description.is_ok_and(|fields| fields.iter().any(|field| field.unique && field.is_called(by)))
        };
        *self.unique.get_or_init(ask).await
    }
}
