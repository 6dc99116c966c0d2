//! Responses that do not come from the API itself.

use super::call::Call;
use super::error::{Refusal, TEXT};
use super::fault::{RefusedBody, TooManyRequests};
use crate::http::echo::Echo;
use crate::http::reply::Reply;
use serde_json::json;

const TOO_MANY_REQUESTS: &str = "Number of allowed API requests per minute exceeded";

/// Creates an error that repeats the request, in the format of the API or as a page.
pub(crate) fn repeated(call: &Call, echo: Echo) -> Reply {
    let message = call.sent.echoed(echo);
    match echo.html {
        true => Reply::page(echo.status, &message),
        false => Refusal::new(echo.status, "InvalidRequest", &message).reply(),
    }
}

/// Creates a response with status 429.
pub(crate) fn too_many_requests(refusal: TooManyRequests) -> Reply {
    let edge =
        || json!({"detail": "Rate limited by Zendesk edge protection", "status": "429", "title": "Automated response"});
    let reply = match refusal.body {
        RefusedBody::Text => Reply::new(429, TEXT, TOO_MANY_REQUESTS),
        RefusedBody::Html => Reply::page(429, TOO_MANY_REQUESTS),
        RefusedBody::Edge => Reply::json(429, &edge()),
    };
    with_retry_after(reply, refusal.retry_after)
}

/// Creates a response with status 503.
pub(crate) fn unavailable(retry_after: Option<u64>) -> Reply {
    let reply = match retry_after {
        Some(_) => Refusal::new(503, "ServiceUnavailable", "Database timeout or deadlock, try again").reply(),
        None => Reply::page(503, "We are down for maintenance."),
    };
    with_retry_after(reply, retry_after)
}

fn with_retry_after(reply: Reply, seconds: Option<u64>) -> Reply {
    match seconds {
        Some(seconds) => reply.retry_after(seconds),
        None => reply,
    }
}
