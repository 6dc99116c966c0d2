//! Descriptions of objects: which fields an object has, for whoever signs in, and what they are.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm>

use serde::Deserialize;

use super::client::{Client, Sending};
use crate::error::Result;
use crate::http::{Answer, Failure};

/// The description of an object. A field that may not be read is not in it.
#[derive(Deserialize)]
pub(super) struct Description {
    pub(super) fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) relationship_name: Option<String>,
    #[serde(default)]
    pub(super) reference_to: Vec<String>,
    #[serde(default)]
    unique: bool,
}

impl Field {
    /// Returns whether it is the field of this name, and no two records have the same value of it.
    pub(super) fn is_unique(&self, name: &str) -> bool {
        self.unique && self.name.eq_ignore_ascii_case(name)
    }
}

/// Returns the API names of the fields of an object. One that may not be read is not among them.
///
/// # Errors
/// As for a query.
pub async fn field_names(client: &Client, object: &str) -> Result<Vec<String>> {
    Ok(describe(client, object).await?.fields.into_iter().map(|field| field.name).collect())
}

pub(super) async fn describe(client: &Client, object: &str) -> Result<Description> {
    let url = client.resource(&format!("sobjects/{object}/describe")).await?;
    let read = |answer: Answer| async move {
        let description = serde_json::from_slice(&answer.body);
        description.map_err(|_| Failure::passing("the answer is not a description".into()))
    };
    let action = format!("the description of {object}");
    client.send(&action, Sending::Again, |http| http.get(url.clone()), read).await
}
