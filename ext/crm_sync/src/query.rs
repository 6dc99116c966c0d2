//! Reads a query page by page, no faster than the caller takes the pages.

use std::io::Cursor;
use std::sync::Arc;

use crm_sync::http::Body;
use crm_sync::salesforce::{query, Batch, Batches, Client, CsvRows, Query, Way};
use magnus::{function, method, Error, Module, Object, RArray, RModule, Ruby, Value};
use tokio::sync::mpsc;

use crate::class::define;
use crate::errors;
use crate::host::Host;
use crate::job::{Job, News};
use crate::options::Given;
use crate::process;
use crate::rows::Rows;
use crate::salesforce::Salesforce;
use crate::under_way::UnderWay;

/// The number of pages that are read ahead.
const AHEAD: usize = 1;
/// The maximum number of rows of a Bulk API page that are returned at once.
const AT_ONCE: usize = 2_000;
/// The ways to read a query, by their names in Ruby.
const WAYS: [(&str, Way); 4] =
    [("auto", Way::Auto), ("serial", Way::Serial), ("parallel", Way::Parallel), ("bulk", Way::Bulk)];

#[magnus::wrap(class = "CrmSync::Native::Query", free_immediately, size)]
struct Reading(UnderWay<State>);

struct State {
    job: Job<u64>,
    pages: mpsc::Receiver<Batch>,
    /// The rest of a page of a Bulk API job. Such a page is long, so it is returned in pieces.
    page: Option<CsvRows<Cursor<Body>>>,
    /// True once the result of the job has been taken.
    over: bool,
}

impl State {
    fn next(&mut self, ruby: &Ruby, host: Host) -> Result<Option<RArray>, Error> {
        let rows = Rows::of_salesforce(ruby);
        loop {
            if let Some(page) = &mut self.page {
                let some = rows.csv(page, AT_ONCE)?;
                if !some.is_empty() {
                    return Ok(Some(some));
                }
                self.page = None;
            }
            let pages = &mut self.pages;
            match self.job.next(ruby, host, || pages.try_recv().ok())? {
                News::Piece(Batch::Json(page)) => return rows.records(page.records()).map(Some),
                News::Piece(Batch::Csv(page)) => self.page = Some(page.into_rows()),
                News::Result(result) => {
                    self.over = true;
                    return result.map(|_| None).map_err(|error| errors::raise(ruby, error));
                }
            }
        }
    }
}

impl Reading {
    /// Starts the read.
    fn start(
        ruby: &Ruby,
        salesforce: &Salesforce,
        soql: String,
        with_deleted: bool,
        way: Value,
        host: Host,
    ) -> Result<Self, Error> {
        let way = Given::argument("by", way).chosen(&WAYS)?;
        let asked = Query::new(&soql).by(way);
        let asked = if with_deleted { asked.with_deleted() } else { asked };
        let (sender, pages) = mpsc::channel(AHEAD);
        let level = host.level()?;
        let start = || {
            let (org, workers) = (salesforce.org()?, process::engine()?.workers());
            Job::start(level, |questions| {
                let waiting = Arc::clone(&questions);
                let batches = Arc::new(Batches::new(sender, Box::new(move || waiting.wake())));
                let client = Client::new(org, questions);
                async move { query(&client, &workers, &asked, batches).await }
            })
        };
        let job = start().map_err(|error| errors::raise(ruby, error))?;
        Ok(Self(UnderWay::new(State { job, pages, page: None, over: false })))
    }

    /// Returns the rows of the next page, an Array of Hashes; nil after the last page.
    fn next(ruby: &Ruby, reading: &Self, host: Host) -> Result<Option<RArray>, Error> {
        let mut taken = reading.0.take(ruby)?;
        let state = taken.get_mut().map_err(|error| errors::raise(ruby, error))?;
        let (rows, over) = (state.next(ruby, host), state.over);
        if !over {
            reading.0.put_back(taken);
        }
        rows
    }

    /// Stops the read, and waits until it has stopped, both here and at Salesforce.
    fn stop(ruby: &Ruby, reading: &Self, salesforce: &Salesforce, host: Host) -> Result<(), Error> {
        // If there is nothing to take, the read has ended already.
        if let Some(State { job, pages, .. }) = reading.0.end() {
            drop(pages);
            job.stop(ruby, host)?;
        }
        // Also after a failure: the process must not end before its jobs at Salesforce are deleted.
        salesforce.clean_up(ruby, host)
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Reading>(ruby, native, "Query")?;
    class.define_singleton_method("start", function!(Reading::start, 5))?;
    class.define_method("next", method!(Reading::next, 1))?;
    class.define_method("stop", method!(Reading::stop, 2))
}
