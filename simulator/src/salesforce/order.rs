//! ORDER BY.

use super::org::Org;
use super::path::Path;
use super::soql::ast::Order;
use super::Record;
use serde_json::Value;
use std::cmp::Ordering;
use std::sync::Arc;

/// Sorts rows; those that are equal keep their order.
pub(crate) fn sort(rows: &mut Vec<Arc<Record>>, order: &[Order<Path>], org: &Org) {
    if order.is_empty() {
        return;
    }
    // Each key is made once, not at every comparison.
    let keys = |record: &Record| order.iter().map(|by| Key::new(by, org, record)).collect();
    let mut keyed: Vec<(Vec<Key>, Arc<Record>)> = rows.drain(..).map(|record| (keys(&record), record)).collect();
    keyed.sort_by(|(left, _), (right, _)| {
        let pairs = order.iter().zip(left.iter().zip(right));
        let orders = pairs.map(|(by, (left, right))| left.compare(right, by));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    rows.extend(keyed.into_iter().map(|(_, record)| record));
}

/// What a value sorts by.
enum Key {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Key {
    fn new(by: &Order<Path>, org: &Org, record: &Record) -> Key {
        match by.field.value(org, record) {
            Value::Bool(value) => Key::Bool(*value),
            Value::Number(number) => Key::Number(number.as_f64().unwrap_or_default()),
            Value::String(id) if by.field.is_id() => Key::Text(id.clone()),
            Value::String(text) if !text.is_empty() => Key::Text(text.to_lowercase()),
            _ => Key::Null,
        }
    }

    fn compare(&self, other: &Key, by: &Order<Path>) -> Ordering {
        let order = match (self, other) {
            (Key::Null, Key::Null) => return Ordering::Equal,
            (Key::Null, _) if by.nulls_last => return Ordering::Greater,
            (Key::Null, _) => return Ordering::Less,
            (_, Key::Null) => return other.compare(self, by).reverse(),
            (Key::Bool(left), Key::Bool(right)) => left.cmp(right),
            (Key::Number(left), Key::Number(right)) => left.total_cmp(right),
            (Key::Text(left), Key::Text(right)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        };
        if by.descending {
            order.reverse()
        } else {
            order
        }
    }

    /// The order of values of different types, which sorting needs even if no field has both.
    fn rank(&self) -> u8 {
        match self {
            Key::Null => 0,
            Key::Bool(_) => 1,
            Key::Number(_) => 2,
            Key::Text(_) => 3,
        }
    }
}
