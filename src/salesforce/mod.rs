//! Salesforce's REST and Bulk APIs, as far as the syncs need them.

mod bulk;
mod chain;
mod choice;
mod client;
mod consumer;
mod damage;
mod describe;
mod grant;
mod limits;
mod merges;
mod page;
mod query;
mod quota;
mod ranges;
mod retrieve;
mod session;
mod statement;
mod update;

pub use bulk::{CsvPage, CsvRows};
pub use choice::Way;
pub use client::{Client, Org, Settings};
pub use consumer::{Batch, Batches, Collect, Consumer, JsonPage, Read};
pub use describe::field_names;
pub use grant::{sign_in, Grant, Granted};
pub use limits::{limits, Limit};
pub use merges::{fates, Fates};
pub use page::{Frame, Unreadable};
pub use query::{collect, query, Query};
pub use retrieve::retrieve;
pub use session::Sessions;
pub use update::{update, RowUpdate};
