//! Reads queries to the end: as one chain of pages, as concurrent ranges, or by a Bulk API job. Checks that no rows are
//! missing.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt};

use super::answer::{takes_too_long, SERVICE};
use super::bulk::Ready;
use super::chain::{Chained, Fetched};
use super::choice::{Known, Way};
use super::client::Client;
use super::consumer::{Collect, Consumer};
use super::reader::{Query, Reader};
use super::room::Room;
use super::statement::Range;
use crate::engine::Workers;
use crate::error::{self, Error, RemoteError, Result};
use crate::http::Failure;
use crate::rows::{Id, RowSink, Selection, PAGES};

/// The number of times that a range is halved if it takes the server too long.
const HALVINGS: u32 = 4;
/// The number of times that a range is split again if it has too many rows.
const CUTS: u32 = 4;

/// A range to read, and how it may be split among readers.
#[derive(Debug, Clone, Copy)]
struct Spread {
    range: Range,
    /// The number of rows for one reader.
    fair: u64,
    /// The number of times that the range may still be split.
    cuts: u32,
}

impl Spread {
    /// Returns a range for a single reader.
    fn whole(range: Range) -> Self {
        Self { range, fair: u64::MAX / 2, cuts: 0 }
    }
}

/// Runs a query, passes every row to `consumer`, and returns the number of rows.
///
/// Either all rows are read or an error is returned: each page must name the same total, the chain of pages must end
/// where the server says so, and the numbers of rows of the pages and the ranges must add up.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm>
///
/// # Errors
/// Returns [`Error::Authentication`], [`Error::Quota`] or [`Error::Remote`], after the retries that make sense.
pub async fn query(client: &Client, workers: &Workers, query: &Query, consumer: Arc<dyn Consumer>) -> Result<u64> {
    let action = format!("the query on {}", query.statement.object());
    let room = Room::new(client.org.http.limits().max_body);
    Reader { client, workers, query, action, consumer, room }.read().await
}

/// Runs a query, and returns `sink` with all rows of it. One deadline covers the whole query.
///
/// # Errors
/// Returns the errors of [`query`].
pub async fn collect<S>(client: &Client, workers: &Workers, soql: &Query, selection: Selection, sink: S) -> Result<S>
where
    S: RowSink + Send + 'static,
{
    collect_all(client, workers, std::slice::from_ref(soql), selection, sink).await
}

/// Runs several queries of one object concurrently, and returns `sink` with all rows of them. One deadline covers all
/// queries.
///
/// # Errors
/// Returns the errors of [`query`].
pub async fn collect_all<S>(
    client: &Client,
    workers: &Workers,
    queries: &[Query],
    selection: Selection,
    sink: S,
) -> Result<S>
where
    S: RowSink + Send + 'static,
{
    let limits = client.org.http.limits();
    let consumer = Arc::new(Collect::new(selection, sink, limits.max_body.saturating_mul(PAGES)));
    let action = queries.first().map(|soql| format!("the query on {}", soql.statement.object())).unwrap_or_default();
    let reading = queries.iter().map(|soql| query(client, workers, soql, Arc::<Collect<S>>::clone(&consumer)));
    // Collected first: the compiler cannot tell that a future with this closure in it may go to another thread.
    let reading: Vec<_> = reading.collect();
    let reading = futures_util::stream::iter(reading).buffer_unordered(limits.concurrency.max(1));
    let reading = reading.try_for_each(|_| std::future::ready(Ok(())));
    client.org.http.within_deadline(&action, reading).await?;
    consumer.finish()
}

