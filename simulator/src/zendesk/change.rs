//! Applies writes to organizations, field by field.

use super::error::Invalid;
use super::fields::Fields;
use super::value::text;
use super::Record;
use serde_json::{Map, Value};

/// The attributes that can be written. All others are ignored, and named in a header of the response.
const WRITABLE: [&str; 10] = [
    "name",
    "external_id",
    "details",
    "notes",
    "domain_names",
    "group_id",
    "organization_fields",
    "shared_comments",
    "shared_tickets",
    "tags",
];

/// Writes attributes to a row. Invalid ones are left out, and returned with the reason.
pub(crate) fn apply(row: &mut Record, attributes: &Record, fields: &Fields) -> Vec<Invalid> {
    let mut wrong = Vec::new();
    for (name, written) in attributes.iter().filter(|(name, _)| WRITABLE.contains(&name.as_str())) {
        if name == "organization_fields" {
            continue;
        }
        match cast(name, written) {
            Some(cast) => {
                row.insert(name.clone(), cast);
            }
            None => wrong.push(Invalid::new(name, &label(name), "is invalid", "InvalidValue")),
        }
    }
    // Custom fields are written after the tags, whatever their order in the request, so that their tags are added.
    match attributes.get("organization_fields") {
        Some(Value::Object(written)) => wrong.extend(write_fields(row, written, fields)),
        Some(Value::Null) | None => (),
        Some(_) => wrong.push(Invalid::new("organization_fields", "Organization fields", "is invalid", "InvalidValue")),
    }
    if row.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
        wrong.push(Invalid::new("name", "Name", "cannot be blank", "BlankValue"));
    }
    wrong
}

/// Returns the names that a write ignores, with a prefix such as `organization`.
pub(crate) fn unpermitted(attributes: &Record, fields: &Fields, prefix: &str, also: &[&str]) -> Vec<String> {
    let known = |name: &&String| WRITABLE.contains(&name.as_str()) || also.contains(&name.as_str());
    let unknown = attributes.keys().filter(|name| !known(name)).map(|name| format!("{prefix}.{name}"));
    let written = attributes.get("organization_fields").and_then(Value::as_object);
    let keys = written.into_iter().flat_map(Map::keys).filter(|key| fields.find(key).is_none());
    unknown.chain(keys.map(|key| format!("{prefix}.organization_fields.{key}"))).collect()
}

/// Returns text in the form in which duplicates are compared.
pub(crate) fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Returns the tags of all custom fields.
pub(crate) fn field_tags(row: &Record, fields: &Fields) -> Vec<String> {
    let value = |key: &str| row.get("organization_fields").and_then(|values| values.get(key));
    let tags = |field: &super::fields::Field| field.tags(value(&field.definition.key).unwrap_or(&Value::Null));
    fields.iter().flat_map(tags).collect()
}

fn write_fields(row: &mut Record, written: &Record, fields: &Fields) -> Vec<Invalid> {
    let mut wrong = Vec::new();
    for (key, written) in written {
        let Some(field) = fields.find(key) else {
            continue;
        };
        match field.cast(written) {
            Ok(cast) => {
                let before = row["organization_fields"].get(key).map(|before| field.tags(before)).unwrap_or_default();
                move_tags(row, &before, field.tags(&cast));
                row["organization_fields"][key] = cast;
            }
            Err(reason) => wrong.push(reason),
        }
    }
    wrong
}

/// Removes the tags of the old value and adds those of the new one.
fn move_tags(row: &mut Record, before: &[String], after: Vec<String>) {
    let Some(Value::Array(tags)) = row.get_mut("tags") else {
        return;
    };
    tags.retain(|tag| !before.iter().any(|old| tag == old.as_str()));
    for tag in after {
        if !tags.iter().any(|known| known == tag.as_str()) {
            tags.push(tag.into());
        }
    }
}

fn cast(name: &str, written: &Value) -> Option<Value> {
    match (name, written) {
        ("name", Value::Null) => Some("".into()),
        ("name", _) => Some(text(written)?.as_str()?.trim().into()),
        ("external_id", Value::String(blank)) if blank.trim().is_empty() => Some(Value::Null),
        ("external_id" | "details" | "notes", Value::Null) => Some(Value::Null),
        ("external_id" | "details" | "notes", _) => text(written),
        ("tags" | "domain_names", _) => list(written),
        ("group_id", Value::Null | Value::Number(_)) => Some(written.clone()),
        ("shared_comments" | "shared_tickets", Value::Bool(_)) => Some(written.clone()),
        _ => None,
    }
}

/// Parses a set of lower-case words that replaces the old one: a list, or words in a single text.
fn list(written: &Value) -> Option<Value> {
    let words: Vec<&str> = match written {
        Value::Null => Vec::new(),
        Value::String(text) => text.split([' ', ',']).filter(|word| !word.is_empty()).collect(),
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    let mut set: Vec<Value> = Vec::with_capacity(words.len());
    for word in words.into_iter().map(|word| Value::from(word.trim().to_lowercase())) {
        if !set.contains(&word) {
            set.push(word);
        }
    }
    Some(set.into())
}

fn label(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
