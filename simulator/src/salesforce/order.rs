//! `ORDER BY` and the comparison of values.

use super::id;
use super::org::{Object, Org};
use super::path::Path;
use super::soql::ast::Order;
use super::soql::instant::instant;
use serde_json::Value;
use std::cmp::Ordering;

/// Sorts rows. Equal rows keep their order.
pub(crate) fn sort(rows: &mut Vec<u32>, order: &[Order<Path>], org: &Org, object: &Object) {
    // Each key is created once, and not for every comparison.
    let key = |by: &Order<Path>, place: u32| {
        let value = by.field.value(org, &object.records[place as usize]);
        Key::new(value, &by.field)
    };
    let keys = |place: u32| order.iter().map(|by| key(by, place)).collect();
    let mut keyed: Vec<(Vec<Key>, u32)> = rows.drain(..).map(|place| (keys(place), place)).collect();
    keyed.sort_by(|(left, _), (right, _)| {
        let pairs = order.iter().zip(left.iter().zip(right));
        let orders = pairs.map(|(by, (left, right))| left.compare(right, by));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    rows.extend(keyed.into_iter().map(|(_, place)| place));
}

/// The sort key of a value. Keys of different types are ordered as well, because sorting requires it, even if no field
/// has both.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Null,
    Bool(bool),
    Number(Number),
    Instant(i64),
    Text(String),
}

/// A number with a total order, including NaN.
#[derive(PartialEq)]
pub(crate) struct Number(f64);

impl Key {
    pub(crate) fn new(value: &Value, field: &Path) -> Key {
        match value {
            Value::Bool(value) => Key::Bool(*value),
            Value::Number(number) => Key::Number(Number(number.as_f64().unwrap_or_default())),
            Value::String(id) if field.is_id() => Key::Text(id::core(id).to_owned()),
            Value::String(text) if text.is_empty() => Key::Null,
            Value::String(text) => instant(text).map_or_else(|| Key::Text(text.to_lowercase()), Key::Instant),
            _ => Key::Null,
        }
    }

    fn compare(&self, other: &Key, by: &Order<Path>) -> Ordering {
        match (self, other) {
            (Key::Null, Key::Null) => Ordering::Equal,
            (Key::Null, _) if by.nulls_last => Ordering::Greater,
            (Key::Null, _) => Ordering::Less,
            (_, Key::Null) => other.compare(self, by).reverse(),
            _ if by.descending => other.cmp(self),
            _ => self.cmp(other),
        }
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}
