//! The values of custom fields: which ones each type accepts, how they are stored, and which tags they add.

use super::options::{FieldOption, FieldType, OrganizationField};
use serde_json::{Number, Value};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::Date;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

pub(crate) fn type_name(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Textarea => "textarea",
        FieldType::Integer => "integer",
        FieldType::Decimal => "decimal",
        FieldType::Checkbox => "checkbox",
        FieldType::Date => "date",
        FieldType::Dropdown => "dropdown",
        FieldType::Multiselect => "multiselect",
        FieldType::Regexp => "regexp",
    }
}

/// Returns the value of a field that has not been set.
pub(crate) fn unset(kind: FieldType) -> Value {
    match kind {
        FieldType::Checkbox => Value::Bool(false),
        _ => Value::Null,
    }
}

/// Converts a written value to the form in which it is stored. Returns `None` if the type does not accept it.
pub(crate) fn cast(field: &OrganizationField, written: &Value) -> Option<Value> {
    if matches!(written, Value::Null) || written.as_str().is_some_and(str::is_empty) {
        return Some(unset(field.kind));
    }
    match field.kind {
        FieldType::Text | FieldType::Textarea | FieldType::Regexp => text(written),
        FieldType::Integer => integer(written),
        FieldType::Decimal => decimal(written),
        FieldType::Checkbox => checkbox(written),
        FieldType::Date => date(written.as_str()?),
        FieldType::Dropdown => option(field, written),
        FieldType::Multiselect => {
            let chosen = written.as_array()?.iter().map(|value| option(field, value));
            chosen.collect::<Option<Vec<_>>>().map(Value::Array)
        }
    }
}

/// Returns the tags that a value adds to its organization.
pub(crate) fn tags(field: &OrganizationField, value: &Value) -> Vec<String> {
    let owned = |value: &Value| value.as_str().map(str::to_owned);
    match (field.kind, value) {
        (FieldType::Checkbox, Value::Bool(true)) => field.tag.iter().cloned().collect(),
        (FieldType::Dropdown, chosen) => owned(chosen).into_iter().collect(),
        (FieldType::Multiselect, Value::Array(chosen)) => chosen.iter().filter_map(owned).collect(),
        _ => Vec::new(),
    }
}

/// Returns texts as they are, and numbers as text.
pub(crate) fn text(written: &Value) -> Option<Value> {
    match written {
        Value::String(_) => Some(written.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn integer(written: &Value) -> Option<Value> {
    let number = match written {
        Value::String(text) => text.trim().parse().ok(),
        _ => written.as_i64(),
    };
    number.map(Value::from)
}

fn decimal(written: &Value) -> Option<Value> {
    let number = match written {
        Value::String(text) => text.trim().parse().ok(),
        _ => written.as_f64(),
    };
    number.and_then(Number::from_f64).map(Value::Number)
}

fn checkbox(written: &Value) -> Option<Value> {
    match written {
        Value::Bool(_) => Some(written.clone()),
        Value::String(text) => text.parse().ok().map(Value::Bool),
        Value::Number(number) => match number.as_u64() {
            Some(set @ 0..=1) => Some(Value::Bool(set == 1)),
            _ => None,
        },
        _ => None,
    }
}

/// Keeps the day of a date, and drops any time after it.
fn date(written: &str) -> Option<Value> {
    let (day, rest) = written.split_at_checked(10)?;
    let timed = rest.is_empty() || rest.starts_with(['T', ' ']);
    (timed && Date::parse(day, DAY).is_ok()).then(|| format!("{day}T00:00:00+00:00").into())
}

fn option(field: &OrganizationField, written: &Value) -> Option<Value> {
    let written = written.as_str()?;
    let known = field.custom_field_options.iter().map(FieldOption::value);
    known.into_iter().find(|value| *value == written).map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_type_takes_its_values() {
        let cases = [
            ("text", json!(" a "), Some(json!(" a "))),
            ("text", json!(""), Some(json!(null))),
            ("text", json!(7), Some(json!("7"))),
            ("textarea", json!(["a"]), None),
            ("integer", json!("12"), Some(json!(12))),
            ("integer", json!(1.5), None),
            ("decimal", json!(3), Some(json!(3.0))),
            ("decimal", json!("1.25"), Some(json!(1.25))),
            ("decimal", json!("much"), None),
            ("checkbox", json!(null), Some(json!(false))),
            ("checkbox", json!("true"), Some(json!(true))),
            ("checkbox", json!(2), None),
            ("date", json!("2024-02-29"), Some(json!("2024-02-29T00:00:00+00:00"))),
            ("date", json!("2024-02-28T23:00:00Z"), Some(json!("2024-02-28T00:00:00+00:00"))),
            ("date", json!("2023-02-29"), None),
            ("date", json!("ä023-02-2"), None),
            ("dropdown", json!("b"), Some(json!("b"))),
            ("tagger", json!("B"), None),
            ("dropdown", json!(""), Some(json!(null))),
            ("multiselect", json!(["b", "a"]), Some(json!(["b", "a"]))),
            ("multiselect", json!(["c"]), None),
        ];
        for (kind, written, wanted) in cases {
            let definition =
                json!({"key": "k", "type": kind, "custom_field_options": ["a", {"name": "B", "value": "b"}]});
            let field: OrganizationField = serde_json::from_value(definition).unwrap();
            assert_eq!(cast(&field, &written), wanted, "{kind} {written}");
        }
    }
}
