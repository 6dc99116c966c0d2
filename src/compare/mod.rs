//! Compares values, and two sets of rows by their keys.

mod decimal;
mod diff;
mod fit;
mod join;
mod kind;
mod value;

pub use diff::{diff, Conflict, ConflictKind, Diff, Difference, Different, Field, Record};
pub(crate) use fit::fit;
pub(crate) use join::{groups, join, Entry, Group, Key};
pub use kind::Kind;
pub use value::{day, is_blank, same};
