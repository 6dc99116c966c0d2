//! Writes to Salesforce: reads operations and rows from Ruby, and returns the outcome of each row.

use crm_sync::rows::Id;
use crm_sync::salesforce::{ingest, write, Client, Operation, Outcome, Row};
use magnus::value::ReprValue;
use magnus::{Error, RArray, Ruby, Value};

use crate::host::Host;
use crate::options::Given;
use crate::process;
use crate::salesforce::Salesforce;
use crate::structs::WRITTEN;
use crate::{convert, errors};

impl Salesforce {
    /// Writes `rows`, 200 in each request, and returns an Array with a Struct `Written` for each row.
    ///
    /// `operation` is the Symbol `:create`, `:update` or `:upsert`; `by` is the field by which an upsert finds records.
    /// A row is a String with the fields as JSON; for an update, it is a pair of the record's id and such a String.
    pub(crate) fn write(
        ruby: &Ruby,
        salesforce: &Self,
        object: String,
        operation: Value,
        by: String,
        rows: Value,
        host: Host,
    ) -> Result<RArray, Error> {
        let (operation, rows) = given(operation, by, rows)?;
        let work = |client: Client| async move {
            prepare(&client, &rows).await?;
            Ok(write(&client, &object, operation, rows).await)
        };
        results(ruby, salesforce.run(ruby, host, work)?)
    }

    /// Writes `rows` as [`Self::write`] does, but by jobs of the Bulk API. After a failure, waits until Salesforce has
    /// deleted the jobs.
    pub(crate) fn ingest(
        ruby: &Ruby,
        salesforce: &Self,
        object: String,
        operation: Value,
        by: String,
        rows: Value,
        host: Host,
    ) -> Result<RArray, Error> {
        let (operation, rows) = given(operation, by, rows)?;
        let workers = process::engine().map_err(|error| errors::raise(ruby, error))?.workers();
        let work = |client: Client| async move {
            prepare(&client, &rows).await?;
            Ok(ingest(&client, &workers, &object, operation, rows).await)
        };
        let written = salesforce.run(ruby, host, work);
        if written.is_err() {
            salesforce.clean_up(ruby, host)?;
        }
        results(ruby, written?)
    }
}

/// Opens a session if there is none yet and something to send. If that fails, nothing was sent, and there are no outcomes
/// to tell of.
async fn prepare(client: &Client, rows: &[Row]) -> crm_sync::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    client.prepare().await
}

/// Creates an operation. Only an upsert uses the argument, a field.
type MakeOperation = fn(String) -> Operation;

const OPERATIONS: [(&str, MakeOperation); 3] =
    [("create", |_| Operation::Create), ("update", |_| Operation::Update), ("upsert", |by| Operation::Upsert { by })];

/// Reads an operation, and the rows in the form that the operation takes.
fn given(operation: Value, by: String, rows: Value) -> Result<(Operation, Vec<Row>), Error> {
    let operation = Given::argument("operation", operation).chosen(&OPERATIONS)?(by);
    let row = if operation == Operation::Update { update } else { keyless };
    let rows = Given::argument("rows", rows).each(row)?;
    Ok((operation, rows))
}

/// Reads the row of an update: a pair of an id and the fields as JSON.
fn update(row: Given) -> Result<Row, Error> {
    let (record, fields) = row.pair()?;
    let id = Id::parse(&record.to::<String>()?).ok_or_else(|| row.refuse("has an id that is not Salesforce's"))?;
    Ok(Row { id: Some(id), ..keyless(fields)? })
}

/// Reads a row without an id: the fields as JSON.
fn keyless(fields: Given) -> Result<Row, Error> {
    let json: String = fields.to()?;
    Ok(Row { id: None, fields: serde_json::from_str(&json).map_err(|_| fields.refuse("is not JSON"))? })
}

/// Returns the exception for a row that is not known to be written, or nil.
fn error(ruby: &Ruby, outcome: &Outcome) -> Result<Value, Error> {
    outcome.error().map_or_else(|| Ok(ruby.qnil().as_value()), |error| errors::value(ruby, error))
}

fn results(ruby: &Ruby, outcomes: Vec<Outcome>) -> Result<RArray, Error> {
    convert::array(ruby, outcomes, |outcome| written(ruby, &outcome))
}

/// Returns the outcome of a row as a Struct `Written`.
fn written(ruby: &Ruby, outcome: &Outcome) -> Result<Value, Error> {
    let (status, id) = match outcome {
        Outcome::Created(id) => ("created", Some(id)),
        Outcome::Updated(id) => ("updated", Some(id)),
        Outcome::Saved(id) => ("saved", Some(id)),
        Outcome::Refused(_) => ("refused", None),
        Outcome::Unknown(_) => ("unknown", None),
        Outcome::NotTried(_) => ("not_tried", None),
    };
    let status = ruby.to_symbol(status).as_value();
    let id = ruby.into_value(id.map(Id::as_str));
    WRITTEN.make(ruby, [("status", status), ("id", id), ("error", error(ruby, outcome)?)])
}
