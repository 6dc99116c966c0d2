//! Queries read to their end: in one chain of pages, in ranges side by side, or by a Bulk API job, and checked to be whole.

use std::sync::Arc;

use futures_util::future::{try_join_all, BoxFuture};
use futures_util::{FutureExt, StreamExt, TryStreamExt};

use super::chain::{has_code, Fetched};
use super::choice::{Known, Way};
use super::client::Client;
use super::consumer::{Collect, Consumer};
use super::id::Id;
use super::ranges::Census;
use super::records::{read_page, Records, RowSink, Selection};
use super::statement::{Range, Statement};
use crate::columns::Cell;
use crate::engine::Workers;
use crate::error::{Error, Result};
use crate::http::Failure;

/// How often a range is halved that takes the server too long.
const HALVINGS: u32 = 4;
/// How often a range is cut again in which there are too many rows.
const CUTS: u32 = 3;

/// A query, and how to read it.
#[derive(Debug, Clone)]
pub struct Query {
    pub(super) statement: Statement,
    pub(super) all: bool,
    way: Way,
}

impl Query {
    /// A SOQL query.
    #[must_use]
    pub fn new(soql: &str) -> Self {
        Self { statement: Statement::new(soql), all: false, way: Way::Auto }
    }

    /// The same with deleted, merged and archived rows (queryAll).
    #[must_use]
    pub fn with_deleted(self) -> Self {
        Self { all: true, ..self }
    }

    /// The same, read in this way.
    #[must_use]
    pub fn by(self, way: Way) -> Self {
        Self { way, ..self }
    }
}

/// Runs a query and gives every row to `consumer`; gives their number.
///
/// The rows are whole or there is an error: each page must name the same total, the chain of pages must end where the
/// server says so, the rows must add up, and the ranges as well.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm>
///
/// # Errors
/// [`Error::Authentication`], [`Error::Quota`] and [`Error::Remote`], after the retries that make sense.
pub async fn query<C: Consumer>(client: &Client, workers: &Workers, query: &Query, consumer: Arc<C>) -> Result<u64> {
    let action = format!("the query on {}", query.statement.object());
    Reader { client, workers, query, action, consumer }.read().await
}

/// Runs a query and gives `sink` back with every row of it; the deadline is for all of it together.
///
/// # Errors
/// As for [`query`].
pub async fn collect<S>(client: &Client, workers: &Workers, soql: &Query, selection: Selection, sink: S) -> Result<S>
where
    S: RowSink + Send + 'static,
{
    let action = format!("the query on {}", soql.statement.object());
    let consumer = Arc::new(Collect::new(selection, sink));
    let reading = query(client, workers, soql, Arc::clone(&consumer));
    client.org.http.within_deadline(&action, reading).await?;
    consumer.finish()
}

/// A query that is being read.
pub(super) struct Reader<'a, C> {
    pub(super) client: &'a Client,
    pub(super) workers: &'a Workers,
    pub(super) query: &'a Query,
    pub(super) action: String,
    pub(super) consumer: Arc<C>,
}

