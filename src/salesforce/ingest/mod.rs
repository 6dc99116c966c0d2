//! Bulk API 2.0 ingest jobs, which write large amounts of rows in a few requests. Each row gets its own outcome.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_0_ingest.htm>

mod batch;
mod ends;
mod job;
mod join;
mod results;
mod run;
mod sort;
mod table;

use std::sync::Arc;

use tokio::time::Instant;

use self::batch::Batch;
use self::ends::Ends;
use self::run::Run;
use self::sort::{sort, Names};
use self::table::Table;
use super::client::Client;
use super::collection::{Operation, Row};
use super::describe::describe;
use super::write::{write_some, Actions, Numbered, Outcome};
use crate::engine::Workers;

/// Writes rows of an object with one job after another, and returns an outcome for each row, in order. No id, and no
/// value of the upsert field, may occur twice.
///
/// A field that the object does not have makes a job fail before its first row. In that case the rows with such a field
/// are found by the org's description of the object and refused, and another job writes the others. Rows that CSV
/// cannot hold, and rows that a job refuses for a reason that may be temporary, are written in calls of 200. The same
/// applies to rows about which a duplicate rule only warns, if duplicates are allowed: a job has no option for that.
///
/// Nothing is written twice. A job writes nothing before it is closed, so until then a lost response costs only another
/// job. From then on its state is polled. A job whose state cannot be read is aborted; if its state is still not known
/// then, so are the outcomes of its rows.
///
/// All rows together have the deadline of one query.
pub async fn ingest(
    client: &Client,
    workers: &Workers,
    object: &str,
    operation: Operation,
    rows: Vec<Row>,
) -> Vec<Outcome> {
    let until = Instant::now() + client.org.http.limits().deadline;
    let actions = Arc::new(Actions::new(object, &operation, &rows));
    let run = Run { client, workers, object, operation: operation.clone(), actions: Arc::clone(&actions), until };
    let Ends { mut outcomes, again } = write(&run, rows.into_iter().enumerate().collect()).await;
    if !again.is_empty() {
        outcomes.extend(write_some(client, object, operation, again, actions, until).await);
    }
    outcomes.sort_unstable_by_key(|(number, _)| *number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Writes rows. If a job fails before its first row, the rows are written again without those that have an unknown
/// field.
async fn write(run: &Run<'_>, rows: Vec<Numbered>) -> Ends {
    let (mut ends, left) = by_jobs(run, rows, None).await;
    if left.is_empty() {
        return ends;
    }
    match describe(run.client, run.object).await {
        Ok(fields) => {
            let names = fields.into_iter().map(|field| field.name.to_ascii_lowercase()).collect();
            ends.append(by_jobs(run, left, Some(names)).await.0);
        }
        Err(error) => ends.append(Ends::all(&left, |_| Outcome::Refused(error.clone()))),
    }
    ends
}

/// Writes rows with jobs. If a job fails before its first row, and the fields of the rows were not checked yet, returns
/// its rows and all later ones.
async fn by_jobs(run: &Run<'_>, rows: Vec<Numbered>, known: Option<Names>) -> (Ends, Vec<Numbered>) {
    let is_last = known.is_some();
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    let (table, object, actions) = (Table::new(&run.operation), run.object.to_owned(), Arc::clone(&run.actions));
    let sorting = run.workers.run(move || sort(table, rows, &object, known.as_ref(), &actions)).await;
    match sorting {
        Ok(sorted) => {
            let batch = Batch { run, table: Arc::new(sorted.table), rows: sorted.rows, is_last };
            let mut ends = sorted.ends;
            let left = batch.write(&mut ends).await;
            (ends, left)
        }
        Err(error) => {
            let refused = numbers.into_iter().map(|number| (number, Outcome::Refused(error.clone())));
            (Ends { outcomes: refused.collect(), again: vec![] }, vec![])
        }
    }
}
