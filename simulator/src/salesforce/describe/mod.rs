//! What an object is: its fields with their types, as far as its records tell.

use super::error::Refusal;
use super::kind::Kind;
use super::org::{Object, Org};
use super::relations::reference;
use super::world::World;
use crate::http::reply::Reply;
use crate::lock;
use serde_json::{json, Value};

/// The object of queues.
const QUEUE: &str = "Group";

impl World {
    pub(crate) fn describe(&self, object: &str) -> Result<Reply, Refusal> {
        let org = lock(&self.org).clone();
        let (name, object) = org.object(object).ok_or_else(Refusal::not_found)?;
        let fields: Vec<Value> = object.all_fields().map(|field| describe(&org, name, object, field)).collect();
        Ok(Reply::json(200, &json!({"name": name, "fields": fields})))
    }
}

fn describe(org: &Org, name: &str, object: &Object, field: &str) -> Value {
    let reference = reference(org, name, object, field);
    let kind = match object.kind(field) {
        _ if field == "Id" => "id",
        _ if reference.is_some() => "reference",
        Some(Kind::Boolean) => "boolean",
        Some(Kind::Int) => "int",
        Some(Kind::Double) => "double",
        Some(Kind::Date) => "date",
        Some(Kind::DateTime) => "datetime",
        Some(Kind::Text | Kind::Compound) | None => "string",
    };
    let (relation, target) = reference.unzip();
    // An owner is a user or a queue, and the queue comes first.
    let queue = (relation.as_deref() == Some("Owner") && org.object(QUEUE).is_some()).then(|| QUEUE.to_owned());
    let targets: Vec<String> = queue.into_iter().chain(target).collect();
    json!({"name": field, "type": kind, "relationshipName": relation, "referenceTo": targets})
}
