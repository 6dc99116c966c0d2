//! Counts the rows of ranges, and checks the number of rows read against the count.

use super::client::Sending;
use super::page::{read_page, Records};
use super::page_rows::PageRows;
use super::ranges::Census;
use super::reader::Reader;
use super::statement::Range;
use crate::error::{self, Result};
use crate::http::{Answer, Failure};
use crate::rows::{Cell, Id, Selection};

impl Reader<'_> {
    /// Returns the number of rows in a range with their lowest and highest id, or `None` if there are no rows.
    pub(super) async fn census(&self, range: Range) -> Result<Option<Census>> {
        let url = self.address(&self.query.statement.census(range)).await?;
        let action = format!("{} (a count)", self.action);
        let read = |answer: Answer| async move {
            let selection = Selection::new(&["expr0", "expr1", "expr2"]);
            let counts = read_page(&answer.body, Records(&selection)).map(|(_, rows)| counted(&rows));
            counts.ok().flatten().ok_or_else(|| Failure::passing("the answer is not what a count gives".into()))
        };
        self.client.send(&action, Sending::Again, |http| http.get(url.clone()), read).await
    }

    /// Checks the number of rows of a query that was read in parts, and so at several moments. Rows may be added and
    /// deleted meanwhile; the number then has to lie between the count from before and a count from now.
    pub(super) async fn check_sum(&self, range: Range, rows: u64, before: u64) -> Result<u64> {
        if rows == before {
            return Ok(rows);
        }
        let now = self.census(range).await?.map_or(0, |census| census.rows);
        match (before.min(now)..=before.max(now)).contains(&rows) {
            true => Ok(rows),
            false => {
                Err(self
                    .incomplete(format!("{} came of {before}, counted again: of {now}", error::counted(rows, "row"))))
            }
        }
    }
}

/// Parses the three cells of a count: `Some(None)` if there are no rows, `None` if it is not a count.
fn counted(rows: &PageRows<'_>) -> Option<Option<Census>> {
    let mut rows = rows.iter();
    let (Some([Cell::Number(rows), least, greatest]), None) = (rows.next(), rows.next()) else { return None };
    match rows.parse().ok()? {
        0 => Some(None),
        rows => Some(Some(Census { rows, least: Id::parse(least.text()?)?, greatest: Id::parse(greatest.text()?)? })),
    }
}
