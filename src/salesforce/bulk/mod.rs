//! Bulk API 2.0 query jobs, for large queries. A job is created, polled, read in concurrent pages, and deleted.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/query_create_job.htm>

pub(super) mod addresses;
mod columns;
mod csv;
pub(super) mod job;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use reqwest::header::HeaderMap;
use serde::de::IgnoredAny;
use serde::Deserialize;
use tokio::sync::watch;
use url::Url;

use self::addresses::{below, locator, place, with_locator, with_rows};
use self::csv::{Broken, Columns, STRIPPED};
pub use self::csv::{CsvPage, CsvRows};
use self::job::{delete, parsed, Job};
use super::answer::SERVICE;
use super::choice::Way;
use super::client::Sending;
use super::consumer::Read;
use super::page::Unreadable;
use super::reader::Reader;
use super::statement::Statement;
use crate::error::{counted, Error, Result};
use crate::http::{Answer, Failure};

/// The number of rows of a page. Together with [`PAGES_AT_ONCE`] it bounds the memory.
const PAGE_ROWS: u64 = 20_000;
/// The factor by which pages shrink if one cannot be read, as long as they have more than [`FEW_ROWS`] rows.
const SMALLER: u64 = 4;
const FEW_ROWS: u64 = 100;
const PAGES_AT_ONCE: usize = 2;
/// The number of consecutive pages or lists without a row that are accepted. With ever new names they could go on for
/// ever.
const EMPTY: u32 = 100;
/// The first API version in which a job lists the URLs of several pages.
const RESULT_PAGES: u32 = 58;

/// A list of pages. The reference gives its fields one name in the table and another in the example, and live orgs use
/// a third.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/query_get_parallel_job_results.htm>
#[derive(Deserialize)]
struct ResultPages {
    #[serde(rename = "resultPages", alias = "resultChunks")]
    pages: Vec<ResultPage>,
    #[serde(rename = "nextRecordUrl", alias = "nextRecordsUrl", default)]
    next: Option<String>,
    #[serde(default)]
    done: bool,
}

#[derive(Deserialize)]
struct ResultPage {
    #[serde(rename = "resultUrl", alias = "resultLink")]
    url: String,
}

/// A job that is complete.
pub(super) struct Ready {
    job: Job,
    columns: Arc<Columns>,
    rows: u64,
    touched: AtomicBool,
    /// True if the consumer has started on a page and not finished it.
    inside: AtomicBool,
}

/// A page, and the locator of the next.
type Page = (CsvPage, Option<String>);

/// The progress in consecutive pages.
struct Front {
    rows: u64,
    /// The URL at which to read on, if known.
    next: Option<Url>,
}

impl Ready {
    /// Returns whether the consumer has not received any rows of the job, so that they can still be read in another
    /// way.
    pub(super) fn is_untouched(&self) -> bool {
        !self.touched.load(Ordering::Relaxed)
    }
}

