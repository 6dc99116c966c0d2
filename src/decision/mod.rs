//! The parts of a decision that both syncs have: the books, and how a value is told to a person.

mod book;
mod words;

pub use book::Book;
pub(crate) use words::shown;
