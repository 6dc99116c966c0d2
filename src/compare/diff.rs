//! The comparing primitive: joins two lists of records by a key, and compares their fields.

use std::borrow::Cow;

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::join::{groups, join, Group, Key};
use super::kind::Kind;
use super::value::same;
use crate::rows::Cell;

/// A record: a JSON object.
pub type Record = Map<String, Value>;

/// A field that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The field's name. A name with points is a path, such as `organization_fields.region`, unless the record has a
    /// field of this very name.
    pub name: String,
    /// The kind of the field's values.
    pub kind: Kind,
}

/// The result of comparing two lists. Rows are positions in their lists, and all results are in the order of the keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    /// The rows whose key is only in the left list.
    pub only_left: Vec<usize>,
    /// The rows whose key is only in the right list.
    pub only_right: Vec<usize>,
    /// The pairs of rows with the same key that differ in some field.
    pub different: Vec<Different>,
    /// The number of pairs of rows with the same key that do not differ.
    pub equal: usize,
    /// The rows that are not compared, because their key is blank, malformed or not unique.
    pub conflicts: Vec<Conflict>,
}

/// Two rows with the same key, and the fields in which they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Different {
    /// The key, as the left row spells it, without white space around it.
    pub key: String,
    /// The left row.
    pub left: usize,
    /// The right row.
    pub right: usize,
    /// The fields that differ, in the order in which the caller listed them.
    pub fields: Vec<Difference>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The index of the field in the caller's list.
    pub field: usize,
    /// The left value; null if there is none.
    pub before: Value,
    /// The right value; null if there is none.
    pub after: Value,
}

/// Rows that cannot be paired because of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The kind of the conflict.
    pub kind: ConflictKind,
    /// The key, if several rows have it.
    pub key: Option<String>,
    /// The left rows.
    pub left: Vec<usize>,
    /// The right rows.
    pub right: Vec<usize>,
}

/// The kind of a conflict of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// The rows have no key. Blank keys never match each other.
    Blank,
    /// The key is neither a text nor a number.
    Malformed,
    /// Several rows of one side have the key.
    Duplicated,
}

/// Compares two lists by `key`, in parallel on the current rayon pool. The order of the rows does not change the
/// groups.
///
/// Keys are compared as texts without white space around them, and numbers by their spelling. Fields are compared by
/// [meaning](same).
///
/// ```
/// use crm_sync::compare::{diff, Field, Kind, Record};
/// # fn records(json: &str) -> Vec<Record> { serde_json::from_str(json).unwrap() }
/// let left = records(r#"[{"id":"a","seats":1,"owner":"Ann"},{"id":"b"}]"#);
/// let right = records(r#"[{"id":"a","seats":1.0,"owner":"Bob"},{"id":"c"}]"#);
/// let fields = ["seats", "owner"].map(|name| Field { name: name.into(), kind: Kind::Any });
/// let diff = diff(&left, &right, "id", &fields);
/// assert_eq!((diff.only_left, diff.only_right), (vec![1], vec![1]));
/// assert_eq!((diff.different[0].key.as_str(), diff.different[0].fields[0].field), ("a", 1));
/// assert_eq!((&diff.different[0].fields[0].before, &diff.different[0].fields[0].after), (&"Ann".into(), &"Bob".into()));
/// ```
#[must_use]
pub fn diff(left: &[Record], right: &[Record], key: &str, fields: &[Field]) -> Diff {
    let texts = [key_texts(left, key), key_texts(right, key)];
    let [left_keys, right_keys] = texts.each_ref().map(|texts| texts.iter().map(borrowed).collect::<Vec<_>>());
    let entries = join(&left_keys, &right_keys);
    let outcomes: Vec<Outcome> = groups(&entries).map(|group| outcome(&group, left, right, fields)).collect();
    let mut diff = Diff::default();
    for kind in [ConflictKind::Blank, ConflictKind::Malformed] {
        diff.conflicts.extend(without_key(kind, &left_keys, &right_keys));
    }
    for outcome in outcomes {
        match outcome {
            Outcome::OnlyLeft(row) => diff.only_left.push(row),
            Outcome::OnlyRight(row) => diff.only_right.push(row),
            Outcome::Equal => diff.equal += 1,
            Outcome::Different(different) => diff.different.push(different),
            Outcome::Duplicated(conflict) => diff.conflicts.push(conflict),
        }
    }
    diff
}

enum Outcome {
    OnlyLeft(usize),
    OnlyRight(usize),
    Equal,
    Different(Different),
    Duplicated(Conflict),
}

fn outcome(group: &Group<'_, &str>, left: &[Record], right: &[Record], fields: &[Field]) -> Outcome {
    match (group.left, group.right) {
        ([row], []) => Outcome::OnlyLeft(row.row as usize),
        ([], [row]) => Outcome::OnlyRight(row.row as usize),
        ([one], [other]) => {
            let (one, other) = (one.row as usize, other.row as usize);
            let fields = differing(&left[one], &right[other], fields);
            match fields.is_empty() {
                true => Outcome::Equal,
                false => Outcome::Different(Different { key: group.key.to_owned(), left: one, right: other, fields }),
            }
        }
        (left, right) => Outcome::Duplicated(Conflict {
            kind: ConflictKind::Duplicated,
            key: Some(group.key.to_owned()),
            left: left.iter().map(|entry| entry.row as usize).collect(),
            right: right.iter().map(|entry| entry.row as usize).collect(),
        }),
    }
}

