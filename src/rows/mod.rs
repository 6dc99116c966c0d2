//! Rows: cells, columns, records, and the ids of records.
//!
//! Everything else is built on this. Nothing in here knows about services, rules or files.

mod allowance;
mod cell;
mod column;
mod id;
mod json;
mod packed;
mod record;
mod records;

pub(crate) use allowance::{Allowed, PAGES};
pub use cell::Cell;
pub use column::Column;
pub use id::Id;
pub(crate) use packed::{Row, Rows};
pub(crate) use record::Record;
pub use record::{RowSink, Selection};
pub(crate) use records::parse;
