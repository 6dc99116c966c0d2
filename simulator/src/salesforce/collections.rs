//! Collections: lists of records that are written in one call, each with its own result.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm>

use super::error::Refusal;
use super::id;
use super::keys::text;
use super::org::Org;
use super::records::{check_size, known, parsed};
use super::required::value;
use super::world::World;
use super::writer::Writer;
use super::Record;
use crate::http::reply::Reply;
use crate::lock;
use serde::Deserialize;
use serde_json::{json, Value};
use std::collections::HashMap;

/// The maximum number of records per call, and of runs of records of one object. The reference does not say with which
/// error a call with more runs is refused.
pub(crate) const MAX_RECORDS: usize = 200;
const MAX_RUNS: usize = 10;

/// The ways to write a list.
#[derive(Clone, PartialEq)]
pub(crate) enum Operation {
    Create,
    Update,
    /// Updates or creates, by a field that is an external id.
    Upsert {
        object: String,
        by: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default)]
    all_or_none: bool,
    records: Vec<Record>,
}

/// The refusal that a fault has planned for the first `count` records.
#[derive(Clone)]
pub(crate) struct Planned {
    pub(crate) count: usize,
    pub(crate) refusal: Refusal,
}

/// A record that was written, and whether it is new.
#[derive(Clone)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) created: bool,
}

impl Operation {
    pub(crate) fn by(&self) -> Option<&str> {
        match self {
            Operation::Upsert { by, .. } => Some(by),
            _ => None,
        }
    }
}

impl World {
    /// Writes each record independently, or all or none of them.
    pub(crate) fn write_many(
        &self,
        operation: &Operation,
        body: &[u8],
        planned: Option<Planned>,
    ) -> Result<Reply, Refusal> {
        let list: List = parsed(body)?;
        check_size(list.records.len(), MAX_RECORDS)?;
        check_runs(&list.records)?;
        let mut org = lock(&self.org);
        check_external(&org, operation)?;
        let before = list.all_or_none.then(|| org.clone());
        let mut random = lock(&self.random);
        let mut writer = Writer::new(&mut org, &mut random, operation.by(), self.clock.now());
        let results = each(&mut writer, operation, list.records, planned.as_ref());
        let refused = results.iter().any(Result::is_err);
        let rolled_back = before.filter(|_| refused).map(|before| *org = before).is_some();
        let result = |result: &Result<Written, Refusal>| match result {
            Ok(_) if rolled_back => refused_as(operation, &not_valid()),
            Ok(written) => written_as(operation, written),
            Err(refusal) => refused_as(operation, refusal),
        };
        Ok(Reply::json(200, &results.iter().map(result).collect()))
    }
}

/// Writes records independently of each other.
pub(crate) fn each(
    writer: &mut Writer<'_>,
    operation: &Operation,
    records: Vec<Record>,
    planned: Option<&Planned>,
) -> Vec<Result<Written, Refusal>> {
    let twice = twice(operation, &records);
    let planned = |place: usize| planned.filter(|planned| place < planned.count);
    let one = |(place, record): (usize, Record)| {
        let key = key(operation, &record);
        match (planned(place), key.filter(|key| twice[key])) {
            (Some(planned), _) => Err(planned.refusal.clone()),
            (None, Some(_)) => Err(comes_twice(operation, &record)),
            (None, None) => write(writer, operation, record),
        }
    };
    records.into_iter().enumerate().map(one).collect()
}

