//! Writes records: attributes first, then fields, with nested parents and children.

use super::children::Children;
use super::fields;
use super::org::Org;
use super::path::Relation;
use super::plan::Column as Selected;
use super::Record;
use serde_json::Value;
use std::sync::Arc;

/// The structure of a written record: its fields, parents and children, in the order in which they are first named.
pub(crate) struct Shape(Vec<Column>);

enum Column {
    Field { name: String, label: String },
    Parent { relation: Relation, label: String, columns: Vec<Column> },
    Children { children: Arc<Children>, label: String, columns: Vec<Column> },
}

/// The context of records: the org with their parents, and the API version in their URLs.
pub(crate) struct Place<'a> {
    pub(crate) org: &'a Org,
    pub(crate) version: &'a str,
}

impl Shape {
    pub(crate) fn new(selected: Vec<Selected>) -> Shape {
        Shape(tree(&selected, 0))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, place: &Place, object: &str, record: &Record) {
        place.record(out, object, record, &self.0);
    }
}

/// Groups the paths that share a parent, starting from the parent at this depth.
fn tree(selected: &[Selected], depth: usize) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut done: Vec<&Relation> = Vec::new();
    for column in selected {
        let path = match column {
            Selected::Field(path) => path,
            Selected::Children(children) => {
                columns.push(nested(children));
                continue;
            }
        };
        let Some(relation) = path.parents.get(depth) else {
            columns.push(Column::Field { name: path.field.clone(), label: label(&path.field) });
            continue;
        };
        if done.contains(&relation) {
            continue;
        }
        done.push(relation);
        let under = |column: &&Selected| column.field().and_then(|path| path.parents.get(depth)) == Some(relation);
        let of_parent: Vec<Selected> = selected.iter().filter(under).cloned().collect();
        columns.push(Column::Parent {
            relation: relation.clone(),
            label: label(&relation.name),
            columns: tree(&of_parent, depth + 1),
        });
    }
    columns
}

fn nested(children: &Arc<Children>) -> Column {
    let selected: Vec<Selected> = children.columns.iter().cloned().map(Selected::Field).collect();
    Column::Children { children: children.clone(), label: label(&children.name), columns: tree(&selected, 0) }
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
            Column::Children { children, label, columns } => {
                out.extend_from_slice(label.as_bytes());
                self.children(out, children, record, columns);
            }
        }
    }

    /// Writes the children like the result of a query. A parent without children has null.
    fn children(&self, out: &mut Vec<u8>, children: &Children, parent: &Record, columns: &[Column]) {
        let records = children.of(self.org, parent);
        if records.is_empty() {
            out.extend_from_slice(b"null");
            return;
        }
        let head = format!(r#"{{"totalSize":{},"done":true,"records":["#, records.len());
        out.extend_from_slice(head.as_bytes());
        for (number, record) in records.into_iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            self.record(out, &children.object, record, columns);
        }
        out.extend_from_slice(b"]}");
    }
}

/// Returns the URL of a record.
pub(crate) fn url(version: &str, object: &str, id: &str) -> String {
    format!("/services/data/v{version}/sobjects/{object}/{id}")
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => write_text(out, text),
        // Writing JSON to memory cannot fail.
        other => drop(serde_json::to_writer(out, other)),
    }
}

pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    // Writing JSON to memory cannot fail.
    drop(serde_json::to_writer(out, text));
}
