//! A request with its body, as the log and the answers need it.

use super::error::Refusal;
use super::login::masked;
use super::route::Route;
use crate::http::echo::Echo;
use crate::http::log::Request;
use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, ACCEPT_ENCODING, AUTHORIZATION, USER_AGENT};
use hyper::http::request::Parts;

/// The longest URI, and the longest URI together with the headers.
const MAX_HEAD: usize = 16_384;

/// A request.
pub(crate) struct Call {
    pub(crate) route: Route,
    pub(crate) body: Bytes,
    head: Parts,
}

impl Call {
    pub(crate) fn new(head: Parts, body: Bytes) -> Call {
        let route = Route::of(&head.method, &head.uri);
        let route = refuse_length(&head).map_or(route, Route::Refused);
        Call { route, body, head }
    }

    pub(crate) fn authorization(&self) -> &str {
        text(&self.head.headers, AUTHORIZATION).unwrap_or_default()
    }

    /// Returns the text of an answer that repeats the request.
    pub(crate) fn echoed(&self, echo: Echo) -> String {
        echo.message(&self.head, &self.body)
    }

    /// Returns whether a write may go on although a duplicate rule warns of it.
    pub(crate) fn allows_duplicates(&self) -> bool {
        let name = HeaderName::from_static("sforce-duplicate-rule-header");
        let header = text(&self.head.headers, name).unwrap_or_default();
        header.split(';').any(|field| field.trim().eq_ignore_ascii_case("allowSave=true"))
    }

    pub(crate) fn takes_gzip(&self) -> bool {
        let accepted = text(&self.head.headers, ACCEPT_ENCODING).unwrap_or_default();
        accepted.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("gzip"))
    }

    /// Returns the request as the log shows it.
    pub(crate) fn logged(&self) -> Request {
        let query = match &self.route {
            Route::Query { soql, .. } => Some(soql.clone()),
            _ => None,
        };
        let body = match &self.route {
            Route::Token => masked(&self.body),
            // It may be anything, a login in another form for one.
            Route::Refused(_) => "***".into(),
            _ => String::from_utf8_lossy(&self.body).into_owned(),
        };
        Request {
            method: self.head.method.to_string(),
            path: self.head.uri.path().to_owned(),
            query,
            body: (!self.body.is_empty()).then_some(body),
            user_agent: text(&self.head.headers, USER_AGENT).map(str::to_owned),
            status: 0,
            at_ms: 0,
            bytes: 0,
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Refuses a request whose address or headers are too long, in real bytes.
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
