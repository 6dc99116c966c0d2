//! The records of an object sorted by id, and which of them are deleted, so that a range of ids requires no scan.

use super::fields::{self, DELETED};
use super::id;
use super::Record;
use serde_json::Value;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// An index of records by their places, which are their numbers in the order of storage.
#[derive(Clone, Default)]
pub(crate) struct Index {
    by_id: Vec<u32>,
    deleted: Vec<bool>,
}

impl Index {
    pub(crate) fn new(records: &[Arc<Record>]) -> Index {
        // Each id is extracted once, and not for every comparison.
        let mut order: Vec<(&str, u32)> = records.iter().map(|record| id_of(record)).zip(0..).collect();
        order.sort_unstable();
        let by_id = order.into_iter().map(|(_, place)| place).collect();
        Index { by_id, deleted: records.iter().map(|record| is_deleted(record)).collect() }
    }

    /// Adds the record that was stored last.
    pub(crate) fn add(&mut self, records: &[Arc<Record>]) {
        let Some(record) = records.last() else {
            return;
        };
        let before = |place: &u32| id_of(&records[*place as usize]) <= id_of(record);
        let rank = self.by_id.partition_point(before);
        self.by_id.insert(rank, self.deleted.len() as u32);
        self.deleted.push(is_deleted(record));
    }

    /// Updates the index after a change of a record.
    pub(crate) fn update(&mut self, place: usize, record: &Record) {
        self.deleted[place] = is_deleted(record);
    }

    pub(crate) fn is_deleted(&self, place: u32) -> bool {
        self.deleted[place as usize]
    }

    /// Returns the places of all records, sorted by id.
    pub(crate) fn by_id(&self) -> &[u32] {
        &self.by_id
    }

    /// Returns the part of `by_id` whose ids compare with `id` in one of these ways.
    pub(crate) fn range(&self, records: &[Arc<Record>], id: &str, ways: [Ordering; 2]) -> Range<usize> {
        let [first, last] = [ways[0].min(ways[1]), ways[0].max(ways[1])];
        let way = |place: &u32| id_of(&records[*place as usize]).cmp(id::core(id));
        let start = self.by_id.partition_point(|place| way(place) < first);
        start..self.by_id.partition_point(|place| way(place) <= last)
    }
}

fn id_of(record: &Record) -> &str {
    id::core(record.get("Id").and_then(Value::as_str).unwrap_or_default())
}

fn is_deleted(record: &Record) -> bool {
    *fields::value(record, DELETED) == Value::Bool(true)
}
