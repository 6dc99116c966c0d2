//! Describes objects: their fields as visible to the signed-in user, and the properties of those.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm>

use serde::{Deserialize, Deserializer};

use super::client::{Client, Sending};
use crate::error::Result;
use crate::http::{damage, Answer, Failure};

#[derive(Deserialize)]
struct Description {
    fields: Vec<Field>,
}

/// A field of an object.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The API name.
    pub name: String,
    /// The type in Salesforce's words, such as `picklist`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The maximum length of a text, in characters; 0 for other types.
    #[serde(default)]
    pub length: u32,
    /// True if the field may be null.
    #[serde(default)]
    pub nillable: bool,
    /// True if the signed-in user may set the field in a new record.
    #[serde(default)]
    pub createable: bool,
    /// True if the signed-in user may change the field.
    #[serde(default)]
    pub updateable: bool,
    /// True if records can be upserted by the field.
    #[serde(default)]
    pub external_id: bool,
    /// True if no two records have the same value in the field.
    #[serde(default)]
    pub unique: bool,
    /// The active values of a picklist, in its order.
    #[serde(default, deserialize_with = "active")]
    pub picklist_values: Vec<String>,
    /// The objects to whose records the field can refer.
    #[serde(default)]
    pub reference_to: Vec<String>,
    #[serde(default)]
    pub(super) relationship_name: Option<String>,
}

#[derive(Deserialize)]
struct PicklistValue {
    active: bool,
    value: String,
}

#[derive(Deserialize)]
struct Objects {
    sobjects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    name: String,
}

impl Field {
    /// Returns whether the field has this name, in any case.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Returns the fields of an object. Fields that the signed-in user may not read are not included.
///
/// # Errors
/// Returns the errors of a [query](fn@super::query).
pub async fn describe(client: &Client, object: &str) -> Result<Vec<Field>> {
    let url = client.resource(&format!("sobjects/{object}/describe")).await?;
    let read = |answer: Answer| async move {
        let description = damage::read_json::<Description>(&answer.body);
        description.map_err(|_| Failure::passing("the answer is not a description".into()))
    };
    let action = format!("the description of {object}");
    let description = client.send(&action, Sending::Again, |http| http.get(url.clone()), read).await?;
    Ok(description.fields)
}

/// Returns the API names of the objects that are visible to the signed-in user.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_describeGlobal.htm>
///
/// # Errors
/// Returns the errors of a [query](fn@super::query).
pub async fn object_names(client: &Client) -> Result<Vec<String>> {
    let url = client.resource("sobjects").await?;
    let read = |answer: Answer| async move {
        let objects = damage::read_json::<Objects>(&answer.body);
        objects.map_err(|_| Failure::passing("the answer is not a list of objects".into()))
    };
    let objects = client.send("the list of objects", Sending::Again, |http| http.get(url.clone()), read).await?;
    Ok(objects.sobjects.into_iter().map(|object| object.name).collect())
}

fn active<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<String>, D::Error> {
    let values = Vec::<PicklistValue>::deserialize(deserializer)?;
    Ok(values.into_iter().filter(|value| value.active).map(|value| value.value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_the_values_that_may_be_chosen() {
        let json = r#"{"fields":[{"name":"Status","type":"picklist","length":255,"nillable":false,"externalId":true,
            "picklistValues":[{"active":true,"value":"Open"},{"active":false,"value":"Old"}]},
            {"name":"Id","type":"id"}]}"#;
        let fields = serde_json::from_str::<Description>(json).unwrap().fields;
        assert_eq!((fields[0].picklist_values.clone(), fields[0].external_id), (vec!["Open".to_owned()], true));
        assert!(fields[0].is_called("status") && fields[1].picklist_values.is_empty() && !fields[1].nillable);
    }
}
