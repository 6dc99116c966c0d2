//! Incremental reads: the rows of the last read are kept in a private file, and only changes since then are queried.
//!
//! The rows for a decision are always complete: the changed rows, and all others from the file. That a row is missing
//! from a read of changes proves nothing. It is dropped only if Salesforce reports it as deleted, or as no longer
//! fulfilling the condition. The fates of records that were looked up by their ids and not found are kept as well; such
//! a record is not queried again until it changes or everything is read. Some changes do not update `SystemModstamp`
//! (formulas, roll-ups, rows that become visible too late): these are found, and counted, by a full read now and then.

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
