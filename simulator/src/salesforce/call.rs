//! A parsed request with its body.

use super::error::Refusal;
use super::route::Route;
use crate::http::log::Request;
use crate::http::secret;
use crate::http::sent::Sent;
use hyper::header::HeaderName;
use hyper::http::request::Parts;
use serde::Serialize;

/// The maximum length of the URI, and of the URI together with the headers, in bytes.
const MAX_HEAD: usize = 16_384;

/// A parsed request.
pub(crate) struct Call {
    pub(crate) route: Route,
    pub(crate) sent: Sent,
}

/// The time of a request in the log.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Time {
    /// The milliseconds since the start, by the simulated clock.
    pub at_ms: u64,
}

impl Call {
    pub(crate) fn new(sent: Sent) -> Call {
        let route = Route::of(&sent.head.method, &sent.head.uri, &sent.body);
        let route = refuse_length(&sent.head).map_or(route, Route::Refused);
        Call { route, sent }
    }

    /// Returns whether a write is to be saved although a duplicate rule warns about it.
    pub(crate) fn allows_duplicates(&self) -> bool {
        let name = HeaderName::from_static("sforce-duplicate-rule-header");
        let header = self.sent.header(name).unwrap_or_default();
        header.split(';').any(|field| field.trim().eq_ignore_ascii_case("allowSave=true"))
    }

    /// Returns the log entry of the request.
    pub(crate) fn logged(&self, time: Time) -> Request<Time> {
        let query = match &self.route {
            Route::Query { soql, .. } => Some(soql.clone()),
            _ => None,
        };
        let body = match &self.route {
            Route::Token => secret::masked_form(&self.sent.body),
            // The body may be anything, such as a login in another format.
            Route::Refused(_) => secret::MASK.into(),
            _ => self.sent.text(),
        };
        self.sent.logged(query, body, time)
    }
}

/// Refuses a request whose URI or headers are too long, in bytes as sent.
fn refuse_length(head: &Parts) -> Option<Refusal> {
    let uri = head.uri.path_and_query().map_or(0, |uri| uri.as_str().len());
    let headers: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    match uri {
        _ if uri > MAX_HEAD => Some(Refusal::new(414, "URI_TOO_LONG", "URI Too Long")),
        _ if uri + headers > MAX_HEAD => {
            let message = "Request Header Fields Too Large";
            Some(Refusal::new(431, "HEADERS_TOO_LARGE", message))
        }
        _ => None,
    }
}
