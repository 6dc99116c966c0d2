//! Checks the restrictions that apply to the queries of jobs only.

use crate::salesforce::error::Refusal;
use crate::salesforce::soql::ast::{Query, Select};
use crate::salesforce::soql::lexer::{tokens, Token};
use crate::salesforce::soql::parser::parse;

/// Parses the query of a job.
pub(crate) fn check(soql: &str) -> Result<Query, Refusal> {
    // The parser does not support most of these.
    if let Some(part) = tokens(soql).ok().and_then(|tokens| tokens.windows(2).find_map(unsupported)) {
        return Err(not_supported(part));
    }
    let query = parse(soql).map_err(|mistake| Refusal::malformed(soql, &mistake))?;
    match query.select {
        Select::Fields(_) => Ok(query),
        Select::Count | Select::Aggregates(_) => Err(not_supported("Aggregate functions")),
    }
}

fn unsupported(pair: &[Token<'_>]) -> Option<&'static str> {
    match pair {
        [first, second] if first.is("GROUP") && second.is("BY") => Some("GROUP BY"),
        [first, second] if first.is("(") && second.is("SELECT") => Some("Aggregate Relationships"),
        [first, _] if first.is("OFFSET") => Some("OFFSET"),
        [first, _] if first.is("TYPEOF") => Some("TYPEOF"),
        _ => None,
    }
}

pub(crate) fn not_supported(part: &str) -> Refusal {
    Refusal::new(400, "FEATURENOTENABLED", format!("{part} not supported in Bulk Query"))
}
