//! Writes the pages of a query, straight into bytes.

use super::plan::Plan;
use super::shape::{write_text, Place, Shape};

/// A query whose pages can be written.
pub(crate) struct Pages {
    plan: Plan,
    shape: Shape,
}

/// What a page says besides its records.
pub(crate) struct Frame {
    pub(crate) version: String,
    pub(crate) total: u64,
    /// The address of the next page.
    pub(crate) next: Option<String>,
}

impl Pages {
    pub(crate) fn new(plan: Plan) -> Pages {
        let shape = Shape::new(&plan.columns);
        Pages { plan, shape }
    }

    /// The number of records, counted or given.
    pub(crate) fn total(&self) -> usize {
        self.plan.count.unwrap_or(self.plan.rows.len())
    }

    /// The number of records that are given.
    pub(crate) fn rows(&self) -> usize {
        self.plan.rows.len()
    }

    pub(crate) fn object(&self) -> &str {
        &self.plan.object
    }

    pub(crate) fn write(&self, offset: usize, size: usize, frame: &Frame) -> Vec<u8> {
        let rows = self.plan.rows.iter().skip(offset).take(size);
        let mut page = Vec::with_capacity(128 + rows.len() * (150 + 40 * self.plan.columns.len()));
        let head = format!(r#"{{"totalSize":{},"done":{}"#, frame.total, frame.next.is_none());
        page.extend_from_slice(head.as_bytes());
        if let Some(next) = &frame.next {
            page.extend_from_slice(br#","nextRecordsUrl":"#);
            write_text(&mut page, next);
        }
        page.extend_from_slice(br#","records":["#);
        let place = Place { org: &self.plan.org, version: &frame.version };
        for (number, record) in rows.enumerate() {
            if number > 0 {
                page.push(b',');
            }
            self.shape.write(&mut page, &place, &self.plan.object, record);
        }
        page.extend_from_slice(b"]}");
        page
    }
}
