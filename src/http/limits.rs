//! Limits on time, size and tries.

use std::time::Duration;

/// The limits on time, size and tries.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The time for opening a connection.
    pub open_timeout: Duration,
    /// The time of silence in the middle of an answer.
    pub read_timeout: Duration,
    /// The time for everything together: signing in, all pages, all tries.
    pub deadline: Duration,
    /// The number of tries of a request that fails in a way that may pass.
    pub attempts: u32,
    /// The pause before the second try; it doubles from there on, with jitter.
    pub retry_delay: Duration,
    /// The largest body, in bytes after unpacking.
    pub max_body: usize,
    /// The most rows that one query may give.
    pub max_rows: u64,
    /// The number of requests that are under way at once.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            open_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            deadline: Duration::from_secs(900),
            attempts: 5,
            retry_delay: Duration::from_millis(500),
            max_body: 64 << 20,
            max_rows: 10_000_000,
            concurrency: 16,
        }
    }
}
