//! Salesforce's clock, as the `Date` headers of its responses show it, compared with the machine's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use crate::http::date;

/// The time by which our clock may be ahead of Salesforce's: half of the default overlap of incremental reads.
const AHEAD: Duration = Duration::from_secs(300);

/// The times seen in responses.
pub(super) struct Clock {
    /// The earliest time in a response, in seconds since 1970: Salesforce's time at the first one.
    first_date: AtomicU64,
    /// The seconds by which the machine's clock is ahead of Salesforce's, from the response with the smallest
    /// difference.
    ahead: AtomicU64,
}

impl Clock {
    /// Records the date in the headers of a response.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let Some(date) = date(headers) else { return };
        let seconds = |from: SystemTime, to: SystemTime| to.duration_since(from).unwrap_or_default().as_secs();
        self.first_date.fetch_min(seconds(SystemTime::UNIX_EPOCH, date), Ordering::Relaxed);
        self.ahead.fetch_min(seconds(date, SystemTime::now()), Ordering::Relaxed);
    }

    /// Returns whether a time taken before the first response, in seconds since 1970, is so far ahead of Salesforce's
    /// clock that rows changed there now would seem older. The machine's clock has to be ahead as well, because an
    /// app's own tests travel in time, with Salesforce or without.
    pub(super) fn is_behind(&self, time: u64) -> bool {
        let ahead = |seconds: u64| (AHEAD.as_secs()..u64::MAX).contains(&seconds);
        ahead(self.ahead.load(Ordering::Relaxed)) && ahead(time.saturating_sub(self.first_date.load(Ordering::Relaxed)))
    }
}

/// Creates a clock that has seen no response.
impl Default for Clock {
    fn default() -> Self {
        Self { first_date: AtomicU64::new(u64::MAX), ahead: AtomicU64::new(u64::MAX) }
    }
}
