//! Writes records: attributes first, then fields, with parents nested.

use super::fields;
use super::org::Org;
use super::path::{Path, Relation};
use super::Record;
use serde_json::Value;

/// What a record is written as: fields and parents in the order in which the paths first name them.
pub(crate) struct Shape(Vec<Column>);

enum Column {
    Field { name: String, label: String },
    Parent { relation: Relation, label: String, columns: Vec<Column> },
}

/// Where records are: the org with their parents, and the API version in their addresses.
pub(crate) struct Place<'a> {
    pub(crate) org: &'a Org,
    pub(crate) version: &'a str,
}

impl Shape {
    pub(crate) fn new(paths: &[Path]) -> Shape {
        Shape(tree(paths, 0))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, place: &Place, object: &str, record: &Record) {
        place.record(out, object, record, &self.0);
    }
}

/// Gathers the paths that share a parent, from the parent of the given depth on.
fn tree(paths: &[Path], depth: usize) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut done: Vec<&Relation> = Vec::new();
    for path in paths {
        let Some(relation) = path.parents.get(depth) else {
            columns.push(Column::Field { name: path.field.clone(), label: label(&path.field) });
            continue;
        };
        if done.contains(&relation) {
            continue;
        }
        done.push(relation);
        let under = |path: &&Path| path.parents.get(depth) == Some(relation);
        let children: Vec<Path> = paths.iter().filter(under).cloned().collect();
        columns.push(Column::Parent {
            relation: relation.clone(),
            label: label(&relation.name),
            columns: tree(&children, depth + 1),
        });
    }
    columns
}

fn label(name: &str) -> String {
    format!(",{}:", Value::from(name))
}

impl Place<'_> {
    fn record(&self, out: &mut Vec<u8>, object: &str, record: &Record, columns: &[Column]) {
        let id = record.get("Id").and_then(Value::as_str).unwrap_or_default();
        out.extend_from_slice(br#"{"attributes":{"type":"#);
        write_text(out, object);
        out.extend_from_slice(br#","url":"#);
        write_text(out, &url(self.version, object, id));
        out.push(b'}');
        for column in columns {
            self.column(out, record, column);
        }
        out.push(b'}');
    }

    fn column(&self, out: &mut Vec<u8>, record: &Record, column: &Column) {
        match column {
            Column::Field { name, label } => {
                out.extend_from_slice(label.as_bytes());
                write_value(out, fields::value(record, name));
            }
            Column::Parent { relation, label, columns } => {
                out.extend_from_slice(label.as_bytes());
                match relation.parent(self.org, record) {
                    Some(parent) => self.record(out, parent.object, parent.record, columns),
                    None => out.extend_from_slice(b"null"),
                }
            }
        }
    }
}

/// The address of a record.
pub(crate) fn url(version: &str, object: &str, id: &str) -> String {
    format!("/services/data/v{version}/sobjects/{object}/{id}")
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => write_text(out, text),
        // Writing JSON to memory does not fail.
        other => drop(serde_json::to_writer(out, other)),
    }
}

pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    // As above.
    drop(serde_json::to_writer(out, text));
}
