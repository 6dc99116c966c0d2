//! A log of what a simulator saw, for specs to look at.

use crate::lock;
use serde::Serialize;
use std::sync::Mutex;
use std::time::Instant;

/// One request. Secrets are masked: the `Authorization` header is not kept, passwords and the like are `***`.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The path, without its query string.
    pub path: String,
    /// The SOQL, decoded, when the request is a query.
    pub query: Option<String>,
    /// The body, when there was one.
    pub body: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The status of the answer; 0 while there is none.
    pub status: u16,
    /// The time of its arrival, in milliseconds since the start.
    pub at_ms: u64,
    /// The size of the answer's body on the wire.
    pub bytes: u64,
}

/// All requests, in order of arrival.
pub(crate) struct Log {
    start: Instant,
    requests: Mutex<Vec<Request>>,
}

impl Log {
    pub(crate) fn new() -> Log {
        Log { start: Instant::now(), requests: Mutex::default() }
    }

    /// Notes an arrival and gives the place of its entry.
    pub(crate) fn arrived(&self, request: Request) -> usize {
        let mut requests = lock(&self.requests);
        let at_ms = self.start.elapsed().as_millis() as u64;
        requests.push(Request { at_ms, ..request });
        requests.len() - 1
    }

    pub(crate) fn answered(&self, place: usize, status: u16, bytes: u64) {
        if let Some(request) = lock(&self.requests).get_mut(place) {
            request.status = status;
            request.bytes = bytes;
        }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }
}
