//! Reads all organizations of an account page by page, no faster than the caller takes the pages.

use crm_sync::zendesk::{organizations, Batches, Client, Page};
use magnus::{function, method, Error, Module, Object, RArray, RModule, Ruby};
use tokio::sync::mpsc;

use crate::class::define;
use crate::errors;
use crate::host::Host;
use crate::job::{Job, News};
use crate::rows::Rows;
use crate::under_way::UnderWay;
use crate::zendesk::Zendesk;

/// The number of pages that are read ahead.
const AHEAD: usize = 1;

#[magnus::wrap(class = "CrmSync::Native::OrganizationQuery", free_immediately, size)]
struct Reading(UnderWay<State>);

struct State {
    job: Job<u64>,
    pages: mpsc::Receiver<Page>,
}

impl Reading {
    /// Starts the read.
    fn start(ruby: &Ruby, zendesk: &Zendesk, host: Host) -> Result<Self, Error> {
        let (sender, pages) = mpsc::channel(AHEAD);
        let level = host.level()?;
        let start = || {
            let client = Client::new(zendesk.account()?);
            Job::start(level, |questions| {
                let batches = Batches::new(sender, Box::new(move || questions.wake()));
                async move { organizations(&client, &batches).await }
            })
        };
        let job = start().map_err(|error| errors::raise(ruby, error))?;
        Ok(Self(UnderWay::new(State { job, pages })))
    }

    /// Returns the organizations of the next page, an Array of Hashes; nil after the last page.
    fn next(ruby: &Ruby, reading: &Self, host: Host) -> Result<Option<RArray>, Error> {
        let mut taken = reading.0.take(ruby)?;
        let state = taken.get_mut().map_err(|error| errors::raise(ruby, error))?;
        let rows = match state.job.next(ruby, host, || state.pages.try_recv().ok()) {
            Ok(News::Piece(page)) => Rows::of_zendesk(ruby).records(page.records()).map(Some),
            Ok(News::Result(result)) => return result.map(|_| None).map_err(|error| errors::raise(ruby, error)),
            Err(interrupt) => Err(interrupt),
        };
        reading.0.put_back(taken);
        rows
    }

    /// Stops the read, and waits until it has stopped.
    fn stop(ruby: &Ruby, reading: &Self, host: Host) -> Result<(), Error> {
        // If there is nothing to take, the read has ended already.
        let Some(State { job, pages }) = reading.0.end() else { return Ok(()) };
        drop(pages);
        job.stop(ruby, host)
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Reading>(ruby, native, "OrganizationQuery")?;
    class.define_singleton_method("start", function!(Reading::start, 2))?;
    class.define_method("next", method!(Reading::next, 1))?;
    class.define_method("stop", method!(Reading::stop, 1))
}
