//! A request with its body, as the log and the answers need it.

use super::clock::Moment;
use super::error::Refusal;
use super::log::Request;
use super::parameters::Parameters;
use super::route::Route;
use super::secret;
use super::Record;
use crate::http::echo::Echo;
use bytes::Bytes;
use hyper::header::{HeaderName, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, USER_AGENT};
use hyper::http::request::Parts;
use hyper::Method;
use serde_json::Value;

/// A request.
pub(crate) struct Call {
    pub(crate) route: Route,
    pub(crate) parameters: Parameters,
    head: Parts,
    body: Bytes,
}

impl Call {
    pub(crate) fn new(head: Parts, body: Bytes) -> Call {
        let route = Route::of(&head.method, head.uri.path());
        let parameters = Parameters::new(head.uri.query().unwrap_or_default());
        Call { route, parameters, head, body }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.head.method
    }

    pub(crate) fn authorization(&self) -> &str {
        self.header(AUTHORIZATION).unwrap_or_default()
    }

    /// Returns the text of an answer that repeats the request.
    pub(crate) fn echoed(&self, echo: Echo) -> String {
        echo.message(&self.head, &self.body)
    }

    pub(crate) fn takes_gzip(&self) -> bool {
        let accepted = self.header(ACCEPT_ENCODING).unwrap_or_default();
        accepted.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip"))
    }

    /// Returns the version that the client has of what it asks for.
    pub(crate) fn known_version(&self) -> &str {
        self.header(IF_NONE_MATCH).unwrap_or_default()
    }

    /// Returns the body, which must be JSON and say so.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        let media = self.header(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::new(415, "UnsupportedMediaType", "Content-Type must be application/json"));
        }
        let wrong = |error: serde_json::Error| Refusal::new(400, "InvalidJSON", &error.to_string());
        serde_json::from_slice(&self.body).map_err(wrong)
    }

    /// Returns the size of the body in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.body.len()
    }

    /// Returns whether a text stands in the body.
    pub(crate) fn holds(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }

    /// Returns the object that stands below a name in the body.
    pub(crate) fn record(&self, name: &str) -> Result<Record, Refusal> {
        match self.json()?.get_mut(name).map(Value::take) {
            Some(Value::Object(record)) => Ok(record),
            _ => Err(Refusal::missing(name)),
        }
    }

    /// Returns the request as the log shows it.
    pub(crate) fn logged(&self, now: Moment) -> Request {
        let body = match &self.route {
            // A refused request may be anything, a login at another place for one.
            Route::Token | Route::Refused(_) => secret::masked(&self.body),
            _ => String::from_utf8_lossy(&self.body).into_owned(),
        };
        Request {
            method: self.head.method.to_string(),
            path: self.head.uri.path().to_owned(),
            query: self.parameters.masked(),
            body: (!self.body.is_empty()).then_some(body),
            user_agent: self.header(USER_AGENT).map(str::to_owned),
            status: 0,
            at: now.seconds,
            bytes: 0,
        }
    }

    fn header(&self, name: HeaderName) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }
}
