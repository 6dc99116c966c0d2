//! The results of a job in pages, and the URLs of those.

use super::csv::Table;
use super::job::QueryJob;
use super::jobs::Jobs;
use super::locator::{locator, offset};
use crate::http::reply::Reply;
use crate::salesforce::error::Refusal;
use crate::salesforce::fault::Answer;
use crate::salesforce::options::ResultPages;
use serde_json::{json, Value};

const CSV: &str = "text/csv; charset=UTF-8";
/// The maximum number of URLs in one response.
const MAX_PAGES: usize = 5;

impl Jobs {
    /// Returns the page at a locator, altered by a fault if there is one.
    pub(crate) fn results(
        &self,
        table: &Table,
        from: Option<&str>,
        most: Option<&str>,
        fault: Option<&Answer>,
    ) -> Result<Reply, Refusal> {
        let start = start(table, from)?;
        let end = start.saturating_add(self.size(most)?).min(table.rows());
        let claimed = match fault {
            Some(Answer::DropResultRows) => (end - start).saturating_sub(1),
            _ => end - start,
        };
        let given = match fault {
            Some(Answer::DropCsvRow) => claimed.saturating_sub(1),
            _ => claimed,
        };
        let next = if end < table.rows() { locator(end) } else { "null".into() };
        let reply = Reply::new(200, CSV, table.write(start..start + given));
        Ok(reply.header("Sforce-NumberOfRecords", claimed.to_string()).header("Sforce-Locator", next))
    }

    /// Returns the URLs of some pages, which can be read in any order. A job without rows has one page as well.
    pub(crate) fn result_pages(&self, job: &QueryJob, from: Option<&str>) -> Result<Reply, Refusal> {
        let table = job.table()?;
        let start = start(&table, from)?;
        let form = self.result_pages;
        let root = if form == ResultPages::Chunks { String::new() } else { format!("/services/data/v{}", job.version) };
        let url = |resource, offset| format!("{root}/jobs/query/{}/{resource}?locator={}", job.id, locator(offset));
        let offsets: Vec<usize> = (start..table.rows().max(start + 1)).step_by(self.page_size).collect();
        let (pages, rest) = offsets.split_at(MAX_PAGES.min(offsets.len()));
        let (list, page, following) = match form {
            ResultPages::Table => ("resultPages", "resultUrl", "nextRecordUrl"),
            ResultPages::Example => ("resultPages", "resultUrl", "nextRecordsUrl"),
            ResultPages::Chunks => ("resultChunks", "resultLink", "nextRecordsUrl"),
            ResultPages::Other => ("pages", "url", "next"),
        };
        let pages: Vec<Value> = pages.iter().map(|offset| json!({page: url("results", *offset)})).collect();
        let mut body = json!({list: pages, "done": rest.is_empty()});
        match rest.first() {
            Some(next) => body[following] = json!(url("resultPages", *next)),
            None if form == ResultPages::Chunks => body[following] = Value::Null,
            None => {}
        }
        Ok(Reply::json(200, &body))
    }

    fn size(&self, most: Option<&str>) -> Result<usize, Refusal> {
        let Some(most) = most else {
            return Ok(self.page_size);
        };
        let wrong = || Refusal::new(400, "API_ERROR", format!("maxRecords must be a positive number: {most}"));
        most.parse().ok().filter(|most| *most > 0).ok_or_else(wrong)
    }
}

fn start(table: &Table, from: Option<&str>) -> Result<usize, Refusal> {
    let Some(from) = from else {
        return Ok(0);
    };
    let unknown = || Refusal::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    offset(from).filter(|offset| *offset <= table.rows()).ok_or_else(unknown)
}
