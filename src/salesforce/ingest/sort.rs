//! Separates the rows that jobs can write from the other rows.

use std::collections::HashSet;

use super::ends::Ends;
use super::table::Table;
use crate::error::{presentable, Error};
use crate::http::Failure;
use crate::salesforce::answer::{refusal, SERVICE};
use crate::salesforce::collection::{fields, leads_elsewhere, Fields};
use crate::salesforce::write::{Actions, Numbered, Outcome};

/// The names of the fields of an object, in lower case.
pub(super) type Names = HashSet<String>;

/// The rows of a run, separated.
pub(super) struct Sorted {
    pub(super) table: Table,
    /// The rows that jobs write, in the order of the table.
    pub(super) rows: Vec<Numbered>,
    /// The outcomes of the other rows, or the rows themselves if they are to be written in calls of 200.
    pub(super) ends: Ends,
}

/// Puts rows into a table. Rows with a field that is not among the `known` ones, if those are given, are refused.
pub(super) fn sort(
    mut table: Table,
    rows: Vec<Numbered>,
    object: &str,
    known: Option<&Names>,
    actions: &Actions,
) -> Sorted {
    let (mut taken, mut ends) = (Vec::with_capacity(rows.len()), Ends::default());
    for (number, row) in rows {
        let Some(fields) = fields(&row).filter(|fields| !leads_elsewhere(fields)) else {
            ends.again.push((number, row));
            continue;
        };
        match known.and_then(|known| unknown_field(&fields, known)) {
            Some(name) => {
                let refused = no_field(object, name, &actions.of_row(number));
                ends.outcomes.push((number, Outcome::Refused(refused)));
            }
            None if table.add(row.id, &fields) => taken.push((number, row)),
            None => ends.again.push((number, row)),
        }
    }
    Sorted { table, rows: taken, ends }
}

/// Returns a field that the object does not have. A field of a parent, such as `Account.Key__c`, is left to the job.
fn unknown_field<'f>(fields: &'f Fields, known: &Names) -> Option<&'f str> {
    let unknown = |name: &&String| !name.contains('.') && !known.contains(&name.to_ascii_lowercase());
    fields.keys().find(unknown).map(String::as_str)
}

fn no_field(object: &str, name: &str, action: &str) -> Error {
    let message = format!("{object} has no field {}", presentable(name));
    let failure = refusal(200, message, Some("INVALID_FIELD".into()));
    Failure { status: None, ..failure }.into_error(SERVICE, action)
}
