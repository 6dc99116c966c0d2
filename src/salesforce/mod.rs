//! Salesforce's REST API, as far as the syncs need it.

mod auth;
mod client;
mod id;
mod page;
mod query;
mod update;

pub use client::{Client, Settings};
pub use id::Id;
pub use page::{RowSink, Selection};
pub use query::query;
pub use update::{update, RowUpdate};