fn write(writer: &mut Writer<'_>, operation: &Operation, mut record: Record) -> Result<Written, Refusal> {
    let object = object_of(&record).to_owned();
    let own = id_of(&record).to_owned();
    record.shift_remove("attributes");
    match operation {
        Operation::Update => {
            record.retain(|name, _| !name.eq_ignore_ascii_case("id"));
            writer.change(&object, &own, record).map(|()| Written { id: own, created: false })
        }
        _ if !own.is_empty() => {
            Err(Refusal::new(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call"))
        }
        Operation::Create => writer.create(&object, record).map(|id| Written { id, created: true }),
        Operation::Upsert { object, by } => upsert(writer, object, by, record),
    }
}

/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_upsert.htm>
fn upsert(writer: &mut Writer<'_>, object: &str, by: &str, record: Record) -> Result<Written, Refusal> {
    let wanted = value(&record, by).filter(|value| text(value).is_some());
    let wanted = wanted.ok_or_else(|| Refusal::new(400, "MISSING_ARGUMENT", format!("{by} not specified")))?;
    match writer.find(object, wanted)?.as_slice() {
        [] => writer.create(object, record).map(|id| Written { id, created: true }),
        [id] => writer.change(object, id, record).map(|()| Written { id: id.clone(), created: false }),
        ids => {
            let message = format!("{by}: more than one record found for external id field: [{}]", ids.join(", "));
            Err(Refusal { fields: vec![by.to_owned()], ..Refusal::new(400, "DUPLICATE_EXTERNAL_ID", message) })
        }
    }
}

/// Refuses an upsert by a field that is not an external id.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm>
fn check_external(org: &Org, operation: &Operation) -> Result<(), Refusal> {
    let Operation::Upsert { object, by } = operation else { return Ok(()) };
    let (_, home) = known(org, object)?;
    match home.is_external_id(by) {
        true => Ok(()),
        false => Err(Refusal::not_found()),
    }
}

/// Returns for each key whether it occurs more than once. It would be unclear which of its records is meant.
fn twice(operation: &Operation, records: &[Record]) -> HashMap<String, bool> {
    let mut twice = HashMap::new();
    for key in records.iter().filter_map(|record| key(operation, record)) {
        twice.entry(key).and_modify(|twice| *twice = true).or_insert(false);
    }
    twice
}

/// Returns the key by which a record is found.
fn key(operation: &Operation, record: &Record) -> Option<String> {
    match operation {
        Operation::Create => None,
        Operation::Update => Some(id::core(id_of(record)).to_owned()),
        Operation::Upsert { by, .. } => value(record, by).and_then(text),
    }
}

/// Refuses a record whose key occurs more than once. The message for an id is from
/// <https://help.salesforce.com/s/articleView?id=000384876&type=1>; the code is that for an external id.
fn comes_twice(operation: &Operation, record: &Record) -> Refusal {
    let (what, value, fields) = match operation {
        Operation::Upsert { by, .. } => ("external id", value(record, by), vec![by.clone()]),
        _ => ("id", record.get("id").or_else(|| record.get("Id")), vec![]),
    };
    let value = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default();
    Refusal { fields, ..Refusal::new(400, "DUPLICATE_VALUE", format!("Duplicate {what} specified: {value}")) }
}

fn check_runs(records: &[Record]) -> Result<(), Refusal> {
    let changes = records.windows(2).filter(|pair| !object_of(&pair[0]).eq_ignore_ascii_case(object_of(&pair[1])));
    match changes.count() < MAX_RUNS {
        true => Ok(()),
        false => Err(Refusal::new(400, "LIMIT_EXCEEDED", format!("cannot submit more than {MAX_RUNS} chunks"))),
    }
}

/// Returns the result of a written record. Only an upsert says whether the record is new.
fn written_as(operation: &Operation, written: &Written) -> Value {
    match operation {
        Operation::Upsert { .. } => {
            json!({"id": written.id, "success": true, "errors": [], "created": written.created})
        }
        _ => json!({"id": written.id, "success": true, "errors": []}),
    }
}

fn refused_as(operation: &Operation, refusal: &Refusal) -> Value {
    let mut result = refusal.result();
    if matches!(operation, Operation::Upsert { .. }) {
        result["created"] = false.into();
    }
    result
}

fn object_of(record: &Record) -> &str {
    record.get("attributes").and_then(|attributes| attributes["type"].as_str()).unwrap_or_default()
}

fn id_of(record: &Record) -> &str {
    record.get("id").or_else(|| record.get("Id")).and_then(Value::as_str).unwrap_or_default()
}

fn not_valid() -> Refusal {
    let message = "Record rolled back because not all records were valid and the request was using AllOrNone header";
    Refusal::new(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", message)
}