impl<C: Consumer> Reader<'_, C> {
    async fn read(&self) -> Result<u64> {
        let rows = self.read_by_way().await?;
        tracing::info!("Salesforce: {}: {rows} rows", self.action);
        Ok(rows)
    }

    async fn read_by_way(&self) -> Result<u64> {
        let (statement, all) = (&self.query.statement, Range::default());
        if self.query.way == Way::Bulk {
            return self.bulk(statement.text()).await;
        }
        if !statement.splits() || self.query.way == Way::Serial {
            let soql = if statement.splits() { statement.in_order(all) } else { statement.text().to_owned() };
            let first = self.first(&soql).await?;
            return self.chain(first, all).await;
        }
        let first = match self.first(&statement.in_order(all)).await {
            Err(error) if has_code(&error, "QUERY_TIMEOUT") => return self.halves(all, HALVINGS, error).await,
            first => first?,
        };
        let known = self.known(&first);
        let way = match self.query.way {
            Way::Parallel => Way::Parallel,
            _ => known.choose(),
        };
        match (way, first.read.last) {
            (Way::Bulk, Some(last)) => self.rest_by_bulk(first, last).await,
            (Way::Parallel, Some(last)) => self.rest_in_ranges(first, last, &known).await,
            _ => self.chain(first, all).await,
        }
    }

    fn known(&self, first: &Fetched<C::Page>) -> Known {
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

    async fn rest_by_bulk(&self, first: Fetched<C::Page>, last: Id) -> Result<u64> {
        let total = first.frame.total;
        let came = first.read.rows;
        let rest = Range { after: Some(last), upto: None };
        self.consumer.take(first.read.page).await?;
        let rows = came + self.bulk(&self.query.statement.unordered(rest)).await?;
        self.check_sum(rows, total).await
    }

    /// The first page, and beside each other the ranges behind it. Where the server does not count, the pages behind it.
    async fn rest_in_ranges(&self, first: Fetched<C::Page>, last: Id, known: &Known) -> Result<u64> {
        let rest = Range { after: Some(last), upto: None };
        let ranges = match self.cut(rest, known).await {
            Ok(ranges) => ranges,
            Err(error @ (Error::Authentication(_) | Error::Quota(_) | Error::Internal(_))) => return Err(error),
            Err(error) => {
                tracing::warn!("Salesforce: {}: it is read page by page: {error}", self.action);
                return self.chain(first, Range::default()).await;
            }
        };
        let total = first.frame.total;
        let came = first.read.rows;
        let taking = self.consumer.take(first.read.page);
        let ((), rows) = tokio::try_join!(taking, self.all(ranges, HALVINGS))?;
        self.check_sum(came + rows, total).await
    }

    /// Cuts a range by what is in it: in equal widths, and again where too many rows are.
    async fn cut(&self, range: Range, known: &Known) -> Result<Vec<Range>> {
        let parts = known.concurrency.min(known.pages().div_ceil(2)).max(1);
        let fair = (known.remaining / parts).max(1);
        let mut open: Vec<(Range, Census)> =
            self.census(range).await?.map(|census| (range, census)).into_iter().collect();
        let mut ranges = Vec::new();
        for round in 0..CUTS {
            let large = |census: &Census| round == 0 || census.rows > 2 * fair;
            let (cutting, fitting): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, census)| large(census));
            ranges.extend(fitting.into_iter().map(|(range, _)| range));
            let cut = cutting.iter().flat_map(|(range, census)| census.cut(*range, census.rows.div_ceil(fair)));
            let counted = try_join_all(cut.map(|range| async move { Ok((range, self.census(range).await?)) })).await?;
            open = counted.into_iter().filter_map(|(range, census)| Some((range, census?))).collect();
            if open.is_empty() {
                break;
            }
        }
        ranges.extend(open.into_iter().map(|(range, _)| range));
        Ok(ranges)
    }

    async fn all(&self, ranges: Vec<Range>, halvings: u32) -> Result<u64> {
        let reading = ranges.into_iter().map(|range| self.range(range, halvings));
        let at_once = self.client.org.http.limits().concurrency.max(1);
        futures_util::stream::iter(reading)
            .buffer_unordered(at_once)
            .try_fold(0, |sum, rows| async move { Ok(sum + rows) })
            .await
    }

    /// Boxed, because a range that takes too long is read as two.
    fn range(&self, range: Range, halvings: u32) -> BoxFuture<'_, Result<u64>> {
        let reading = async move {
            match self.first(&self.query.statement.in_order(range)).await {
                Err(error) if has_code(&error, "QUERY_TIMEOUT") => self.halves(range, halvings, error).await,
                first => self.chain(first?, range).await,
            }
        };
        reading.boxed()
    }

    async fn halves(&self, range: Range, halvings: u32, timeout: Error) -> Result<u64> {
        let Some(left) = halvings.checked_sub(1) else { return Err(timeout) };
        let Some(census) = self.census(range).await? else { return Ok(0) };
        tracing::info!("Salesforce: {}: it took the server too long; it is read in halves", self.action);
        let rows = self.all(census.cut(range, 2), left).await?;
        self.check_sum_of(range, rows, census.rows).await
    }

    /// How many rows are in a range, and where; nothing where there are none.
    async fn census(&self, range: Range) -> Result<Option<Census>> {
        let mut url = self.client.resource(if self.query.all { "queryAll" } else { "query" }).await?;
        url.query_pairs_mut().append_pair("q", &self.query.statement.census(range));
        let action = format!("{} (a count)", self.action);
        let asking = self.client.send(
            &action,
            |http| http.get(url.clone()),
            |answer| async move {
                let selection = Selection::new(&["expr0", "expr1", "expr2"]);
                let cells = read_page(&answer.body, Records(&selection)).map(|(_, cells)| counted(&cells));
                cells.ok().flatten().ok_or_else(|| Failure::passing("the answer is not what a count gives".into()))
            },
        );
        asking.await
    }

    async fn check_sum(&self, rows: u64, total: u64) -> Result<u64> {
        self.check_sum_of(Range::default(), rows, total).await
    }

    /// What is read in parts is read at several moments: rows may come and go meanwhile, and then the sum lies between what
    /// was counted before and what is counted now.
    async fn check_sum_of(&self, range: Range, rows: u64, before: u64) -> Result<u64> {
        if rows == before {
            return Ok(rows);
        }
        let now = self.census(range).await?.map_or(0, |census| census.rows);
        match (before.min(now)..=before.max(now)).contains(&rows) {
            true => Ok(rows),
            false => Err(self.incomplete(format!("{rows} rows came of {before}, counted again: of {now}"))),
        }
    }
}

/// The three cells of a count: `Some(None)` where there are no rows, `None` where it is no count.
fn counted(cells: &[Cell<'_>]) -> Option<Option<Census>> {
    let [Cell::Number(rows), least, greatest] = cells else { return None };
    match rows.parse().ok()? {
        0 => Some(None),
        rows => Some(Some(Census { rows, least: Id::parse(least.text()?)?, greatest: Id::parse(greatest.text()?)? })),
    }
}
