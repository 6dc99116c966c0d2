//! Lists of records that are written in one call, each with a result of its own.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm>

use super::error::Refusal;
use super::id;
use super::org::Org;
use super::records::{check_fields, check_size, known, parsed, stamp, success};
use super::required::check_change;
use super::world::World;
use super::Record;
use crate::http::reply::Reply;
use crate::lock;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

/// The most records per call, and the most runs of records of one object among them. The reference does not say with which
/// error a call of more runs is refused.
const MAX_RECORDS: usize = 200;
const MAX_RUNS: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    #[serde(default)]
    all_or_none: bool,
    records: Vec<Record>,
}

/// The refusal that a fault has planned for so many of the first records.
#[derive(Clone)]
pub(crate) struct Planned {
    pub(crate) count: usize,
    pub(crate) refusal: Refusal,
}

impl World {
    /// Updates each record for itself, or all or none of them.
    /// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_update.htm>
    pub(crate) fn update_many(&self, body: &[u8], planned: Option<Planned>) -> Result<Reply, Refusal> {
        let changes: Changes = parsed(body)?;
        check_size(changes.records.len(), MAX_RECORDS)?;
        check_runs(&changes.records)?;
        let twice = twice(&changes.records);
        let mut org = lock(&self.org);
        let before = changes.all_or_none.then(|| org.clone());
        let planned = |place: usize| planned.as_ref().filter(|planned| place < planned.count);
        let update = |(place, record): (usize, Record)| {
            let id = id_of(&record).to_owned();
            let result = match planned(place) {
                Some(planned) => Err(planned.refusal.clone()),
                None if twice[id::core(&id)] => Err(Refusal::twice(&id)),
                None => change(&mut org, &id, record),
            };
            (id, result)
        };
        let results: Vec<(String, Result<(), Refusal>)> = changes.records.into_iter().enumerate().map(update).collect();
        let refused = results.iter().any(|(_, result)| result.is_err());
        let rolled_back = before.filter(|_| refused).map(|before| *org = before).is_some();
        let result = |(id, result): &(String, Result<(), Refusal>)| match result {
            Err(refusal) => refusal.result(),
            Ok(()) if rolled_back => not_valid().result(),
            Ok(()) => success(id),
        };
        Ok(Reply::json(200, &results.iter().map(result).collect()))
    }
}

fn change(org: &mut Org, id: &str, mut record: Record) -> Result<(), Refusal> {
    let object = object_of(&record).to_owned();
    record.retain(|name, _| name != "attributes" && !name.eq_ignore_ascii_case("id"));
    let (object, home) = known(org, &object)?;
    check_fields(object, home, &record)?;
    check_change(object, home, &record)?;
    stamp(home, &mut record);
    let object = object.to_owned();
    match org.object_mut(&object).change(id, &record) {
        true => Ok(()),
        false => Err(Refusal::new(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")),
    }
}

/// Returns for each id whether it comes more than once. Nobody knows which of its records is meant.
fn twice(records: &[Record]) -> HashMap<String, bool> {
    let mut twice = HashMap::new();
    for record in records {
        twice.entry(id::core(id_of(record)).to_owned()).and_modify(|twice| *twice = true).or_insert(false);
    }
    twice
}

fn check_runs(records: &[Record]) -> Result<(), Refusal> {
    let changes = records.windows(2).filter(|pair| !object_of(&pair[0]).eq_ignore_ascii_case(object_of(&pair[1])));
    match changes.count() < MAX_RUNS {
        true => Ok(()),
        false => Err(Refusal::new(400, "LIMIT_EXCEEDED", format!("cannot submit more than {MAX_RUNS} chunks"))),
    }
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
