//! A log of the requests that a simulator received, for use in specs.

use crate::lock;
use serde::Serialize;
use std::sync::Mutex;

/// A request. Secrets are masked: the `Authorization` header is left out, and passwords and the like are `***`.
#[derive(Clone, Debug, Serialize)]
pub struct Request<T> {
    /// The HTTP method.
    pub method: String,
    /// The path without its query string.
    pub path: String,
    /// The SOQL of a query, or the query string; decoded.
    pub query: Option<String>,
    /// The body, if there was one.
    pub body: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The status of the response; 0 until it is sent.
    pub status: u16,
    /// The time of arrival, relative to the start of the simulator.
    #[serde(flatten)]
    pub time: T,
    /// The size of the response body on the wire, in bytes.
    pub bytes: u64,
}

/// All requests in order of arrival.
pub(crate) struct Log<T>(Mutex<Vec<Request<T>>>);

impl<T: Clone> Log<T> {
    pub(crate) fn new() -> Log<T> {
        Log(Mutex::default())
    }

    /// Adds a request and returns the index of its entry.
    pub(crate) fn arrived(&self, request: Request<T>) -> usize {
        let mut requests = lock(&self.0);
        requests.push(request);
        requests.len() - 1
    }

    pub(crate) fn answered(&self, place: usize, status: u16, bytes: u64) {
        if let Some(request) = lock(&self.0).get_mut(place) {
            request.status = status;
            request.bytes = bytes;
        }
    }

    pub(crate) fn requests(&self) -> Vec<Request<T>> {
        lock(&self.0).clone()
    }
}
