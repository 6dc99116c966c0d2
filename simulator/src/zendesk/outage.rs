//! Answers that come from before or behind the API itself.

use super::call::Call;
use super::error::{Refusal, TEXT};
use super::fault::{RefusedBody, TooManyRequests};
use crate::http::echo::Echo;
use crate::http::reply::Reply;
use serde_json::json;

const TOO_MANY_REQUESTS: &str = "Number of allowed API requests per minute exceeded";

/// Returns the text of a request, in the form of the API's errors or as a page.
pub(crate) fn repeated(call: &Call, echo: Echo) -> Reply {
    let message = call.sent.echoed(echo);
    match echo.html {
        true => Reply::page(echo.status, &message),
        false => Refusal::new(echo.status, "InvalidRequest", &message).reply(),
    }
}

/// Answers with a 429 in one of its forms.
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

/// Answers with a 503, with and without an end in sight.
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
