//! What the columns of a result mean, from the descriptions of the objects that they belong to.

use std::collections::HashMap;

use serde::Deserialize;

use super::csv::{Columns, Kind};
use crate::error::Result;
use crate::http::{Answer, Failure};
use crate::salesforce::client::{Client, SERVICE};

#[derive(Deserialize)]
struct Description {
    fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    relationship_name: Option<String>,
    #[serde(default)]
    reference_to: Vec<String>,
}

/// The columns of a query on `object`, in the order of its fields.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm>
pub(super) async fn columns(client: &Client, object: &str, fields: Vec<String>) -> Result<Columns> {
    let mut known = HashMap::new();
    let mut columns = Vec::with_capacity(fields.len());
    for path in fields {
        let kind = kind(client, object, &path, &mut known).await?;
        columns.push((path, kind));
    }
    Ok(Columns(columns))
}

async fn kind(client: &Client, object: &str, path: &str, known: &mut HashMap<String, Description>) -> Result<Kind> {
    let mut object = object.to_owned();
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        if !known.contains_key(&object) {
            known.insert(object.clone(), describe(client, &object).await?);
        }
        let fields = &known[&object].fields;
        if steps.peek().is_none() {
            let field = fields.iter().find(|field| field.name.eq_ignore_ascii_case(step));
            return Ok(field.map_or(Kind::Text, |field| field.kind()));
        }
        let names =
            |field: &&Field| field.relationship_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(step));
        let parent = fields.iter().find(names).and_then(|field| field.reference_to.first());
        let Some(parent) = parent else {
            let message =
                format!("{object} has no parent {step}; correct the name, or let the integration user see it");
            return Err(Failure::lasting(message).into_error(SERVICE, &format!("the description of {object}")));
        };
        object = parent.clone();
    }
    Ok(Kind::Text)
}

async fn describe(client: &Client, object: &str) -> Result<Description> {
    let url = client.resource(&format!("sobjects/{object}/describe")).await?;
    let read = |answer: Answer| async move {
        let description = serde_json::from_slice(&answer.body);
        description.map_err(|_| Failure::passing("the answer is not a description".into()))
    };
    let action = format!("the description of {object}");
    client.send(&action, |http| http.get(url.clone()), read).await
}

impl Field {
    fn kind(&self) -> Kind {
        match self.kind.as_str() {
            "boolean" => Kind::Bool,
            "int" | "long" | "double" | "currency" | "percent" => Kind::Number,
            "datetime" => Kind::DateTime,
            _ => Kind::Text,
        }
    }
}
