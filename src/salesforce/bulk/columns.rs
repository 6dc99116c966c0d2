//! What the columns of a result mean, from the descriptions of the objects that they belong to.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use super::csv::{Columns, Kind};
use crate::error::Result;
use crate::http::{Answer, Failure};
use crate::salesforce::client::{Client, SERVICE};

/// Of how many objects a parent may be one, each of which has to be described.
const MOST_PARENTS: usize = 5;

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

/// What a field means. A parent can be one of several objects, such as the owner of a lead; their fields of one name must
/// mean the same.
async fn kind(client: &Client, object: &str, path: &str, known: &mut HashMap<String, Description>) -> Result<Kind> {
    let unknown = |message| Err(Failure::lasting(message).into_error(SERVICE, &format!("the description of {object}")));
    let mut objects = vec![object.to_owned()];
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        for object in &objects {
            if !known.contains_key(object) {
                known.insert(object.clone(), describe(client, object).await?);
            }
        }
        let fields = objects.iter().flat_map(|object| &known[object].fields);
        if steps.peek().is_none() {
            let mut kinds = fields.filter(|field| field.name.eq_ignore_ascii_case(step)).map(Field::kind);
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
