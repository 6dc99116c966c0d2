//! SOQL: parses queries and evaluates their conditions.

pub(crate) mod ast;
pub(crate) mod instant;
pub(crate) mod lexer;
mod like;
pub(crate) mod parser;
pub(crate) mod test;

/// A mistake in a query, and its byte offset.
#[derive(Debug, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) at: usize,
    pub(crate) what: String,
}

/// Returns the object of a query, if the query can be parsed.
pub(crate) fn object(soql: &str) -> Option<String> {
    Some(parser::parse(soql).ok()?.from.text)
}
