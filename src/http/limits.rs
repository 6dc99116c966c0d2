//! Limits on time, size and attempts.

use std::time::Duration;

/// The limits on time, size and attempts.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The maximum time for opening a connection.
    pub open_timeout: Duration,
    /// The maximum time without any data while a request is sent, or its response is awaited or received.
    pub read_timeout: Duration,
    /// The maximum time for everything together: the sign-in, all pages, all attempts.
    pub deadline: Duration,
    /// The maximum number of attempts at a request whose failure may be temporary.
    pub attempts: u32,
    /// The pause before the second attempt. It doubles with each further attempt, and has jitter.
    pub retry_delay: Duration,
    /// The maximum size of a body, in bytes after unpacking.
    pub max_body: usize,
    /// The maximum number of rows of one query.
    pub max_rows: u64,
    /// The maximum number of requests in flight.
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
