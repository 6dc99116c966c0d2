//! Maps requests to routes.

use super::bulk;
use super::collections::Operation;
use super::error::Refusal;
use super::fault::Kind;
use crate::http::parameters::Parameters;
use hyper::{Method, Uri};

/// The supported versions. Earlier ones are retired, and later ones do not exist yet.
pub(crate) const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;

/// The route of a request.
pub(crate) enum Route {
    Token,
    Versions,
    Query {
        version: String,
        soql: String,
        deleted: bool,
    },
    NextPage {
        version: String,
        locator: String,
    },
    Read {
        version: String,
        object: String,
        id: String,
        fields: Option<String>,
    },
    Describe {
        version: String,
        object: String,
    },
    /// The list of all objects.
    Objects {
        version: String,
    },
    Bulk {
        version: String,
        request: bulk::Request,
    },
    Ingest {
        version: String,
        request: bulk::ingest::Request,
    },
    Retrieve {
        version: String,
        object: String,
    },
    Create {
        object: String,
    },
    Update {
        object: String,
        id: String,
    },
    WriteMany(Operation),
    Limits,
    Refused(Refusal),
}

impl Route {
    pub(crate) fn of(method: &Method, uri: &Uri, body: &[u8]) -> Route {
        let segments: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
        let found = match segments[..] {
            ["services", "oauth2", "token"] if method == Method::POST => Ok(Route::Token),
            ["services", "data"] if method == Method::GET => Ok(Route::Versions),
            ["services", "data", version, ref rest @ ..] => {
                number(version).and_then(|version| resource(version, method, rest, uri, body))
            }
            _ => Err(Refusal::not_found()),
        };
        found.unwrap_or_else(Route::Refused)
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Route::Token => Some(Kind::Token),
            Route::Query { .. } => Some(Kind::Query),
            Route::NextPage { .. } => Some(Kind::NextPage),
            Route::Describe { .. } | Route::Objects { .. } => Some(Kind::Describe),
            Route::Bulk { request, .. } => request.kind(),
            Route::Ingest { request, .. } => request.kind(),
            Route::Create { .. } | Route::Update { .. } | Route::WriteMany(_) => Some(Kind::Update),
            Route::Retrieve { .. } => Some(Kind::Retrieve),
            Route::Limits => Some(Kind::Limits),
            _ => None,
        }
    }
}

fn resource(version: String, method: &Method, rest: &[&str], uri: &Uri, body: &[u8]) -> Result<Route, Refusal> {
    let object = |name: &str| name.to_owned();
    Ok(match (method.as_str(), rest) {
        ("GET", [resource @ ("query" | "queryAll")]) => {
            let soql = parameter(uri, "q").ok_or_else(no_query)?;
            Route::Query { version, soql, deleted: *resource == "queryAll" }
        }
        ("GET", ["query" | "queryAll", locator]) => Route::NextPage { version, locator: (*locator).to_owned() },
        ("GET", ["sobjects", name, "describe"]) => Route::Describe { version, object: object(name) },
        ("GET", ["sobjects", name, id]) => {
            Route::Read { version, object: object(name), id: (*id).to_owned(), fields: parameter(uri, "fields") }
        }
        ("POST", ["composite", "sobjects", name]) => Route::Retrieve { version, object: object(name) },
        ("POST", ["sobjects", name]) => Route::Create { object: object(name) },
        ("PATCH", ["sobjects", name, id]) => Route::Update { object: object(name), id: (*id).to_owned() },
        ("POST", ["composite", "sobjects"]) => Route::WriteMany(Operation::Create),
        ("PATCH", ["composite", "sobjects"]) => Route::WriteMany(Operation::Update),
        ("PATCH", ["composite", "sobjects", name, by]) => {
            Route::WriteMany(Operation::Upsert { object: object(name), by: object(by) })
        }
        ("GET", ["limits"]) => Route::Limits,
        (verb, ["jobs", "query", rest @ ..]) => {
            let request = bulk::Request::of(verb, &version, rest, |name| parameter(uri, name))?;
            Route::Bulk { version, request }
        }
        (verb, ["jobs", "ingest", rest @ ..]) => {
            Route::Ingest { version, request: bulk::ingest::Request::of(verb, rest, body)? }
        }
        ("GET", ["sobjects"]) => Route::Objects { version },
        (_, ["query" | "queryAll" | "sobjects" | "composite", ..]) => {
            return Err(Refusal::method(method.as_str()));
        }
        _ => return Err(Refusal::not_found()),
    })
}

/// Parses the version in a path segment such as `v66.0`.
fn number(segment: &str) -> Result<String, Refusal> {
    let version = segment.strip_prefix('v').unwrap_or_default();
    match version.strip_suffix(".0").and_then(|major| major.parse().ok()) {
        Some(major) if VERSIONS.contains(&major) => Ok(version.to_owned()),
        Some(major) if major < *VERSIONS.start() => {
            let message = format!("The requested resource is no longer available: API version {version} is retired");
            Err(Refusal::new(410, "GONE", message))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn parameter(uri: &Uri, wanted: &str) -> Option<String> {
    Parameters::new(uri.query()?).get(wanted).map(str::to_owned)
}

fn no_query() -> Refusal {
    Refusal::new(400, "MALFORMED_QUERY", "A query string has to be specified")
}
