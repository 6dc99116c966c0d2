//! The uploaded rows of a job. They are CSV texts: an empty one leaves the field unchanged, and `#N/A` sets it to null.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm>

use crate::salesforce::collections::Operation;
use crate::salesforce::kind::Kind;
use crate::salesforce::org::Object;
use crate::salesforce::Record;
use serde_json::{json, Value};

const NULL: &str = "#N/A";

/// Rows and the names of their fields.
#[derive(Clone, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// Parses CSV. The error is the error message of the job.
    pub(crate) fn new(csv: &[u8]) -> Result<Table, String> {
        let mut reader = csv::ReaderBuilder::new().from_reader(csv);
        let damaged = |error: csv::Error| format!("InvalidBatch : Failed to parse CSV: {error}");
        let columns = reader.headers().map_err(damaged)?.iter().map(str::to_owned).collect();
        let row = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
        let rows = reader.records().map(|read| read.map(row)).collect::<Result<_, _>>().map_err(damaged)?;
        Ok(Table { columns, rows })
    }

    /// Returns the reason why no row can be written, if there is one.
    pub(crate) fn problem(&self, home: &Object, operation: &Operation) -> Option<String> {
        let has = |wanted: &str| self.columns.iter().any(|column| column.eq_ignore_ascii_case(wanted));
        let unknown = |column: &&String| home.fields.is_some() && home.field(column).is_none();
        let needed = match operation {
            Operation::Create => None,
            Operation::Update => Some("Id"),
            Operation::Upsert { by, .. } => Some(by.as_str()),
        };
        let lacks = needed.filter(|needed| !has(needed)).map(str::to_owned);
        let name = self.columns.iter().find(unknown).cloned().or(lacks)?;
        Some(format!("InvalidBatch : Field name not found : {name}"))
    }

    /// Converts a row to a record in the format of collections.
    pub(crate) fn record(&self, row: &[String], object: &str, home: &Object) -> Record {
        let mut record = Record::new();
        record.insert("attributes".into(), json!({ "type": object }));
        for (column, text) in self.columns.iter().zip(row).filter(|(_, text)| !text.is_empty()) {
            let name = if column.eq_ignore_ascii_case("Id") { "id" } else { column };
            record.insert(name.to_owned(), value(text, home.kind(home.field(column).unwrap_or(column))));
        }
        record
    }
}

fn value(text: &str, kind: Option<Kind>) -> Value {
    let literal = || serde_json::from_str(text).ok();
    let read = match kind {
        _ if text == NULL => Some(Value::Null),
        Some(Kind::Boolean) => literal().filter(Value::is_boolean),
        Some(Kind::Int | Kind::Double) => literal().filter(Value::is_number),
        _ => None,
    };
    read.unwrap_or_else(|| text.into())
}
