//! Reads everything that a decision needs from the simulators, into tables or files.

mod contacts;
mod gathering;
#[path = "../salesforce/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the client, which need more of it")]
mod salesforce;
#[path = "../zendesk/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the client, which need more of it")]
mod zendesk;
