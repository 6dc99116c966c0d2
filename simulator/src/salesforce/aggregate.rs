//! Aggregate functions over all rows of a query.

use super::order::Key;
use super::org::{Object, Org};
use super::path::Path;
use super::soql::ast::{Aggregate, Function};
use super::soql::test::is_null;
use super::Record;
use serde_json::Value;

/// Returns the single record of the result, from rows sorted by id. Functions without an alias are numbered separately.
pub(crate) fn aggregate(aggregates: &[Aggregate<Path>], rows: &[u32], org: &Org, object: &Object) -> Record {
    let mut unnamed = 0;
    let named = aggregates.iter().map(|aggregate| {
        let name = aggregate.alias.clone().unwrap_or_else(|| {
            unnamed += 1;
            format!("expr{}", unnamed - 1)
        });
        (name, value(aggregate, rows, org, object))
    });
    named.collect()
}

fn value(aggregate: &Aggregate<Path>, rows: &[u32], org: &Org, object: &Object) -> Value {
    let field = &aggregate.field;
    let value = |place: &u32| field.value(org, &object.records[*place as usize]);
    let values = || rows.iter().map(value).filter(|value| !is_null(value));
    let key = |value: &&Value| Key::new(value, field);
    let found = match aggregate.function {
        Function::Count if field.is_own_id() => return rows.len().into(),
        Function::Count => return values().count().into(),
        Function::Min if field.is_own_id() => rows.first().map(value),
        Function::Max if field.is_own_id() => rows.last().map(value),
        Function::Min => values().min_by_key(key),
        Function::Max => values().max_by_key(key),
    };
    found.cloned().unwrap_or_default()
}
