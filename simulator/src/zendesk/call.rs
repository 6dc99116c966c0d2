//! A parsed request with its body.

use super::error::Refusal;
use super::route::Route;
use super::Record;
use crate::clock::Moment;
use crate::http::log::Request;
use crate::http::parameters::Parameters;
use crate::http::secret;
use crate::http::sent::Sent;
use hyper::header::{CONTENT_TYPE, IF_NONE_MATCH};
use hyper::Method;
use serde::Serialize;
use serde_json::Value;

/// A parsed request.
pub(crate) struct Call {
    pub(crate) route: Route,
    pub(crate) parameters: Parameters,
    pub(crate) sent: Sent,
}

/// The time of a request in the log.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Time {
    /// The simulated seconds since the start of the simulator.
    pub at: f64,
}

impl Call {
    pub(crate) fn new(sent: Sent) -> Call {
        let route = Route::of(&sent.head.method, sent.head.uri.path());
        let parameters = Parameters::new(sent.head.uri.query().unwrap_or_default());
        Call { route, parameters, sent }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.sent.head.method
    }

    /// Returns the version of the resource that the client already has.
    pub(crate) fn known_version(&self) -> &str {
        self.sent.header(IF_NONE_MATCH).unwrap_or_default()
    }

    /// Returns the body, which must be JSON and be declared as such.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        let media = self.sent.header(CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::new(415, "UnsupportedMediaType", "Content-Type must be application/json"));
        }
        let wrong = |error: serde_json::Error| Refusal::new(400, "InvalidJSON", &error.to_string());
        serde_json::from_slice(&self.sent.body).map_err(wrong)
    }

    /// Returns the size of the body in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.sent.body.len()
    }

    /// Returns whether the body contains a text.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.sent.text().contains(text)
    }

    /// Returns the object under this name in the body.
    pub(crate) fn record(&self, name: &str) -> Result<Record, Refusal> {
        match self.json()?.get_mut(name).map(Value::take) {
            Some(Value::Object(record)) => Ok(record),
            _ => Err(Refusal::missing(name)),
        }
    }

    /// Returns the log entry of the request.
    pub(crate) fn logged(&self, now: Moment) -> Request<Time> {
        let body = match &self.route {
            // A refused request may contain anything, such as a login at the wrong path.
            Route::Token | Route::Refused(_) => secret::masked_json(&self.sent.body),
            _ => self.sent.text(),
        };
        let shown = |(name, value)| format!("{name}={}", secret::shown(name, value));
        let query: Vec<String> = self.parameters.iter().map(shown).collect();
        self.sent.logged((!query.is_empty()).then(|| query.join("&")), body, Time { at: now.seconds })
    }
}