impl Reader<'_> {
    async fn read(&self) -> Result<u64> {
        let rows = self.read_by_way().await?;
        tracing::info!("Salesforce: {}: {}", self.action, error::counted(rows, "row"));
        Ok(rows)
    }

    async fn read_by_way(&self) -> Result<u64> {
        let (statement, all) = (&self.query.statement, Range::default());
        if statement.counts_only() {
            let message = "SELECT COUNT() gives a number and no rows; ask for COUNT(Id)";
            return Err(Failure::lasting(message.into()).into_error(SERVICE, &self.action));
        }
        if self.query.way == Way::Bulk {
            return self.bulk(statement.text()).await;
        }
        if !statement.splits() {
            let first = self.first(statement.text()).await?;
            return self.pages(first, all).await;
        }
        let first = match self.first(&statement.in_order(all)).await {
            Err(error) if takes_too_long(&error) => {
                return self.halves(Spread::whole(all), HALVINGS, error).await;
            }
            first => first?,
        };
        if self.query.way == Way::Serial {
            return self.pages(first, all).await;
        }
        let known = self.known(&first);
        let way = match self.query.way {
            Way::Parallel if known.remaining > 0 => Way::Parallel,
            _ => known.choose(),
        };
        let whole = Spread { range: all, fair: known.fair(), cuts: CUTS };
        match (way, first.read.last) {
            (Way::Bulk, Some(last)) => self.rest_by_job(first, last, whole).await,
            (Way::Parallel, _) => self.spread(first, whole).await,
            _ => self.pages(first, all).await,
        }
    }

    /// Reads on from the first page to the end. If the rest takes the server too long, it is read in halves.
    async fn pages(&self, first: Fetched, range: Range) -> Result<u64> {
        match self.chain(first, range).await? {
            Chained::Whole(rows) => Ok(rows),
            Chained::TooLong { rows, total, rest, error } => {
                let rows = rows + self.halves(Spread::whole(rest), HALVINGS, error).await?;
                self.check_sum(range, rows, total).await
            }
        }
    }

    fn known(&self, first: &Fetched) -> Known {
        Known {
            page_rows: first.read.rows,
            page_time: first.time,
            remaining: match first.frame.next {
                Some(_) => first.frame.total.saturating_sub(first.read.rows),
                None => 0,
            },
            concurrency: self.client.org.http.limits().concurrency as u64,
            calls_left: self.client.org.quota.left(),
            bulk_from: self.client.org.bulk_from,
        }
    }

    /// Takes the first page, and reads the rest by a job. The caller did not ask for a job, so the rest is read without
    /// one if the job refuses the query (as for an address field), does not complete while there is time left for
    /// another way, or fails before the consumer received anything from it.
    async fn rest_by_job(&self, mut first: Fetched, last: Id, whole: Spread) -> Result<u64> {
        let rest = Range { after: Some(last), ..whole.range };
        let ready = match self.begin_in_time(&self.query.statement.unordered(rest)).await {
            Err(Error::Remote(error)) => return self.without_a_job(&error, first, whole).await,
            ready => ready?,
        };
        let (total, came) = (first.frame.total, first.read.rows);
        let (taken, read) = tokio::join!(self.take(first.read.page.take()), self.end(&ready));
        taken?;
        match read {
            Err(Error::Remote(error)) if ready.is_untouched() => self.without_a_job(&error, first, whole).await,
            rows => self.check_sum(whole.range, came + rows?, total).await,
        }
    }

    /// Starts a job and waits for its completion, for a third of the deadline at most.
    async fn begin_in_time(&self, soql: &str) -> Result<Ready> {
        let patience = self.client.org.http.limits().deadline / 3;
        tokio::time::timeout(patience, self.begin(soql)).await.unwrap_or_else(|_| {
            let message = format!("its job is not complete after {}", error::seconds(patience));
            Err(Failure::lasting(message).into_error(SERVICE, &self.action))
        })
    }

    async fn without_a_job(&self, why: &RemoteError, first: Fetched, whole: Spread) -> Result<u64> {
        tracing::warn!("Salesforce: {}: it is read without a job: {why}", self.action);
        self.spread(first, whole).await
    }

    /// Reads a range whose first page has been fetched. If the rest is more than twice the share of one reader, it is
    /// read in concurrent parts, else page by page.
    async fn spread(&self, first: Fetched, spread: Spread) -> Result<u64> {
        let Spread { range, fair, cuts } = spread;
        let remaining = first.frame.total.saturating_sub(first.read.rows);
        let (Some(last), true) = (first.read.last, cuts > 0 && remaining > 2 * fair) else {
            return self.pages(first, range).await;
        };
        let rest = Range { after: Some(last), ..range };
        let census = match self.census(rest).await {
            Ok(Some(census)) => census,
            Ok(None) => return self.pages(first, range).await,
            Err(Error::Remote(error)) => {
                tracing::warn!("Salesforce: {}: it is read page by page: {error}", self.action);
                return self.pages(first, range).await;
            }
            Err(error) => return Err(error),
        };
        let (total, came) = (first.frame.total, first.read.rows);
        let parts = census.cut(rest, remaining.div_ceil(fair));
        let reading = parts.into_iter().map(|range| Spread { range, fair, cuts: cuts - 1 });
        let ((), rows) = tokio::try_join!(self.take(first.read.page), self.all(reading, HALVINGS))?;
        self.check_sum(range, came + rows, total).await
    }

    /// Reads ranges concurrently and returns the number of their rows.
    async fn all(&self, ranges: impl Iterator<Item = Spread>, halvings: u32) -> Result<u64> {
        let reading = ranges.map(|spread| self.range(spread, halvings));
        let at_once = match self.query.way {
            Way::Serial => 1,
            _ => self.client.org.http.limits().concurrency.max(1),
        };
        let rows = futures_util::stream::iter(reading).buffer_unordered(at_once);
        rows.try_fold(0, |sum, rows| async move { Ok(sum + rows) }).await
    }

    /// Reads a range. Boxed, because a range may be split into further ranges.
    fn range(&self, spread: Spread, halvings: u32) -> BoxFuture<'_, Result<u64>> {
        let reading = async move {
            match self.first(&self.query.statement.in_order(spread.range)).await {
                Err(error) if takes_too_long(&error) => self.halves(spread, halvings, error).await,
                first => self.spread(first?, spread).await,
            }
        };
        reading.boxed()
    }

    async fn halves(&self, spread: Spread, halvings: u32, timeout: Error) -> Result<u64> {
        let Some(left) = halvings.checked_sub(1) else { return Err(timeout) };
        let Some(census) = self.census(spread.range).await? else { return Ok(0) };
        tracing::info!("Salesforce: {}: it took the server too long; it is read in halves", self.action);
        let halves = census.cut(spread.range, 2).into_iter().map(|range| Spread { range, ..spread });
        let rows = self.all(halves, left).await?;
        self.check_sum(spread.range, rows, census.rows).await
    }
}
