//! Which fields an object has, for whoever signs in.

use serde::Deserialize;

use super::client::Client;
use crate::error::Result;
use crate::http::{Answer, Failure};

#[derive(Deserialize)]
struct Description {
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
}

/// The API names of the fields of an object. One that may not be read is not among them.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm>
///
/// # Errors
/// As for a query.
pub async fn field_names(client: &Client, object: &str) -> Result<Vec<String>> {
    let url = client.resource(&format!("sobjects/{object}/describe")).await?;
    let read = |answer: Answer| async move {
        let description = serde_json::from_slice::<Description>(&answer.body);
        description.map_err(|_| Failure::passing("the answer is not a description".into()))
    };
    let action = format!("the description of {object}");
    let description = client.send(&action, |http| http.get(url.clone()), read).await?;
    Ok(description.fields.into_iter().map(|field| field.name).collect())
}
