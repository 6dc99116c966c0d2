//! Required fields.

use super::error::Refusal;
use super::org::Object;
use super::soql::test::is_null;
use super::Record;

/// The fields that Salesforce itself requires, by object.
const STANDARD: [(&str, &[&str]); 3] =
    [("Account", &["Name"]), ("Contact", &["LastName"]), ("Lead", &["LastName", "Company"])];

/// Returns the required fields of an object: those of Salesforce that exist in the object, and the declared ones.
pub(crate) fn required<'a>(name: &str, object: &'a Object) -> Vec<&'a str> {
    let own = STANDARD.into_iter().filter(|(object, _)| *object == name).flat_map(|(_, fields)| fields);
    let there = own.copied().filter(|field| object.fields.is_none() || object.field(field).is_some());
    let mut all: Vec<&str> = there.collect();
    let others = object.required.iter().map(String::as_str).filter(|field| !all.contains(field));
    let others: Vec<&str> = others.collect();
    all.extend(others);
    all
}

/// Refuses a new record without a required field.
pub(crate) fn check_new(name: &str, object: &Object, record: &Record) -> Result<(), Refusal> {
    refuse(required(name, object).into_iter().filter(|field| value(record, field).is_none_or(is_null)))
}

/// Refuses a change that clears a required field.
pub(crate) fn check_change(name: &str, object: &Object, changes: &Record) -> Result<(), Refusal> {
    refuse(required(name, object).into_iter().filter(|field| value(changes, field).is_some_and(is_null)))
}

/// Returns the value of a field. Names are not case-sensitive.
pub(crate) fn value<'a>(record: &'a Record, field: &str) -> Option<&'a serde_json::Value> {
    record.iter().find(|(name, _)| name.eq_ignore_ascii_case(field)).map(|(_, value)| value)
}

fn refuse<'a>(missing: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let fields: Vec<String> = missing.map(str::to_owned).collect();
    if fields.is_empty() {
        return Ok(());
    }
    let message = format!("Required fields are missing: [{}]", fields.join(", "));
    Err(Refusal { fields, ..Refusal::new(400, "REQUIRED_FIELD_MISSING", message) })
}