impl Reader<'_> {
    /// Reads a query by a job, and returns the number of rows.
    pub(super) async fn bulk(&self, soql: &str) -> Result<u64> {
        let ready = self.begin(soql).await?;
        self.end(&ready).await
    }

    /// Creates a job and waits until it is complete.
    pub(super) async fn begin(&self, soql: &str) -> Result<Ready> {
        let fields = Statement::new(soql).fields().to_vec();
        if fields.is_empty() {
            let message = "a Bulk API job takes plain fields with the Id among them, without order, limit or sub-query";
            return Err(self.failed(message.into()));
        }
        let columns = Arc::new(columns::columns(self.client, self.query.statement.object(), fields).await?);
        let job = self.create(soql).await?;
        let rows = self.wait(&job).await?;
        self.check_size(rows)?;
        tracing::info!("Salesforce: {}: a Bulk API job has {} ready", self.action, counted(rows, "row"));
        Ok(Ready { job, columns, rows, touched: AtomicBool::new(false), inside: AtomicBool::new(false) })
    }

    /// Reads the result of a job, deletes the job, and returns the number of rows.
    pub(super) async fn end(&self, ready: &Ready) -> Result<u64> {
        let received = self.results(ready).await?;
        let Ready { job, rows, .. } = ready;
        // The result does not depend on the deletion, so the caller waits for it only for a short time. The job is
        // deleted exactly once, even if nobody waits here any more.
        job.over.store(true, Ordering::Relaxed);
        let (client, url) = (self.client.clone(), job.url.clone());
        let deleting = self.client.org.clean_up(async move { drop(delete(&client, &url).await) });
        let _ = deleting.await;
        match received == *rows {
            true => Ok(received),
            false => {
                Err(self.incomplete(format!("{} came of the {rows} that the job processed", counted(received, "row"))))
            }
        }
    }

    /// Reads pages concurrently if the job can list them. Otherwise, and after a page that cannot be read, reads them
    /// one after the other, which works in every org.
    async fn results(&self, ready: &Ready) -> Result<u64> {
        let first = below(&ready.job.url, "results");
        if !self.client.speaks(RESULT_PAGES) {
            return self.locators(ready, 0, first).await;
        }
        let mut front = Front { rows: 0, next: Some(first) };
        let read = self.result_pages(ready, &mut front).await;
        match (read, front.next) {
            (Err(Error::Remote(error)), Some(next)) if !ready.inside.load(Ordering::Relaxed) => {
                tracing::info!("Salesforce: {}: its pages are read one after the other: {error}", self.action);
                self.locators(ready, front.rows, next).await
            }
            (Ok(()), Some(next)) if front.rows == 0 => self.locators(ready, 0, next).await,
            (read, _) => read.map(|()| front.rows),
        }
    }

    /// Reads pages concurrently, as far as the job lists them, and until all rows of the job have been received.
    async fn result_pages(&self, ready: &Ready, front: &mut Front) -> Result<()> {
        let Ready { job, rows: all, .. } = ready;
        let (mut seen, mut empty) = (HashSet::new(), 0);
        let mut list = Some(with_rows(&below(&job.url, "resultPages"), PAGE_ROWS));
        while let Some(url) = list.filter(|_| front.rows <= *all) {
            if !seen.insert(url.clone()) {
                return Err(self.incomplete("the job names a list of pages that came before".into()));
            }
            let read = |answer: Answer| async move { parsed::<ResultPages>(&answer, if_cut(&answer)) };
            let told = self.client.send(&self.action, Sending::Again, |http| http.get(url.clone()), read).await?;
            let pages = told.pages.iter().map(|page| place(&job.url, &page.url));
            let pages = pages.collect::<std::result::Result<Vec<_>, _>>().map_err(|why| self.incomplete(why))?;
            if pages.iter().any(|page| !seen.insert(page.clone())) {
                return Err(self.incomplete("the job names a page that came before".into()));
            }
            let before = front.rows;
            self.side_by_side(ready, pages, front).await?;
            self.count_empty(&mut empty, front.rows - before)?;
            let address = told.next.filter(|_| !told.done).map(|url| place(&job.url, &url));
            list = address.transpose().map_err(|why| self.incomplete(why))?;
        }
        Ok(())
    }

    /// Fetches pages concurrently and passes them on in order, so that no page is passed on after one that cannot be
    /// read.
    async fn side_by_side(&self, ready: &Ready, pages: Vec<Url>, front: &mut Front) -> Result<()> {
        let following: Vec<Option<String>> = pages.iter().skip(1).map(locator).collect();
        let turn = &watch::Sender::new(0);
        let reading = pages.into_iter().enumerate().map(|(number, page)| async move {
            let fetched = self.page(page, ready, None).await;
            // A failure waits for its turn as well, so that the pages before it are passed on.
            let _ = turn.subscribe().wait_for(|turn| *turn == number).await;
            let (page, next) = fetched?.map_err(|failure| failure.into_error(SERVICE, &self.action))?;
            let rows = self.give(page, ready).await?;
            turn.send_replace(number + 1);
            Ok::<_, Error>((rows, next))
        });
        let mut reading = stream::iter(reading).buffer_unordered(PAGES_AT_ONCE).enumerate();
        while let Some((number, read)) = reading.next().await {
            let (rows, next) = read?;
            front.rows += rows;
            // The rest can be read in another way only if the page and the list agree on what follows.
            let agreed = next.filter(|next| following.get(number).is_none_or(|told| told.as_ref() == Some(next)));
            front.next = agreed.map(|next| with_locator(&below(&ready.job.url, "results"), &next));
        }
        Ok(())
    }

    /// Reads pages one after the other, starting after `received` rows. Each page names the next. If a page cannot be
    /// read, because it is too large or arrives incomplete, it is requested with fewer rows.
    async fn locators(&self, ready: &Ready, mut received: u64, mut url: Url) -> Result<u64> {
        let Ready { job, rows: all, .. } = ready;
        let (mut most, mut seen, mut empty) = (PAGE_ROWS, HashSet::new(), 0);
        loop {
            let fetched = self.page(with_rows(&url, most), ready, Some(all.saturating_sub(received))).await;
            let (page, next) = match fetched {
                // The server did not refuse the request, and there is no other way to read the rest.
                Err(Error::Remote(error)) if error.status.is_none() && most > FEW_ROWS && self.has_to_go_on(ready) => {
                    most /= SMALLER;
                    tracing::info!("Salesforce: {}: a page is read in parts of {most} rows: {error}", self.action);
                    continue;
                }
                fetched => fetched?.map_err(|failure| failure.into_error(SERVICE, &self.action))?,
            };
            let rows = self.give(page, ready).await?;
            self.count_empty(&mut empty, rows)?;
            received += rows;
            let Some(next) = next.filter(|_| received <= *all) else { return Ok(received) };
            if !seen.insert(next.clone()) {
                return Err(self.incomplete("the job names a page that came before".into()));
            }
            url = with_locator(&below(&job.url, "results"), &next);
        }
    }

    /// Fetches a page, and returns it with the locator of the next. If further rows are due, the locator is required.
    /// The inner failure is for a response that smaller pages would not improve.
    async fn page(&self, url: Url, ready: &Ready, to_come: Option<u64>) -> Result<std::result::Result<Page, Failure>> {
        let place = self.room.place().await;
        let read = |answer: Answer| async move {
            self.room.note(answer.body.len());
            let announced = header(&answer.headers, "sforce-numberofrecords").and_then(|rows| rows.parse().ok());
            let locator = header(&answer.headers, "sforce-locator").filter(|text| !text.is_empty()).map(str::to_owned);
            if locator.is_none() && to_come.zip(announced).is_some_and(|(to_come, announced)| announced < to_come) {
                return Ok(Err(Failure::lasting(format!("{STRIPPED} where the next page is (Sforce-Locator)"))));
            }
            let (columns, body) = (Arc::clone(&ready.columns), answer.body);
            let page = self.workers.run(move || CsvPage::new(body, columns, announced));
            match page.await.map_err(|error| Failure::lasting(error.to_string()))? {
                Ok(page) => Ok(Ok((page, locator.filter(|text| text != "null")))),
                Err(Broken::Cut(why)) => Err(Failure::passing(format!("the answer is not whole: {why}"))),
                Err(Broken::Foreign(why)) => Ok(Err(Failure::lasting(format!("the answer is not whole: {why}")))),
            }
        };
        let mut fetched = self.client.send(&self.action, Sending::Again, |http| http.get(url.clone()), read).await?;
        if let Ok((page, _)) = &mut fetched {
            page.wait_at(place);
        }
        Ok(fetched)
    }

    /// Counts consecutive pages or lists without a row.
    fn count_empty(&self, empty: &mut u32, rows: u64) -> Result<()> {
        *empty = if rows == 0 { *empty + 1 } else { 0 };
        match *empty > EMPTY {
            true => Err(self.incomplete("the job names more and more pages without a row".into())),
            false => Ok(()),
        }
    }

    /// Passes a page to the consumer, and returns the number of its rows.
    async fn give(&self, page: CsvPage, ready: &Ready) -> Result<u64> {
        ready.touched.store(true, Ordering::Relaxed);
        ready.inside.store(true, Ordering::Relaxed);
        let consumer = Arc::clone(&self.consumer);
        let read = self.workers.run(move || consumer.csv(page).map_err(unreadable)).await?;
        let Read { rows, page, .. } = read.map_err(|failure| failure.into_error(SERVICE, &self.action))?;
        self.take(page).await?;
        ready.inside.store(false, Ordering::Relaxed);
        Ok(rows)
    }

    /// Returns whether to retry instead of reading in another way: the caller asked for a job, or received some of its
    /// rows.
    fn has_to_go_on(&self, ready: &Ready) -> bool {
        self.query.way == Way::Bulk || !ready.is_untouched()
    }

    fn failed(&self, message: String) -> crate::Error {
        Failure::lasting(message).into_error(SERVICE, &self.action)
    }
}

/// Returns the failure for an invalid list of pages. It is worth a retry only if the list is not JSON at all.
fn if_cut(answer: &Answer) -> fn(String) -> Failure {
    match serde_json::from_slice::<IgnoredAny>(&answer.body) {
        Ok(_) => Failure::lasting,
        Err(_) => Failure::passing,
    }
}

fn unreadable(page: Unreadable) -> Failure {
    match page {
        Unreadable::Broken => Failure::passing("the answer is not the CSV that a job gives".into()),
        Unreadable::Wrong(why) => Failure::lasting(format!("the answer is not whole: {why}")),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
