//! Finds the records that a query returns, as places. Conditions on ids use the index, all others are evaluated.

use super::order::sort;
use super::org::{Object, Org};
use super::path::Path;
use super::soql::ast::{Condition, Order};
use super::soql::test::Test;
use crate::random::Random;

/// A condition with resolved names.
pub(crate) type Clause = Condition<Path, Test>;

/// The rows that a query asks for.
pub(crate) struct Wanted<'a> {
    pub(crate) condition: Option<&'a Clause>,
    /// True to include deleted records.
    pub(crate) deleted: bool,
    pub(crate) order: &'a [Order<Path>],
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl Wanted<'_> {
    /// Returns the rows. `shuffle` reorders the rows of a query without an order.
    pub(crate) fn rows(&self, org: &Org, object: &Object, shuffle: Option<Random>) -> Vec<u32> {
        let mut parts = Vec::new();
        self.condition.into_iter().for_each(|condition| flatten(condition, &mut parts));
        let mut places = candidates(object, &mut parts);
        let by_id = self.order.first().filter(|order| order.field.is_own_id());
        match by_id {
            Some(order) if order.descending => places.reverse(),
            Some(_) => (),
            None => places.sort_unstable(),
        }
        let there = |place: &u32| self.deleted || !object.index.is_deleted(*place);
        let holds = |place: &u32| {
            let record = &object.records[*place as usize];
            parts.iter().all(|part| part.holds(&|path, test| test.holds(path.value(org, record))))
        };
        let found = places.into_iter().filter(there).filter(holds);
        match shuffle {
            _ if by_id.is_some() => self.part(found),
            None if self.order.is_empty() => self.part(found),
            Some(mut random) if self.order.is_empty() => {
                let mut rows: Vec<u32> = found.collect();
                random.shuffle(&mut rows);
                self.part(rows.into_iter())
            }
            _ => {
                let mut rows: Vec<u32> = found.collect();
                sort(&mut rows, self.order, org, object);
                self.part(rows.into_iter())
            }
        }
    }

    /// Returns the rows after the offset, and evaluates no row after the limit.
    fn part(&self, rows: impl Iterator<Item = u32>) -> Vec<u32> {
        rows.skip(self.offset).take(self.limit).collect()
    }
}

/// Collects the conditions that must all hold.
fn flatten<'a>(condition: &'a Clause, parts: &mut Vec<&'a Clause>) {
    match condition {
        Condition::All(inner) => inner.iter().for_each(|part| flatten(part, parts)),
        other => parts.push(other),
    }
}

/// Returns the candidate rows, sorted by id. Removes the conditions that all candidates fulfill.
fn candidates(object: &Object, parts: &mut Vec<&Clause>) -> Vec<u32> {
    use std::cmp::Ordering::Equal;
    let within = |id: &str, ways| object.index.range(&object.records, id, ways);
    let by_id = object.index.by_id();
    if let Some(mut ids) = parts.iter().find_map(|part| on_id(part)?.texts()) {
        ids.sort_unstable();
        return ids.into_iter().flat_map(|id| &by_id[within(id, [Equal; 2])]).copied().collect();
    }
    let mut range = 0..by_id.len();
    parts.retain(|part| match on_id(part).and_then(Test::limit) {
        Some((id, ways)) => {
            let other = within(id, ways);
            range = range.start.max(other.start)..range.end.min(other.end);
            false
        }
        None => true,
    });
    by_id.get(range).unwrap_or_default().to_vec()
}

/// Returns the test of a condition on the record's own id.
fn on_id(condition: &Clause) -> Option<&Test> {
    match condition {
        Condition::Test(path, test) if path.is_own_id() => Some(test),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::index::Index;
    use crate::salesforce::soql::ast::{Comparison, Literal};
    use serde_json::json;
    use std::sync::Arc;

    fn on(field: &str, comparison: &Comparison) -> Clause {
        let path = Path { parents: Vec::new(), field: field.into() };
        let is_id = path.is_own_id();
        Condition::Test(path, Test::new(comparison, is_id))
    }

    fn text(text: &str) -> Literal {
        Literal::Text(text.into())
    }

    #[test]
    fn only_the_records_of_a_range_of_ids_are_looked_at() {
        let fields = |number: u32| json!({"Id": format!("003{number:012}"), "Name": "N"});
        let records: Vec<_> =
            (0..100).rev().map(|number| Arc::new(serde_json::from_value(fields(number)).unwrap())).collect();
        let mut object = Object::default();
        (object.index, object.records) = (Arc::new(Index::new(&records)), records);
        let name = on("Name", &Comparison::Equal(text("N")));
        let range = [
            on("Id", &Comparison::GreaterOrEqual(text("003000000000010"))),
            on("Id", &Comparison::Less(text("003000000000030"))),
        ];
        let mut parts = vec![&range[0], &name, &range[1]];
        assert_eq!(candidates(&object, &mut parts), (70..90).rev().collect::<Vec<_>>());
        assert_eq!(parts.len(), 1, "the condition on the name remains");

        let ids = Comparison::In(vec![text("003000000000007"), text("003000000000003")]);
        assert_eq!(candidates(&object, &mut vec![&on("Id", &ids), &name]), [96, 92]);
    }
}
