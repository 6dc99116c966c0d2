//! The values by which records are found: external ids and unique values. Case does not matter, as for fields with
//! default settings.

use super::error::Refusal;
use super::org::Object;
use super::required::value;
use super::Record;
use serde_json::Value;
use std::collections::HashMap;

/// The ids of an object's records by the values of some fields. Deleted records are left out.
#[derive(Default)]
pub(crate) struct Keys(HashMap<String, HashMap<String, Vec<String>>>);

impl Keys {
    /// Collects the keys of an object: those of its unique fields, and of the field for an upsert.
    pub(crate) fn of(home: &Object, by: Option<&str>) -> Keys {
        let fields = home.unique.iter().map(String::as_str).chain(by);
        let mut keys = Keys(fields.map(|field| (field.to_ascii_lowercase(), HashMap::new())).collect());
        if keys.0.is_empty() {
            return keys;
        }
        for (place, record) in (0..).zip(&home.records) {
            if !home.index.is_deleted(place) {
                keys.note(record);
            }
        }
        keys
    }

    /// Returns the ids of the records with this value.
    pub(crate) fn find(&self, field: &str, wanted: &Value) -> &[String] {
        let ids = || self.0.get(&field.to_ascii_lowercase())?.get(&text(wanted)?);
        ids().map_or(&[], Vec::as_slice)
    }

    /// Refuses a value of a unique field that another record has.
    pub(crate) fn check(&self, home: &Object, fields: &Record, own: Option<&str>) -> Result<(), Refusal> {
        let other = |field: &String| {
            let ids = self.find(field, value(fields, field)?);
            ids.iter().find(|id| Some(id.as_str()) != own).map(|id| Refusal::taken(field, id))
        };
        home.unique.iter().find_map(other).map_or(Ok(()), Err)
    }

    pub(crate) fn note(&mut self, record: &Record) {
        let id = id_of(record);
        for (field, ids) in &mut self.0 {
            if let Some(text) = value(record, field).and_then(text) {
                ids.entry(text).or_default().push(id.to_owned());
            }
        }
    }

    pub(crate) fn forget(&mut self, record: &Record) {
        let id = id_of(record);
        for (field, ids) in &mut self.0 {
            if let Some(own) = value(record, field).and_then(text).and_then(|text| ids.get_mut(&text)) {
                own.retain(|other| other != id);
            }
        }
    }
}

/// Returns the text by which a value is found, or `None` for null and empty texts.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.to_lowercase()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

fn id_of(record: &Record) -> &str {
    record.get("Id").and_then(Value::as_str).unwrap_or_default()
}
