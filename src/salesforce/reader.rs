//! A query, and what all ways of reading it share.

use std::sync::Arc;

use url::Url;

use super::answer::SERVICE;
use super::choice::Way;
use super::client::Client;
use super::consumer::{Batch, Consumer};
use super::room::Room;
use super::statement::Statement;
use crate::engine::Workers;
use crate::error::{counted, Error, Result};
use crate::http::Failure;

/// A query, and how to read it.
#[derive(Debug, Clone)]
pub struct Query {
    pub(super) statement: Statement,
    pub(super) all: bool,
    pub(super) way: Way,
}

impl Query {
    /// Creates a query from SOQL.
    #[must_use]
    pub fn new(soql: &str) -> Self {
        Self { statement: Statement::new(soql), all: false, way: Way::Auto }
    }

    /// Returns the same query including deleted, merged and archived rows (`queryAll`).
    #[must_use]
    pub fn with_deleted(self) -> Self {
        Self { all: true, ..self }
    }

    /// Returns the same query, to be read in this way.
    #[must_use]
    pub fn by(self, way: Way) -> Self {
        Self { way, ..self }
    }
}

/// A query that is being read.
pub(super) struct Reader<'a> {
    pub(super) client: &'a Client,
    pub(super) workers: &'a Workers,
    pub(super) query: &'a Query,
    pub(super) action: String,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) room: Room,
}

impl Reader<'_> {
    /// Returns the URL of a query request.
    pub(super) async fn address(&self, soql: &str) -> Result<Url> {
        let mut url = self.client.resource(if self.query.all { "queryAll" } else { "query" }).await?;
        url.query_pairs_mut().append_pair("q", soql);
        Ok(url)
    }

    /// Passes a page to the consumer, if there is one left to take.
    pub(super) async fn take(&self, page: Option<Batch>) -> Result<()> {
        match page {
            Some(page) => self.consumer.take(page).await,
            None => Ok(()),
        }
    }

    /// Checks that the number of rows does not exceed `max_rows`.
    pub(super) fn check_size(&self, total: u64) -> Result<()> {
        let most = self.client.org.http.limits().max_rows;
        if total <= most {
            return Ok(());
        }
        let message =
            format!("it has {}, and at most {most} are read; raise `max_rows` if that is right", counted(total, "row"));
        Err(Failure::lasting(message).into_error(SERVICE, &self.action))
    }

    pub(super) fn incomplete(&self, why: String) -> Error {
        Failure::lasting(format!("the answer is not whole: {why}")).into_error(SERVICE, &self.action)
    }
}
