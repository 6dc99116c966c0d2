//! A log of what a simulator saw, for specs to look at.

use crate::lock;
use serde::Serialize;
use std::sync::Mutex;

/// One request. Secrets are masked: the `Authorization` header is not kept, passwords and the like are `***`.
#[derive(Clone, Debug, Serialize)]
pub struct Request<T> {
    /// The HTTP method.
    pub method: String,
    /// The path, without its query string.
    pub path: String,
    /// What was asked for: the SOQL of a query, or the query string; decoded.
    pub query: Option<String>,
    /// The body, when there was one.
    pub body: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The status of the answer; 0 while there is none.
    pub status: u16,
    /// The time of its arrival, since the start.
    #[serde(flatten)]
    pub time: T,
    /// The size of the answer's body on the wire.
    pub bytes: u64,
}

/// All requests, in order of arrival.
pub(crate) struct Log<T>(Mutex<Vec<Request<T>>>);

impl<T: Clone> Log<T> {
    pub(crate) fn new() -> Log<T> {
        Log(Mutex::default())
    }

    /// Notes an arrival and gives the place of its entry.
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
