//! The simulated Salesforce, as a client of its HTTP interface sees it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod aggregates;
mod assertion;
mod children;
mod clock;
mod collections;
#[path = "../common/mod.rs"]
mod common;
mod deleted;
mod describe;
mod faults;
mod grants;
mod ids;
mod ingest;
mod jobs;
mod login;
mod pages;
mod query;
mod quota;
mod records;
mod results;
mod stop;
mod support;
