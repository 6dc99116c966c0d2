//! An org: its address, its credentials, and what is known about it.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use url::Url;

use super::answer::SERVICE;
use super::grant::Grant;
use super::quota::Quota;
use super::session::Session;
use crate::error::Result;
use crate::http::{base_url, Current, Http, Limits};

/// The time limit for cleanup.
const CLEANUP: Duration = Duration::from_secs(5);

/// The settings of an org. Their `Debug` output contains no secrets and no addresses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The org's My Domain, as a host name or an `https://` URL.
    pub host: String,
    /// The consumer key of the connected app.
    pub client_id: String,
    /// The credentials for a sign-in.
    pub grant: Grant,
    /// The version of the API, such as `66.0`.
    pub api_version: String,
    /// The share of the daily calls that is left to others, from 0 to 1.
    pub quota_reserve: f64,
    /// The number of rows from which a Bulk API job is considered.
    pub bulk_from: u64,
    /// True if records are saved although a duplicate rule warns about them.
    pub allow_duplicates: bool,
    /// A PEM file with certificates that are trusted in addition to those of the system.
    pub ca_file: Option<PathBuf>,
    /// Limits on time, size and attempts.
    pub limits: Limits,
}

impl Settings {
    fn base(&self) -> Result<Url> {
        base_url("salesforce.host", &self.host, "the org's My Domain, such as example.my.salesforce.com")
    }
}

/// An org: its address, its credentials, and what is known about it. All clients of a process share it.
pub struct Org {
    pub(super) http: Http,
    pub(super) base: Url,
    pub(super) client_id: String,
    pub(super) grant: Grant,
    pub(super) quota: Quota,
    pub(super) bulk_from: u64,
    pub(super) allow_duplicates: bool,
    pub(super) version: String,
    pub(super) current: Current<Session>,
    cleanups: TaskTracker,
}

impl Org {
    /// Creates an org without sending a request.
    ///
    /// # Errors
    /// Returns [`Configuration`](crate::Error::Configuration) if a setting is invalid.
    pub fn new(settings: Settings) -> Result<Self> {
        let base = settings.base()?;
        let cleanups = TaskTracker::new();
        // A closed tracker still accepts tasks, and only a closed one can be waited for. If it were closed and reopened
        // around each wait, a second waiter would wait for ever.
        cleanups.close();
        Ok(Self {
            http: Http::new(SERVICE, &base, settings.limits.clone(), settings.ca_file.as_deref())?,
            base,
            client_id: settings.client_id,
            grant: settings.grant,
            quota: Quota::new(settings.quota_reserve),
            bulk_from: settings.bulk_from,
            allow_duplicates: settings.allow_duplicates,
            version: settings.api_version,
            current: Current::default(),
            cleanups,
        })
    }

    /// Runs cleanup at the remote side in the background, for a few seconds at most, whether or not anybody waits for
    /// it. Must be called within the runtime.
    pub(super) fn clean_up(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.cleanups.spawn(async move {
            // Work that does not end in time is left to the limits of the remote side.
            let _ = tokio::time::timeout(CLEANUP, work).await;
        })
    }

    /// Waits until all cleanup has ended, which takes a few seconds at most.
    pub async fn cleaned_up(&self) {
        self.cleanups.wait().await;
    }
}
