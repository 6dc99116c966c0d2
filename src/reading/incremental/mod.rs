//! Incremental reads: the rows of the last read are kept in a private file, and only what changed since is asked for.
//!
//! The rows that are decided on are always complete: rows that changed, and all others as they were kept. That a row
//! does not come says nothing; a row goes when Salesforce says that it is deleted, or that it no longer is among those
//! that are asked for. What became of records that were looked for by their ids and did not come is kept as well: until
//! they move, or everything is read again, nobody asks for them. A change that moves no `SystemModstamp` (formulas,
//! roll-ups, what becomes visible too late) is found by reading everything now and then, and counted.

mod absence;
mod comparison;
mod kept;
mod second;
mod select;
mod sink;
mod snapshot;
mod source;

pub use comparison::Missed;
pub use kept::{Kept, LastRead};
pub use second::Second;
pub use select::Select;
pub use snapshot::{SnapshotWriter, Written};
pub use source::{Extent, KeepIn, ReadSource, ReadSummary, Source};
