//! The custom fields of organizations.

use serde::{Deserialize, Serialize};

use super::client::{not_whole, Client};
use super::lenient::{list, of_type, or_default};
use super::pages::Pages;
use crate::error::Result;

const ACTION: &str = "the list of organization fields";

/// The definition of a custom field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct OrganizationField {
    /// The key in an organization's `organization_fields`. Zendesk ignores undefined keys in a write.
    pub key: String,
    /// The type of the field.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The title that users see.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// True unless the field is deactivated.
    #[serde(default, deserialize_with = "or_default")]
    pub active: bool,
    /// The tag that an organization gets when the checkbox is set.
    #[serde(default, deserialize_with = "of_type")]
    pub tag: Option<String>,
    /// The options of a drop-down or a multi-select.
    #[serde(default, rename(deserialize = "custom_field_options"), deserialize_with = "list")]
    pub options: Vec<FieldOption>,
}

/// The types of custom fields.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organization_fields/#json-format>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A single line of text.
    Text,
    /// Several lines of text.
    Textarea,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A boolean.
    Checkbox,
    /// A day.
    Date,
    /// One of the options, written and read as its value. Some endpoints call the type `tagger`.
    #[serde(alias = "tagger")]
    Dropdown,
    /// Any number of the options.
    Multiselect,
    /// A text that matches a regular expression.
    Regexp,
    /// A reference to another record.
    Lookup,
    /// A type that this version does not know.
    #[serde(other)]
    Other,
}

/// An option of a drop-down or a multi-select.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct FieldOption {
    /// The name that users see.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The value that the API reads and writes, which is also a tag of the organization.
    pub value: String,
}

/// Reads all custom fields, including deactivated ones.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organization_fields/#list-organization-fields>
///
/// # Errors
/// As for [`organizations`](super::organizations).
pub async fn organization_fields(client: &Client) -> Result<Vec<OrganizationField>> {
    client.account.http.within_deadline(ACTION, read(client)).await
}

async fn read(client: &Client) -> Result<Vec<OrganizationField>> {
    let mut pages = Pages::new(client, ACTION, "organization_fields");
    let mut fields = Vec::new();
    while let Some(records) = pages.next().await? {
        let page: Vec<OrganizationField> = serde_json::from_str(records.get())
            .map_err(|_| not_whole(ACTION, "a field came without key or type".into()))?;
        fields.extend(page);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_leaves_the_rest_of_a_field_readable() {
        let text = r#"{"key":"a","type":"lookup","title":null,"active":null,"tag":null,"custom_field_options":null}"#;
        let field: OrganizationField = serde_json::from_str(text).unwrap();
        assert_eq!((field.key.as_str(), field.active, field.options.len()), ("a", false, 0));
        let option: FieldOption = serde_json::from_str(r#"{"name":null,"value":"a"}"#).unwrap();
        assert_eq!((option.name.as_str(), option.value.as_str()), ("", "a"));
    }
}
