//! The parts of a decision that both syncs share: the books, and the wording of values in messages.

mod book;
mod words;

pub use book::Book;
pub(crate) use words::shown;
