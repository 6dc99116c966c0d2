//! The simulated Zendesk, as a client of its HTTP interface sees it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
mod faults;
mod jobs;
mod limits;
mod list;
mod login;
mod support;
mod write;