fn differing(left: &Record, right: &Record, fields: &[Field]) -> Vec<Difference> {
    let difference = |(number, field): (usize, &Field)| {
        let (before, after) = (get(left, &field.name), get(right, &field.name));
        let equal = match (cell(before), cell(after)) {
            (Some(before), Some(after)) => same(field.kind, &before, &after),
            _ => before == after,
        };
        (!equal).then(|| Difference { field: number, before: before.clone(), after: after.clone() })
    };
    fields.iter().enumerate().filter_map(difference).collect()
}

fn key_texts<'r>(records: &'r [Record], key: &str) -> Vec<Key<Cow<'r, str>>> {
    let text = |record: &'r Record| match get(record, key) {
        Value::Null => Key::Blank,
        Value::String(text) if text.trim().is_empty() => Key::Blank,
        Value::String(text) => Key::Is(Cow::Borrowed(text.trim())),
        value => match cell(value) {
            Some(Cell::Number(number)) => Key::Is(number),
            _ => Key::Malformed,
        },
    };
    records.par_iter().map(text).collect()
}

fn borrowed<'t>(text: &'t Key<Cow<'_, str>>) -> Key<&'t str> {
    match text {
        Key::Blank => Key::Blank,
        Key::Malformed => Key::Malformed,
        Key::Is(text) => Key::Is(text),
    }
}

/// Returns one conflict for all rows whose keys have the same fault.
fn without_key(kind: ConflictKind, left: &[Key<&str>], right: &[Key<&str>]) -> Option<Conflict> {
    let wrong = if kind == ConflictKind::Blank { Key::Blank } else { Key::Malformed };
    let rows = |keys: &[Key<&str>]| (0..keys.len()).filter(|&row| keys[row] == wrong).collect::<Vec<_>>();
    let (left, right) = (rows(left), rows(right));
    (!left.is_empty() || !right.is_empty()).then_some(Conflict { kind, key: None, left, right })
}

fn get<'r>(record: &'r Record, name: &str) -> &'r Value {
    if let Some(value) = record.get(name) {
        return value;
    }
    let below = name.split_once('.').and_then(|(parent, rest)| Some((record.get(parent)?.as_object()?, rest)));
    below.map_or(&Value::Null, |(parent, rest)| get(parent, rest))
}

/// Returns a single value as a cell; `None` for lists and objects, which equal only themselves.
fn cell(value: &Value) -> Option<Cell<'_>> {
    let is_single = !matches!(value, Value::Array(_) | Value::Object(_));
    is_single.then(|| Cell::deserialize(value).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(json: &str) -> Vec<Record> {
        serde_json::from_str(json).unwrap()
    }

    fn fields(names: &[&str]) -> Vec<Field> {
        names.iter().map(|name| Field { name: (*name).into(), kind: Kind::Any }).collect()
    }

    #[test]
    fn only_what_differs_is_told() {
        let left = records(r#"[{"k":1.0,"a":"x","b":null,"c":{"d":[1]},"e":1}]"#);
        let right = records(r#"[{"k":"1","a":"y","b":"","c":{"d":[2]},"f":2}]"#);
        let diff = diff(&left, &right, "k", &fields(&["a", "b", "c.d", "e", "f"]));
        let told: Vec<_> = diff.different[0].fields.iter().map(|f| (f.field, f.before.to_string())).collect();
        assert_eq!(told, [(0, "\"x\"".into()), (2, "[1]".into()), (3, "1".into()), (4, "null".into())]);
        assert_eq!(diff.different[0].fields[3].after, 2);
    }

    #[test]
    fn a_name_with_a_point_is_a_name_before_it_is_a_path() {
        let left = records(r#"[{"k":1,"a.b":1,"a":{"b":2}}]"#);
        let right = records(r#"[{"k":1,"a.b":1,"a":{"b":3}}]"#);
        assert_eq!(diff(&left, &right, "k", &fields(&["a.b"])).equal, 1);
    }

    #[test]
    fn keys_that_do_not_tell_who_it_is_are_conflicts() {
        let left = records(r#"[{"k":" a "},{"k":""},{"k":"b"},{},{"k":[]},{"k":"a"}]"#);
        let right = records(r#"[{"k":"a"},{"k":null},{"k":"b"},{"k":true}]"#);
        let diff = diff(&left, &right, "k", &fields(&[]));
        let told: Vec<_> = diff.conflicts.iter().map(|c| (c.kind, c.left.clone(), c.right.clone())).collect();
        assert_eq!(
            told,
            [
                (ConflictKind::Blank, vec![1, 3], vec![1]),
                (ConflictKind::Malformed, vec![4], vec![3]),
                (ConflictKind::Duplicated, vec![0, 5], vec![0]),
            ]
        );
        assert_eq!((diff.equal, diff.only_left.len(), diff.only_right.len()), (1, 0, 0));
    }

    #[test]
    fn two_of_one_side_are_a_conflict_also_where_the_other_has_none() {
        let diff = diff(&records(r#"[{"k":1},{"k":1}]"#), &[], "k", &[]);
        assert_eq!((diff.only_left.len(), diff.conflicts[0].key.as_deref()), (0, Some("1")));
    }
}
