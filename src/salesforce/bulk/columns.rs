//! The types of the columns of a result, from the descriptions of their objects.

use std::collections::{BTreeSet, HashMap};

use super::csv::{Columns, Kind};
use crate::error::Result;
use crate::http::Failure;
use crate::salesforce::answer::SERVICE;
use crate::salesforce::client::Client;
use crate::salesforce::describe::{describe, Field};

/// The maximum number of objects to which a parent field may refer. Each of them has to be described.
const MOST_PARENTS: usize = 5;

/// Returns the columns of a query on `object`, in the order of its fields.
pub(super) async fn columns(client: &Client, object: &str, fields: Vec<String>) -> Result<Columns> {
    let mut known = HashMap::new();
    let mut columns = Vec::with_capacity(fields.len());
    for path in fields {
        let kind = kind(client, object, &path, &mut known).await?;
        columns.push((path, kind));
    }
    Ok(Columns(columns))
}

/// Returns the type of a field. A parent can be one of several objects, such as the owner of a lead; a field has to
/// have the same type in all of them.
async fn kind(client: &Client, object: &str, path: &str, known: &mut HashMap<String, Vec<Field>>) -> Result<Kind> {
    let unknown = |message| Err(Failure::lasting(message).into_error(SERVICE, &format!("the description of {object}")));
    let mut objects = vec![object.to_owned()];
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        for object in &objects {
            if !known.contains_key(object) {
                known.insert(object.clone(), describe(client, object).await?);
            }
        }
        let fields = objects.iter().flat_map(|object| &known[object]);
        if steps.peek().is_none() {
            let mut kinds = fields.filter(|field| field.is_called(step)).map(kind_of);
            let kind = kinds.next().unwrap_or(Kind::Text);
            return match kinds.all(|other| other == kind) {
                true => Ok(kind),
                false => unknown(format!("{path} is not of one type; read it without a job")),
            };
        }
        let is_step = |name: &String| name.eq_ignore_ascii_case(step);
        let parents = fields.filter(|field| field.relationship_name.as_ref().is_some_and(is_step));
        let parents: BTreeSet<String> = parents.flat_map(|field| field.reference_to.clone()).collect();
        match parents.len() {
            0 => {
                let from = objects.join(" or ");
                return unknown(format!(
                    "{from} has no parent {step}; correct the name, or let the integration user see it"
                ));
            }
            1..=MOST_PARENTS => objects = parents.into_iter().collect(),
            many => return unknown(format!("{step} can be any of {many} objects; read {path} without a job")),
        }
    }
    Ok(Kind::Text)
}

fn kind_of(field: &Field) -> Kind {
    match field.kind.as_str() {
        "boolean" => Kind::Bool,
        "int" | "long" | "double" | "currency" | "percent" => Kind::Number,
        "datetime" => Kind::DateTime,
        _ => Kind::Text,
    }
}
