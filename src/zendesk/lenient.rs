//! Reads values leniently if they are only shown or may be empty: a value of an undocumented type makes neither its
//! record nor the rest of the response unreadable.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Reads a value; `None` if it is null or of another type.
pub(super) fn of_type<'de, T: DeserializeOwned, D: Deserializer<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(reader)?).ok())
}

/// Reads a value; the default if it is null or of another type.
pub(super) fn or_default<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(reader: D) -> Result<T, D::Error> {
    of_type(reader).map(Option::unwrap_or_default)
}

/// Reads a list, which may be null.
pub(super) fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(reader: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(reader)?.unwrap_or_default())
}

/// Reads a number, which may be spelled in a text.
pub(super) fn number<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(reader)? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    })
}

/// Reads a value as text for a person; see [`words`].
pub(super) fn text<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<String>, D::Error> {
    Ok(words(&Value::deserialize(reader)?))
}

/// Returns a value as text for a person: the text itself, the descriptions in an array or object, or otherwise its
/// JSON; `None` if it is empty or false.
pub(super) fn words(value: &Value) -> Option<String> {
    let told = match value {
        Value::Null | Value::Bool(false) => return None,
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => {
            let mut found = Vec::new();
            descriptions(value, &mut found);
            match found.is_empty() && !is_empty(value) {
                true => value.to_string(),
                false => found.join("; "),
            }
        }
        _ => value.to_string(),
    };
    (!told.trim().is_empty()).then_some(told)
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn descriptions<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| match item {
            Value::String(text) => found.push(text),
            item => descriptions(item, found),
        }),
        Value::Object(parts) => {
            let told = ["description", "message", "detail", "title"];
            match told.iter().find_map(|name| parts.get(*name)?.as_str()) {
                Some(text) => found.push(text),
                None => parts.values().for_each(|part| descriptions(part, found)),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_value_says_is_found_in_every_shape() {
        let says = |value: Value| words(&value);
        for nothing in [json!(null), json!(""), json!(" "), json!([]), json!({}), json!([""]), json!(false)] {
            assert_eq!(says(nothing.clone()), None, "{nothing}");
        }
        assert_eq!(says(json!("no")).as_deref(), Some("no"));
        assert_eq!(says(json!(["a", "b"])).as_deref(), Some("a; b"));
        let details = json!({"name": [{"description": "Name: A has already been taken", "error": "DuplicateValue"}]});
        assert_eq!(says(details).as_deref(), Some("Name: A has already been taken"));
        assert_eq!(says(json!({"title": "Invalid", "message": "It is no number"})).as_deref(), Some("It is no number"));
        assert_eq!(says(json!({"code": 7})).as_deref(), Some(r#"{"code":7}"#));
        assert_eq!(says(json!(true)).as_deref(), Some("true"));
    }
}
