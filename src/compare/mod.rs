//! Compares values, and two sets of rows by their keys.

mod decimal;
mod diff;
mod join;
mod value;

pub use diff::{diff, Conflict, ConflictKind, Diff, Difference, Different, Field, Record};
pub(crate) use join::{groups, join, Entry, Group, Key};
pub(crate) use value::fit;
pub use value::{day, is_blank, same, Kind};
