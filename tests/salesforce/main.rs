//! The Salesforce client against the simulator: complete rows or an error, retries, and an end when nobody waits any
//! more.

mod bulk;
mod bulk_ends;
mod grants;
mod ingest;
mod leaving;
mod merges;
mod pages;
mod quota;
mod ranges;
mod sessions;
mod support;
mod timeouts;
mod turned_away;
mod turns;
mod updates;
mod values;
#[path = "../shared/wire.rs"]
mod wire;
mod writes;
