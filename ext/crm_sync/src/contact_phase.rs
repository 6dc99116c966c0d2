//! The phases of a contact session: it reads, then it has read and can decide. After a failure it is over.

use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::contacts::UserTable;
use crm_sync::reading::contacts::{Fetched, Tables};
use crm_sync::reading::incremental::ReadSummary;
use crm_sync::Error as CoreError;
use magnus::{Error, Ruby};

use crate::errors;
use crate::host::Host;
use crate::job::{compute, guarded, Job};
use crate::process::OfProcess;

/// The phase of a session.
pub(crate) enum Phase {
    Reading {
        pages: Pages,
        users: Box<UserTable>,
    },
    Read(ReadPhase),
    /// The reading failed or was interrupted, so nothing can be decided.
    Over,
}

/// The contacts and leads, whose fetch may still be running.
pub(crate) enum Pages {
    Fetching(Job<Fetched>),
    Fetched(Box<Fetched>),
}

impl Pages {
    pub(crate) fn wait(self, ruby: &Ruby, host: Host) -> Result<Box<Fetched>, Error> {
        match self {
            Self::Fetching(fetch) => fetch.wait(ruby, host).map(Box::new),
            Self::Fetched(pages) => Ok(pages),
        }
    }
}

/// Everything that was read.
pub(crate) struct ReadPhase {
    pub(crate) tables: Arc<Tables>,
    pub(crate) contacts: ReadSummary,
    pub(crate) leads: Option<ReadSummary>,
}

impl ReadPhase {
    /// Returns how contacts and leads were read. The snapshots move to the first caller.
    pub(crate) fn take_summaries(&mut self) -> (ReadSummary, Option<ReadSummary>) {
        let take = |summary: &mut ReadSummary| ReadSummary { snapshot: summary.snapshot.take(), ..*summary };
        (take(&mut self.contacts), self.leads.as_mut().map(take))
    }
}

/// The current phase of a session, which belongs to the process that started it.
pub(crate) struct CurrentPhase(Mutex<OfProcess<Phase>>);

impl CurrentPhase {
    pub(crate) fn new(phase: Phase) -> Self {
        Self(Mutex::new(OfProcess::new(phase)))
    }

    /// Calls `work` with the phase. The lock is held during the call, so `work` must not call Ruby.
    pub(crate) fn with<T>(
        &self,
        ruby: &Ruby,
        work: impl FnOnce(&mut Phase) -> crm_sync::Result<T>,
    ) -> Result<T, Error> {
        let mut phase = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = phase.get_mut().and_then(|phase| guarded(|| work(phase)));
        done.map_err(|error| errors::raise(ruby, error))
    }

    /// Replaces the current phase.
    pub(crate) fn put(&self, ruby: &Ruby, phase: Phase) -> Result<(), Error> {
        self.with(ruby, |current| {
            *current = phase;
            Ok(())
        })
    }

    /// Takes the phase out, so that no lock is held while Ruby runs. The session is over unless a phase is put back.
    pub(crate) fn take(&self, ruby: &Ruby) -> Result<Phase, Error> {
        self.with(ruby, |phase| Ok(std::mem::replace(phase, Phase::Over)))
    }

    /// Takes out the reading phase, as [`take`](Self::take) does.
    ///
    /// # Errors
    /// `Internal` if the session is in another phase. That phase is lost then.
    pub(crate) fn take_reading(&self, ruby: &Ruby) -> Result<(Pages, Box<UserTable>), Error> {
        self.with(ruby, |phase| match std::mem::replace(phase, Phase::Over) {
            Phase::Reading { pages, users } => Ok((pages, users)),
            Phase::Read(_) | Phase::Over => Err(not_reached()),
        })
    }

    /// Waits for the fetch, and returns the result of calling `find` with it.
    pub(crate) fn find_in_pages<T: Send + 'static>(
        &self,
        ruby: &Ruby,
        host: Host,
        find: impl FnOnce(&Fetched) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (pages, users) = self.take_reading(ruby)?;
        let pages = pages.wait(ruby, host)?;
        let (found, pages) = compute(ruby, host, move || (find(&pages), pages))?;
        self.put(ruby, Phase::Reading { pages: Pages::Fetched(pages), users })?;
        Ok(found)
    }

    /// Returns the tables that were read.
    pub(crate) fn tables(&self, ruby: &Ruby) -> Result<Arc<Tables>, Error> {
        self.with(ruby, |phase| phase.read().map(|read| Arc::clone(&read.tables)))
    }
}

impl Phase {
    /// Returns the result of the read.
    ///
    /// # Errors
    /// `Internal` if the session is still reading, or is over.
    pub(crate) fn read(&mut self) -> crm_sync::Result<&mut ReadPhase> {
        match self {
            Self::Read(read) => Ok(read),
            Self::Reading { .. } | Self::Over => Err(not_reached()),
        }
    }
}

/// Returns the error for a session that has not finished reading, or is over.
pub(crate) fn not_reached() -> CoreError {
    CoreError::Internal("the reading has failed, or is not finished".into())
}
