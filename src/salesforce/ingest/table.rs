//! Rows as CSV, which has only text: an empty value leaves a field unchanged, and a reserved word stands for null.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm>

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::rows::Id;
use crate::salesforce::collection::{Fields, Operation};

/// The text that stands for null.
const NULL: &str = "#N/A";
/// The maximum sizes of a value and of a row. Salesforce counts characters; the table counts bytes, which are never
/// fewer.
/// <https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_bulkapi.htm>
const MOST_OF_VALUE: usize = 32_000;
const MOST_OF_ROW: usize = 400_000;

/// The texts of a row, each with its column.
type Texts = Vec<(usize, String)>;

/// Rows in columns that are named after fields.
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    /// The column that identifies a record, if there is one.
    pub(super) key: Option<usize>,
    /// The positions of the columns by their names in lower case.
    places: HashMap<String, usize>,
    rows: Vec<Texts>,
}

impl Table {
    /// Creates a table without rows.
    pub(super) fn new(operation: &Operation) -> Self {
        let mut table = Self { columns: vec![], key: None, places: HashMap::new(), rows: vec![] };
        table.key = match operation {
            Operation::Create => None,
            Operation::Update => Some(table.place("Id")),
            Operation::Upsert { by } => Some(table.place(by)),
        };
        table
    }

    /// Adds a row. Returns false if CSV cannot express the row.
    pub(super) fn add(&mut self, id: Option<Id>, fields: &Fields) -> bool {
        let mut texts: Texts = id.iter().map(|id| (0, id.to_string())).collect();
        for (name, value) in fields {
            let Some(text) = text(value) else { return false };
            let place = self.place(name);
            if texts.iter().any(|(other, _)| *other == place) {
                return false;
            }
            texts.push((place, text));
        }
        let size: usize = texts.iter().map(|(_, text)| text.len()).sum();
        let fits = !texts.is_empty() && size <= MOST_OF_ROW;
        if fits {
            self.rows.push(texts);
        }
        fits
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns the minimum number of bytes of a row in CSV.
    pub(super) fn weight(&self, row: usize) -> usize {
        self.rows[row].iter().map(|(_, text)| text.len() + 3).sum()
    }

    /// Returns the text of each column in a row.
    pub(super) fn row(&self, row: usize) -> Vec<&str> {
        let mut cells = vec![""; self.columns.len()];
        self.rows[row].iter().for_each(|(place, text)| cells[*place] = text);
        cells
    }

    /// Writes some of the rows as CSV, with the names of the columns as the header.
    pub(super) fn csv(&self, rows: std::ops::Range<usize>) -> csv::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.columns)?;
        rows.map(|row| self.row(row)).try_for_each(|row| writer.write_record(row))?;
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    fn place(&mut self, name: &str) -> usize {
        let Self { columns, places, .. } = self;
        *places.entry(name.to_ascii_lowercase()).or_insert_with(|| {
            columns.push(name.to_owned());
            columns.len() - 1
        })
    }
}

/// Returns a value as text for CSV; `None` if CSV cannot express it.
fn text(value: &RawValue) -> Option<String> {
    let json = value.get();
    if json == "null" {
        return Some(NULL.into());
    }
    if !json.starts_with('"') {
        return Some(json.to_owned()).filter(|json| !json.starts_with(['{', '[']));
    }
    let text: String = serde_json::from_str(json).ok()?;
    match text.as_str() {
        // Salesforce stores an empty text as null, whichever API writes it.
        "" => Some(NULL.into()),
        NULL => None,
        _ => Some(text).filter(|text| text.len() <= MOST_OF_VALUE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(table: &mut Table, id: &str, fields: &str) -> bool {
        table.add(Id::parse(id), &serde_json::from_str(fields).unwrap())
    }

    fn csv(table: &Table) -> String {
        String::from_utf8(table.csv(0..table.len()).unwrap()).unwrap()
    }

    #[test]
    fn each_value_has_a_text_and_what_is_not_said_has_none() {
        let mut table = Table::new(&Operation::Create);
        for fields in [
            r#"{"LastName":"Lee, \"A\"","Ok__c":true,"Sum__c":12345678901234567.89,"Fax":null}"#,
            r#"{"lastname":"a\nb","Email":""}"#,
        ] {
            assert!(add(&mut table, "", fields));
        }
        let first = "Fax,LastName,Ok__c,Sum__c,Email\n#N/A,\"Lee, \"\"A\"\"\",true,12345678901234567.89,\n";
        assert_eq!(csv(&table), format!("{first},\"a\nb\",,,#N/A\n"));
    }

    #[test]
    fn a_record_is_named_in_the_first_column() {
        let mut table = Table::new(&Operation::Update);
        assert!(add(&mut table, "0034C00000VaYfK", r#"{"Fax":"1"}"#));
        assert_eq!((csv(&table).as_str(), table.key), ("Id,Fax\n0034C00000VaYfKQAV,1\n", Some(0)));
        let mut table = Table::new(&Operation::Upsert { by: "Key__c".into() });
        assert!(add(&mut table, "", r#"{"Fax":"1","KEY__C":7}"#));
        assert_eq!((csv(&table).as_str(), table.key), ("Key__c,Fax\n7,1\n", Some(0)));
    }

    #[test]
    fn what_csv_cannot_say_is_not_taken() {
        let mut table = Table::new(&Operation::Create);
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(32_001));
        for fields in [r##"{"a":"#N/A"}"##, r#"{"a":"1","A":"2"}"#, r#"{"a":{}}"#, "{}", &long] {
            assert!(!add(&mut table, "", fields), "{fields}");
        }
        assert_eq!(table.len(), 0);
    }
}
