//! The state that all jobs of one run share.

use std::sync::Arc;

use tokio::time::Instant;

use crate::engine::Workers;
use crate::salesforce::client::Client;
use crate::salesforce::collection::Operation;
use crate::salesforce::write::Actions;

/// A run of jobs.
pub(super) struct Run<'a> {
    pub(super) client: &'a Client,
    pub(super) workers: &'a Workers,
    pub(super) object: &'a str,
    pub(super) operation: Operation,
    pub(super) actions: Arc<Actions>,
    pub(super) until: Instant,
}
