//! Salesforce's clock, as its answers tell it, beside the machine's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use crate::http::date;

/// The time by which our clock may be ahead of Salesforce's: half of what reads overlap unless they are told otherwise.
const AHEAD: Duration = Duration::from_secs(300);

/// What answers have told of the time.
pub(super) struct Clock {
    /// Salesforce's time at the first answer, in seconds since 1970.
    first_date: AtomicU64,
    /// The seconds by which the machine's clock is ahead of Salesforce's, by the answer that took the least time.
    ahead: AtomicU64,
}

impl Clock {
    /// Keeps what the headers of an answer tell.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let Some(date) = date(headers) else { return };
        let seconds = |from: SystemTime, to: SystemTime| to.duration_since(from).unwrap_or_default().as_secs();
        self.first_date.fetch_min(seconds(SystemTime::UNIX_EPOCH, date), Ordering::Relaxed);
        self.ahead.fetch_min(seconds(date, SystemTime::now()), Ordering::Relaxed);
    }

    /// Returns whether a time that was taken before the first answer, in seconds since 1970, is so far ahead of Salesforce's
    /// that what changes there now would seem to be older. The machine's clock has to be ahead as well: an app's own tests
    /// travel in time, with Salesforce or without.
    pub(super) fn is_behind(&self, time: u64) -> bool {
        let ahead = |seconds: u64| (AHEAD.as_secs()..u64::MAX).contains(&seconds);
        ahead(self.ahead.load(Ordering::Relaxed)) && ahead(time.saturating_sub(self.first_date.load(Ordering::Relaxed)))
    }
}

/// Knows nothing yet.
impl Default for Clock {
    fn default() -> Self {
        Self { first_date: AtomicU64::new(u64::MAX), ahead: AtomicU64::new(u64::MAX) }
    }
}
