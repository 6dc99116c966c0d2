//! Reads and changes records by their ids.

use super::error::Refusal;
use super::org::{Object, Org};
use super::path::Path;
use super::plan::Column;
use super::shape::{Place, Shape};
use super::world::World;
use super::writer::Writer;
use super::Record;
use crate::http::reply::{Reply, JSON};
use crate::lock;
use serde::de::DeserializeOwned;
use serde::Deserialize;
use serde_json::json;

/// The maximum number of records per call.
const MAX_RETRIEVED: usize = 2000;

#[derive(Deserialize)]
struct Wanted {
    ids: Vec<String>,
    fields: Vec<String>,
}

impl World {
    pub(crate) fn read(&self, version: &str, object: &str, id: &str, fields: Option<&str>) -> Result<Reply, Refusal> {
        let org = lock(&self.org).clone();
        let (object, home) = known(&org, object)?;
        let record = home.get(id).ok_or_else(Refusal::not_found)?;
        if home.is_deleted(id) {
            return Err(Refusal::deleted());
        }
        let names: Vec<String> = match (fields, &home.fields) {
            (Some(fields), _) => fields.split(',').map(|name| name.trim().to_owned()).collect(),
            (None, Some(declared)) => declared.clone(),
            (None, None) => record.keys().filter(|key| *key != "attributes").cloned().collect(),
        };
        let shape = shape(&org, object, &names)?;
        let mut body = Vec::new();
        shape.write(&mut body, &Place { org: &org, version }, object, record);
        Ok(Reply::new(200, JSON, body))
    }

    pub(crate) fn retrieve(&self, version: &str, object: &str, body: &[u8]) -> Result<Reply, Refusal> {
        let wanted: Wanted = parsed(body)?;
        check_size(wanted.ids.len(), MAX_RETRIEVED)?;
        let org = lock(&self.org).clone();
        let (object, home) = known(&org, object)?;
        let shape = shape(&org, object, &wanted.fields)?;
        let place = Place { org: &org, version };
        let mut out = vec![b'['];
        for (number, id) in wanted.ids.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            match home.get(id).filter(|_| !home.is_deleted(id)) {
                Some(record) => shape.write(&mut out, &place, object, record),
                None => out.extend_from_slice(b"null"),
            }
        }
        out.push(b']');
        Ok(Reply::new(200, JSON, out))
    }

    pub(crate) fn create(&self, object: &str, body: &[u8]) -> Result<Reply, Refusal> {
        let mut record: Record = parsed(body)?;
        record.shift_remove("attributes");
        let (mut org, mut random) = (lock(&self.org), lock(&self.random));
        let id = Writer::new(&mut org, &mut random, None, self.clock.now()).create(object, record)?;
        Ok(Reply::json(201, &json!({"id": id, "success": true, "errors": []})))
    }

    pub(crate) fn update(&self, object: &str, id: &str, body: &[u8]) -> Result<Reply, Refusal> {
        let mut changes: Record = parsed(body)?;
        changes.shift_remove("attributes");
        let (mut org, mut random) = (lock(&self.org), lock(&self.random));
        known(&org, object)?.1.get(id).ok_or_else(Refusal::not_found)?;
        Writer::new(&mut org, &mut random, None, self.clock.now()).change(object, id, changes)?;
        Ok(Reply::new(204, "", ""))
    }
}

pub(crate) fn known<'a>(org: &'a Org, object: &str) -> Result<(&'a str, &'a Object), Refusal> {
    org.object(object).ok_or_else(Refusal::not_found)
}

/// Returns the shape for the named fields and the id, which is always included.
fn shape(org: &Org, object: &str, names: &[String]) -> Result<Shape, Refusal> {
    let has_id = names.iter().any(|name| name.eq_ignore_ascii_case("Id"));
    let id = (!has_id).then(|| "Id".to_owned());
    let path = |name: &String| Path::new(org, object, name);
    let paths: Result<Vec<Path>, String> = names.iter().chain(&id).map(path).collect();
    let paths = paths.map_err(|what| Refusal::new(400, "INVALID_FIELD", what))?;
    Ok(Shape::new(paths.into_iter().map(Column::Field).collect()))
}

pub(crate) fn check_size(size: usize, most: usize) -> Result<(), Refusal> {
    if size <= most {
        return Ok(());
    }
    let message = format!("record limit reached. cannot submit more than {most} records into this call");
    Err(Refusal::new(400, "EXCEEDED_ID_LIMIT", message))
}

pub(crate) fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::new(400, "JSON_PARSER_ERROR", error.to_string()))
}
