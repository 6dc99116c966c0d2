//! A request as it was received.

use super::echo::Echo;
use super::log::Request;
use bytes::Bytes;
use hyper::header::{HeaderName, ACCEPT_ENCODING, AUTHORIZATION, USER_AGENT};
use hyper::http::request::Parts;

/// A request with its complete body.
pub(crate) struct Sent {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
}

impl Sent {
    /// Returns a header, if it is present and text.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn authorization(&self) -> &str {
        self.header(AUTHORIZATION).unwrap_or_default()
    }

    pub(crate) fn takes_gzip(&self) -> bool {
        let accepted = self.header(ACCEPT_ENCODING).unwrap_or_default();
        accepted.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip"))
    }

    /// Returns the body as text; invalid UTF-8 is replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the text of an error that repeats the request.
    pub(crate) fn echoed(&self, echo: Echo) -> String {
        echo.message(&self.head, &self.body)
    }

    /// Returns the log entry of the request, with this query and body.
    pub(crate) fn logged<T>(&self, query: Option<String>, body: String, time: T) -> Request<T> {
        Request {
            method: self.head.method.to_string(),
            path: self.head.uri.path().to_owned(),
            query,
            body: (!self.body.is_empty()).then_some(body),
            user_agent: self.header(USER_AGENT).map(str::to_owned),
            status: 0,
            time,
            bytes: 0,
        }
    }
}
