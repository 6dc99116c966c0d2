//! Writes the pages of a query directly as bytes.

use super::plan::{Plan, Summary};
use super::shape::{write_text, Place, Shape};
use super::Record;
use serde_json::json;

/// A query whose pages can be written.
pub(crate) struct Pages {
    plan: Plan,
    shape: Shape,
}

/// The parts of a page other than its records.
pub(crate) struct Frame {
    pub(crate) version: String,
    pub(crate) total: u64,
    /// The URL of the next page.
    pub(crate) next: Option<String>,
}

impl Pages {
    pub(crate) fn new(plan: Plan) -> Pages {
        let shape = Shape::new(plan.columns.clone());
        Pages { plan, shape }
    }

    /// Returns the total number of records in the response, whether they are only counted or also returned.
    pub(crate) fn total(&self) -> usize {
        match self.plan.summary {
            Some(Summary::Count(count)) => count,
            Some(Summary::Aggregates(_)) => 1,
            None => self.plan.rows.len(),
        }
    }

    /// Returns the number of records that are returned.
    pub(crate) fn rows(&self) -> usize {
        self.plan.rows.len()
    }

    pub(crate) fn object(&self) -> &str {
        &self.plan.object
    }

    /// Writes a page. The time depends on the size of the page, not on the number of records.
    pub(crate) fn write(&self, offset: usize, size: usize, frame: &Frame) -> Vec<u8> {
        let rows = self.plan.rows.get(offset..).unwrap_or_default();
        let rows = &rows[..size.min(rows.len())];
        let mut page = Vec::with_capacity(128 + rows.len() * (150 + 40 * self.plan.columns.len()));
        let head = format!(r#"{{"totalSize":{},"done":{}"#, frame.total, frame.next.is_none());
        page.extend_from_slice(head.as_bytes());
        if let Some(next) = &frame.next {
            page.extend_from_slice(br#","nextRecordsUrl":"#);
            write_text(&mut page, next);
        }
        page.extend_from_slice(br#","records":["#);
        match &self.plan.summary {
            Some(Summary::Aggregates(record)) => write_aggregates(&mut page, record),
            _ => self.write_rows(&mut page, rows, &frame.version),
        }
        page.extend_from_slice(b"]}");
        page
    }

    fn write_rows(&self, page: &mut Vec<u8>, rows: &[u32], version: &str) {
        let place = Place { org: &self.plan.org, version };
        for (number, record) in self.plan.records(rows).enumerate() {
            if number > 0 {
                page.push(b',');
            }
            self.shape.write(page, &place, &self.plan.object, record);
        }
    }
}

fn write_aggregates(page: &mut Vec<u8>, record: &Record) {
    let mut whole = Record::new();
    whole.insert("attributes".into(), json!({"type": "AggregateResult"}));
    whole.extend(record.clone());
    // Writing JSON to memory cannot fail.
    drop(serde_json::to_writer(page, &whole));
}
