//! SOQL: reads a query and holds records against its condition.

pub(crate) mod ast;
pub(crate) mod instant;
pub(crate) mod lexer;
mod like;
pub(crate) mod parser;
pub(crate) mod test;

/// A query that cannot be read: where, and what is wrong.
#[derive(Debug, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) at: usize,
    pub(crate) what: String,
}

/// Returns the object that a query is about, if it can be read.
pub(crate) fn object(soql: &str) -> Option<String> {
    Some(parser::parse(soql).ok()?.from.text)
}
