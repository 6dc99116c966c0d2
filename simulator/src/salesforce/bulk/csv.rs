//! Writes rows as CSV, with all values in quotes.

use super::check::not_supported;
use crate::salesforce::error::Refusal;
use crate::salesforce::kind::Kind;
use crate::salesforce::path::Path;
use crate::salesforce::plan::{Column, Plan};
use crate::salesforce::soql::instant::{self, instant};
use serde_json::Value;
use std::ops::Range;

/// The result of a job.
pub(crate) struct Table {
    plan: Plan,
    columns: Vec<Path>,
}

impl Table {
    pub(crate) fn new(plan: Plan) -> Result<Table, Refusal> {
        let object = plan.org.object(&plan.object).map(|(_, object)| object);
        let kind = |path: &Path| object.filter(|_| path.parents.is_empty())?.kind(&path.field);
        let columns: Vec<Path> = plan.columns.iter().filter_map(Column::field).cloned().collect();
        match columns.iter().any(|path| kind(path) == Some(Kind::Compound)) {
            true => Err(not_supported("Selecting compound data")),
            false => Ok(Table { plan, columns }),
        }
    }

    pub(crate) fn object(&self) -> &str {
        &self.plan.object
    }

    pub(crate) fn rows(&self) -> usize {
        self.plan.rows.len()
    }

    /// Returns a range of the rows, after a header with the names of the columns.
    pub(crate) fn write(&self, rows: Range<usize>) -> Vec<u8> {
        let Table { plan, columns } = self;
        let rows = plan.rows.get(rows).unwrap_or_default();
        let mut out = Vec::with_capacity((rows.len() + 1) * columns.len() * 24);
        line(&mut out, columns, |out, path| quote(out, &name(path)));
        for record in plan.records(rows) {
            line(&mut out, columns, |out, path| write_value(out, path.value(&plan.org, record)));
        }
        out
    }
}

/// Writes rows of strings.
pub(crate) fn lines(rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = Vec::new();
    rows.iter().for_each(|row| line(&mut out, row, |out, text| quote(out, text)));
    out
}

fn line<T>(out: &mut Vec<u8>, columns: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    for (number, path) in columns.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write(out, path);
    }
    out.push(b'\n');
}

fn name(path: &Path) -> String {
    let parents = path.parents.iter().map(|relation| relation.name.as_str());
    parents.chain([path.field.as_str()]).collect::<Vec<_>>().join(".")
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => quote(out, ""),
        Value::String(text) => match instant(text).filter(|_| text.contains('T')) {
            Some(millis) => quote(out, &instant::text_utc(millis)),
            None => quote(out, text),
        },
        other => quote(out, &other.to_string()),
    }
}

fn quote(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}
