//! Parses pages of a job's result. They are CSV, which contains only text, and are converted to the values that the
//! REST API returns.

use std::io::{Cursor, Read};
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use crate::error::counted;
use crate::http::{damage, Body};
use crate::rows::Cell;
use crate::salesforce::answer::SERVICE;
use crate::salesforce::page::Unreadable;
use crate::salesforce::room::Place;

/// The columns of a result: their paths and types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns(pub(super) Vec<(String, Kind)>);

/// The type of the values in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Bool,
    Number,
    DateTime,
}

/// The reason why a page cannot be used.
#[derive(Debug)]
pub(super) enum Broken {
    /// The page is truncated or damaged; it may arrive intact if it is requested again.
    Cut(String),
    /// The page is not a result of our query.
    Foreign(String),
}

/// The problem with a page that lacks the headers of every page.
pub(super) const STRIPPED: &str = "a proxy seems to take headers away: a page does not say";

/// A complete page of CSV.
#[derive(Debug, Clone)]
pub struct CsvPage {
    body: Body,
    columns: Arc<Columns>,
    rows: u64,
}

impl CsvPage {
    /// Creates a page if its header is that of the query, and it has the announced number of rows.
    pub(super) fn new(mut body: Body, columns: Arc<Columns>, announced: Option<u64>) -> Result<Self, Broken> {
        // Some pages contain a NUL, which no value of the REST API does.
        if body.contains(&0) {
            body.retain(|byte| byte != 0);
        }
        damage::mend_csv(SERVICE, "a page of a Bulk API job", &mut body);
        // The `csv` reader accepts the end of the text as the end of a value, so a page truncated in its last value
        // would pass.
        if !body.iter().filter(|&&byte| byte == b'"').count().is_multiple_of(2) {
            return Err(Broken::Cut("a page ends in the middle of a value".into()));
        }
        let mut page = Self { body, columns, rows: 0 };
        let header = page.check_header();
        let Some(announced) = announced else {
            return Err(match header {
                Ok(()) => Broken::Foreign(format!("{STRIPPED} how many rows it has (Sforce-NumberOfRecords)")),
                Err(_) => Broken::Cut("a page is not CSV".into()), // such as the error page of a gateway
            });
        };
        header?;
        page.rows = page.count().map_err(|_| Broken::Cut("a page is not CSV".into()))?;
        match page.rows == announced {
            true => Ok(page),
            false => Err(Broken::Cut(format!("a page has {} and announced {announced}", counted(page.rows, "row")))),
        }
    }

    /// Keeps `place` until the page, or what is made of it, is dropped.
    pub(crate) fn wait_at(&mut self, place: Place) {
        self.body.wait_at(place);
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the paths of the columns.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.columns.0.iter().map(|(path, _)| path.as_str())
    }

    /// Passes the cells of each row in these columns to `take`.
    ///
    /// # Errors
    /// Returns [`Unreadable::Wrong`] with the message of `take`.
    pub(crate) fn each_of(
        &self,
        columns: &[usize],
        mut take: impl FnMut(&[Cell<'_>]) -> Result<(), String>,
    ) -> Result<(), Unreadable> {
        let mut reader = self.reader();
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).map_err(|_| Unreadable::Broken)? {
            let cells = columns.iter().map(|&column| self.columns.0[column].1.cell(&record[column]));
            take(&cells.collect::<Vec<_>>()).map_err(Unreadable::Wrong)?;
        }
        Ok(())
    }

    /// Converts the page into its rows, to be read one at a time.
    #[must_use]
    pub fn into_rows(self) -> CsvRows<Cursor<Body>> {
        let reader = ReaderBuilder::new().from_reader(Cursor::new(self.body));
        CsvRows { reader, columns: self.columns, record: StringRecord::new() }
    }

    fn check_header(&self) -> Result<(), Broken> {
        let mut reader = self.reader();
        let header = reader.headers().map_err(|_| Broken::Cut("a page is not CSV".into()))?;
        let ours = header.len() == self.columns.0.len()
            && header.iter().zip(self.paths()).all(|(told, asked)| told.eq_ignore_ascii_case(asked));
        match ours {
            true => Ok(()),
            false => Err(Broken::Foreign("a page has other columns than were asked for".into())),
        }
    }

    fn count(&self) -> csv::Result<u64> {
        let mut reader = self.reader();
        let (mut record, mut rows) = (StringRecord::new(), 0);
        while reader.read_record(&mut record)? {
            rows += 1;
        }
        Ok(rows)
    }

    fn reader(&self) -> csv::Reader<&[u8]> {
        ReaderBuilder::new().from_reader(&*self.body)
    }
}

/// The remaining rows of a page.
pub struct CsvRows<R> {
    reader: csv::Reader<R>,
    columns: Arc<Columns>,
    record: StringRecord,
}

impl<R: Read> CsvRows<R> {
    /// Returns the paths of the columns.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.columns.0.iter().map(|(path, _)| path.as_str())
    }

