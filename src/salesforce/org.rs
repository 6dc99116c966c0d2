//! One org: where it is, how we sign in, and what is known of it.

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

/// The time that cleaning up may take.
const CLEANUP: Duration = Duration::from_secs(5);

/// The settings for reaching an org. Their `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The org's My Domain, as a host name or an `https://` URL.
    pub host: String,
    /// The connected app's consumer key.
    pub client_id: String,
    /// The grant with which we sign in.
    pub grant: Grant,
    /// The version of the API, such as `66.0`.
    pub api_version: String,
    /// The share of the day's calls that is left to others, from 0 to 1.
    pub quota_reserve: f64,
    /// The number of rows from which on a Bulk API job is considered.
    pub bulk_from: u64,
    /// True if a write is saved that a duplicate rule only warns of.
    pub allow_duplicates: bool,
    /// A PEM file with certificates that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Limits on time, size and tries.
    pub limits: Limits,
}

impl Settings {
    fn base(&self) -> Result<Url> {
        base_url("salesforce.host", &self.host, "the org's My Domain, such as example.my.salesforce.com")
    }
}

/// An org: where it is, how we sign in, and what is known of it. One for all clients of a process.
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
    /// Creates an org; nothing is sent yet.
    ///
    /// # Errors
    /// [`Configuration`](crate::Error::Configuration) when the settings cannot be right.
    pub fn new(settings: Settings) -> Result<Self> {
        let base = settings.base()?;
        let cleanups = TaskTracker::new();
        // It takes work all the same, and only a closed one can be waited for. Closing and opening it around each wait
        // would make a second one who waits wait for ever.
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

    /// Gives `work` the time that the deadline allows.
    ///
    /// # Errors
    /// [`Remote`](crate::Error::Remote) when the deadline passes, else those of `work`.
    pub async fn within_deadline<T>(&self, action: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.http.within_deadline(action, work).await
    }

    /// Runs what has to be done at the remote side although nobody waits for it any more, for a few seconds at most.
    /// Within the runtime only.
    pub(super) fn clean_up(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.cleanups.spawn(async move {
            // Work that does not end in time is left to the remote side's own limits.
            let _ = tokio::time::timeout(CLEANUP, work).await;
        })
    }

    /// Waits until everything is cleaned up: a few seconds at most.
    pub async fn cleaned_up(&self) {
        self.cleanups.wait().await;
    }
}
