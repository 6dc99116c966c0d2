//! The children of a query's records, looked up once for all records.

use super::id;
use super::org::Org;
use super::path::Path;
use super::relations::ChildRelation;
use super::Record;
use serde_json::Value;
use std::collections::HashMap;

/// The result of a nested query, grouped by parent.
pub(crate) struct Children {
    /// The name of the relation in responses.
    pub(crate) name: String,
    pub(crate) object: String,
    pub(crate) columns: Vec<Path>,
    places: HashMap<String, Vec<u32>>,
}

impl Children {
    /// Groups the rows by their parents, with at most `limit` rows for each parent.
    pub(crate) fn new(
        org: &Org,
        relation: ChildRelation,
        columns: Vec<Path>,
        rows: Vec<u32>,
        limit: usize,
    ) -> Children {
        let ChildRelation { object, field, name } = relation;
        let records = org.object(&object).map_or(&[][..], |(_, home)| &home.records);
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        for place in rows {
            let Some(parent) = records[place as usize].get(&field).and_then(Value::as_str) else {
                continue;
            };
            let siblings = places.entry(id::core(parent).to_owned()).or_default();
            if siblings.len() < limit {
                siblings.push(place);
            }
        }
        Children { name: name.unwrap_or_default(), object, columns, places }
    }

    /// Returns the children of a record.
    pub(crate) fn of<'a>(&'a self, org: &'a Org, parent: &Record) -> Vec<&'a Record> {
        let id = parent.get("Id").and_then(Value::as_str).unwrap_or_default();
        let places = self.places.get(id::core(id)).map_or(&[][..], Vec::as_slice);
        let records = org.object(&self.object).map_or(&[][..], |(_, home)| &home.records);
        places.iter().map(|place| &*records[*place as usize]).collect()
    }
}