    /// Returns the next row, or `None` after the last.
    ///
    /// # Errors
    /// Returns [`Unreadable::Broken`], which does not happen with a complete page.
    pub fn next_row(&mut self) -> Result<Option<Vec<Cell<'_>>>, Unreadable> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {
                let cells = self.columns.0.iter().zip(&self.record).map(|((_, kind), text)| match kind {
                    // The spelling is kept: 100.0 must not become an integer, however it was read.
                    Kind::Number => match kind.cell(text) {
                        Cell::Number(_) => Cell::Number(text.into()),
                        other => other,
                    },
                    kind => kind.cell(text),
                });
                Ok(Some(cells.collect()))
            }
            Ok(false) => Ok(None),
            Err(_) => Err(Unreadable::Broken),
        }
    }
}

impl Kind {
    /// Converts a value to that of the REST API: CSV has no null, and spells some values differently.
    fn cell(self, text: &str) -> Cell<'_> {
        match self {
            _ if text.is_empty() => Cell::Null,
            Kind::Bool => match text.parse() {
                Ok(value) => Cell::Bool(value),
                Err(_) => Cell::Text(text.into()),
            },
            Kind::Number => Cell::number(text),
            Kind::DateTime => match text.strip_suffix('Z') {
                Some(instant) => Cell::Text((instant.to_owned() + "+0000").into()),
                None => Cell::Text(text.into()),
            },
            Kind::Text => Cell::Text(text.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Arc<Columns> {
        let kinds = [
            ("Id", Kind::Text),
            ("Account.Name", Kind::Text),
            ("Ok__c", Kind::Bool),
            ("N__c", Kind::Number),
            ("At", Kind::DateTime),
        ];
        Arc::new(Columns(kinds.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect()))
    }

    fn page(body: &str, announced: u64) -> Result<Vec<String>, Broken> {
        let page = CsvPage::new(body.as_bytes().to_vec().into(), columns(), Some(announced))?;
        let mut rows = Vec::new();
        page.each_of(&[0, 1, 2, 3, 4], |cells| {
            rows.push(format!("{cells:?}"));
            Ok(())
        })
        .unwrap();
        Ok(rows)
    }

    #[test]
    fn numbers_keep_their_spelling_and_other_values_are_text() {
        let rows = "\"1\",\"\",\"\",\"100.0\",\"\"\n\"2\",\"\",\"\",\"0x10\",\"\"\n\"3\",\"\",\"\",\"1E400\",\"\"\n\"4\",\"\",\"\",\"NaN\",\"\"\n";
        let page = CsvPage::new(format!("{HEADER}{rows}").into_bytes().into(), columns(), Some(4)).unwrap();
        let (mut rows, mut cells) = (page.into_rows(), Vec::new());
        while let Some(row) = rows.next_row().unwrap() {
            cells.push(row[3].clone().into_owned());
        }
        let text = |text: &'static str| Cell::Text(text.into());
        assert_eq!(cells, [Cell::Number("100.0".into()), text("0x10"), text("1E400"), text("NaN")]);
    }

    const HEADER: &str = "\"Id\",\"Account.Name\",\"Ok__c\",\"N__c\",\"At\"\n";

    #[test]
    fn values_are_those_of_the_rest_api() {
        let row = "\"003\",\"a \0\"\"b\"\",\nc\",\"true\",\"1988.0\",\"2023-05-31T06:37:07.000Z\"\n\"004\",\"\",\"\",\"\",\"\"\n";
        let rows = page(&format!("{HEADER}{row}"), 2).unwrap();
        assert_eq!(
            rows[0],
            "[Text(\"003\"), Text(\"a \\\"b\\\",\\nc\"), Bool(true), Number(\"1988\"), Text(\"2023-05-31T06:37:07.000+0000\")]"
        );
        assert_eq!(rows[1], "[Text(\"004\"), Null, Null, Null, Null]");
    }

    #[test]
    fn a_page_that_is_cut_or_foreign_is_refused() {
        let row = "\"003\",\"\",\"\",\"\",\"\"\n";
        assert!(matches!(page(&format!("{HEADER}{row}"), 2), Err(Broken::Cut(_))));
        assert!(matches!(page(&format!("{HEADER}\"003\",\"\"\n"), 1), Err(Broken::Cut(_))));
        assert!(matches!(page(&format!("{HEADER}\"003\",\"\",\"\",\"\",\"20"), 1), Err(Broken::Cut(_))));
        assert!(matches!(page("\"Id\"\n\"003\"\n", 1), Err(Broken::Foreign(_))));
        assert!(matches!(page("<html>", 0), Err(Broken::Foreign(_))));
        let silent = |body: &str| CsvPage::new(body.as_bytes().to_vec().into(), columns(), None);
        assert!(matches!(silent(HEADER), Err(Broken::Foreign(why)) if why.contains("proxy")));
        assert!(matches!(silent("<html>"), Err(Broken::Cut(_))), "a gateway's page, which is gone the next time");
    }
}
