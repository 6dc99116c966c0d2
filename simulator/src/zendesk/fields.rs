//! The custom fields of organizations.

use super::error::Invalid;
use super::options::OrganizationField;
use super::value;
use super::{Record, StartError};
use crate::clock::Moment;
use regex::Regex;
use serde_json::{json, Value};

/// All field definitions in their order.
pub(crate) struct Fields(Vec<Field>);

/// A field definition.
pub(crate) struct Field {
    pub(crate) definition: OrganizationField,
    pub(crate) id: u64,
    pattern: Option<Regex>,
    row: Value,
}

/// The first id of a definition, and the distance between definitions, which leaves room for the ids of their options.
const FIRST_ID: u64 = 4_400_000_000_000;
const OPTIONS: u64 = 1000;

impl Fields {
    pub(crate) fn new(definitions: Vec<OrganizationField>, url: &str, now: Moment) -> Result<Fields, StartError> {
        let field = |(place, definition)| Field::new(definition, place as u64, url, now);
        let fields: Vec<Field> = definitions.into_iter().enumerate().map(field).collect::<Result<_, _>>()?;
        Ok(Fields(fields))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.definition.key == key)
    }

    /// Returns the custom fields of a new organization.
    pub(crate) fn unset(&self) -> Record {
        self.0.iter().map(|field| (field.definition.key.clone(), value::unset(field.definition.kind))).collect()
    }
}

impl Field {
    fn new(definition: OrganizationField, place: u64, url: &str, now: Moment) -> Result<Field, StartError> {
        let pattern = definition.regexp_for_validation.as_deref().map(Regex::new).transpose();
        let pattern = pattern.map_err(|error| StartError::Regexp(definition.key.clone(), error.to_string()))?;
        let id = FIRST_ID + place * OPTIONS;
        let title = definition.title.as_ref().unwrap_or(&definition.key);
        let mut row = json!({
            "url": format!("{url}/api/v2/organization_fields/{id}.json"),
            "id": id,
            "type": value::type_name(definition.kind),
            "key": definition.key,
            "title": title,
            "description": "",
            "raw_title": title,
            "raw_description": "",
            "position": place,
            "active": definition.active,
            "system": false,
            "regexp_for_validation": definition.regexp_for_validation,
            "created_at": now.stamp(),
            "updated_at": now.stamp(),
        });
        if let Some(tag) = &definition.tag {
            row["tag"] = tag.as_str().into();
        }
        if !definition.custom_field_options.is_empty() {
            let options = definition.custom_field_options.iter().zip(id + 1..);
            let option = |(option, id): (&super::options::FieldOption, u64)| json!({"id": id, "name": option.name(), "raw_name": option.name(), "value": option.value()});
            row["custom_field_options"] = options.map(option).collect();
        }
        Ok(Field { definition, id, pattern, row })
    }

    /// Returns the definition in the format of the API.
    pub(crate) fn row(&self) -> &Value {
        &self.row
    }

    /// Converts a written value to the form in which it is stored.
    pub(crate) fn cast(&self, written: &Value) -> Result<Value, Invalid> {
        let cast = value::cast(&self.definition, written).filter(|cast| self.fits(cast));
        let title = self.definition.title.as_ref().unwrap_or(&self.definition.key);
        let shown = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
        cast.ok_or_else(|| Invalid::new("organization_fields", title, format!("{shown} is invalid"), "InvalidValue"))
    }

    /// Returns the tags that a value adds to its organization.
    pub(crate) fn tags(&self, value: &Value) -> Vec<String> {
        value::tags(&self.definition, value)
    }

    fn fits(&self, cast: &Value) -> bool {
        match (&self.pattern, cast.as_str()) {
            (Some(pattern), Some(text)) => pattern.is_match(text),
            _ => true,
        }
    }
}
