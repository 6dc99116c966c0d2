//! Rows: cells, columns, records and record ids.
//!
//! All other modules build on this one. It knows nothing about services, rules or files.

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
pub(crate) use records::{parse, Object};
