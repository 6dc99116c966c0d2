//! Fills the tables and files of [`organizations`](crate::organizations) from Zendesk.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::engine::Workers;
use crate::error::{Error, RemoteError, Result};
use crate::organizations::files::{OrganizationFile, Written};
use crate::organizations::OrganizationTable;
use crate::rows::{parse, Allowed, Selection, PAGES};
use crate::zendesk::{organizations, show_many, Client, Consumer, Page};

/// The progress of a read of the organizations.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    expected: AtomicU64,
}

impl Progress {
    /// Returns the number of organizations that have arrived, and the number that is expected.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.expected.load(Ordering::Relaxed))
    }
}

/// Reads all organizations into a table.
///
/// # Errors
/// Returns the errors of [`organizations`], and [`Error::Remote`] for an invalid organization.
pub async fn into_table(client: &Client, table: OrganizationTable, progress: &Noted<'_>) -> Result<OrganizationTable> {
    let sink = PageSink::new(IntoTable::new(client, table), progress);
    organizations(client, &sink).await?;
    Ok(sink.finish().table.into_inner())
}

/// Reads all organizations into a file. The file is in its place when this returns without an error.
///
/// # Errors
/// Returns the errors of [`organizations`], and [`Error::File`].
pub async fn into_file(
    client: &Client,
    workers: &Workers,
    file: OrganizationFile,
    progress: &Noted<'_>,
) -> Result<Written> {
    let sink = PageSink::new(file, progress);
    organizations(client, &sink).await?;
    let file = sink.finish();
    workers.run(move || file.finish()).await?
}

/// Reads the current state of the organizations with these ids into a table. Organizations that do not exist are left
/// out.
///
/// # Errors
/// Returns the errors of [`show_many`], and [`Error::Remote`] for an invalid organization.
pub async fn these(client: &Client, ids: &[u64], table: OrganizationTable) -> Result<OrganizationTable> {
    let progress = Progress::default();
    let sink = PageSink::new(IntoTable::new(client, table), &Noted { progress: &progress, wake: &|| {} });
    show_many(client, ids, &sink).await?;
    Ok(sink.finish().table.into_inner())
}

/// A progress, and a callback for whoever watches it.
#[derive(Clone, Copy)]
pub struct Noted<'p> {
    /// The progress to update.
    pub progress: &'p Progress,
    /// Called after each update.
    pub wake: &'p (dyn Fn() + Send + Sync),
}

/// A destination of the records of a page.
trait Records: Send {
    fn take(&mut self, records: &str) -> Result<()>;
}

struct IntoTable {
    selection: Selection,
    table: Allowed<OrganizationTable>,
}

impl IntoTable {
    fn new(client: &Client, table: OrganizationTable) -> Self {
        let most = client.max_page_bytes().saturating_mul(PAGES);
        Self { selection: Selection::new(table.paths()), table: Allowed::new(table, most) }
    }
}

impl Records for IntoTable {
    fn take(&mut self, records: &str) -> Result<()> {
        parse(records, &self.selection, &mut self.table).map_err(|problem| {
            let (service, action) = ("Zendesk", "the list of organizations".to_owned());
            let message = format!("the answer is not whole: {problem}");
            Error::Remote(Box::new(RemoteError { service, action, message, attempts: 1, ..RemoteError::default() }))
        })
    }
}

impl Records for OrganizationFile {
    fn take(&mut self, records: &str) -> Result<()> {
        self.append(records)
    }
}

/// Writes each page to its destination on the task that receives it, because a page is small.
struct PageSink<'p, R> {
    records: Mutex<R>,
    noted: Noted<'p>,
}

impl<'p, R: Records> PageSink<'p, R> {
    fn new(records: R, noted: &Noted<'p>) -> Self {
        Self { records: Mutex::new(records), noted: *noted }
    }

    fn finish(self) -> R {
        self.records.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Records> Consumer for PageSink<'_, R> {
    fn expect(&self, organizations: u64) {
        self.noted.progress.expected.store(organizations, Ordering::Relaxed);
    }

    async fn take(&self, page: Page) -> Result<()> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).take(page.records())?;
        self.noted.progress.done.fetch_add(page.rows(), Ordering::Relaxed);
        (self.noted.wake)();
        Ok(())
    }
}
