//! Describes objects: their fields with the types that the records show, and the members that every description has.

mod field;

use super::error::Refusal;
use super::id::prefix;
use super::label::{label, plural};
use super::org::Org;
use super::relations::{children, ChildRelation};
use super::world::World;
use super::Record;
use crate::http::reply::Reply;
use crate::lock;
use serde_json::{json, Value};

/// The members with the same value for every object that a client can read and write.
const TRUE: [&str; 14] = [
    "compactLayoutable",
    "createable",
    "deletable",
    "layoutable",
    "mruEnabled",
    "queryable",
    "replicateable",
    "retrieveable",
    "searchLayoutable",
    "searchable",
    "triggerable",
    "undeletable",
    "updateable",
    "feedEnabled",
];
const FALSE: [&str; 7] = [
    "activateable",
    "customSetting",
    "deepCloneable",
    "deprecatedAndHidden",
    "hasSubtypes",
    "isInterface",
    "isSubtype",
];
const NULL: [&str; 10] = [
    "associateEntityType",
    "associateParentEntity",
    "defaultImplementation",
    "extendedBy",
    "extendsInterfaces",
    "implementedBy",
    "implementsInterfaces",
    "listviewable",
    "lookupLayoutable",
    "networkScopeFieldName",
];
/// The objects whose records can be merged.
const MERGEABLE: [&str; 4] = ["Account", "Case", "Contact", "Lead"];

impl World {
    /// Returns the list of all objects, with the members that clients here need.
    pub(crate) fn objects(&self, version: &str) -> Reply {
        let org = lock(&self.org).clone();
        let object = |(name, _): (&str, _)| {
            let mut object = names(name);
            object.insert("urls".into(), urls(version, name));
            Value::from(object)
        };
        let objects: Vec<Value> = org.objects().map(object).collect();
        Reply::json(200, &json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}))
    }

    pub(crate) fn describe(&self, version: &str, object: &str) -> Result<Reply, Refusal> {
        let org = lock(&self.org).clone();
        let (name, object) = org.object(object).ok_or_else(Refusal::not_found)?;
        let fields: Vec<Value> = object.all_fields().map(|field| field::describe(&org, name, object, field)).collect();
        let mut description = constant(&TRUE, &FALSE, &NULL);
        description.extend(names(name));
        description.extend(lists(name));
        description.insert("childRelationships".into(), relations(&org, name));
        description.insert("fields".into(), fields.into());
        description.insert("mergeable".into(), MERGEABLE.contains(&name).into());
        description.insert("urls".into(), urls(version, name));
        description.sort_keys();
        Ok(Reply::json(200, &description.into()))
    }
}

/// Returns members with constant values.
fn constant(yes: &[&str], no: &[&str], null: &[&str]) -> Record {
    let all = |names: &[&str], value: Value| -> Record {
        names.iter().map(|name| ((*name).to_owned(), value.clone())).collect()
    };
    let mut members = all(yes, true.into());
    members.extend(all(no, false.into()));
    members.extend(all(null, Value::Null));
    members
}

fn names(name: &str) -> Record {
    let label = label(name);
    let members = [
        ("custom", name.ends_with("__c").into()),
        ("keyPrefix", prefix(name).into()),
        ("labelPlural", plural(&label).into()),
        ("label", label.into()),
        ("name", name.into()),
        ("sobjectDescribeOption", "FULL".into()),
    ];
    members.into_iter().map(|(member, value): (&str, Value)| (member.to_owned(), value)).collect()
}

/// Returns the lists with the minimum that a real org shows: the master record type, and the scope of all records.
fn lists(name: &str) -> Record {
    let master = json!({"active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master",
        "master": true, "name": "Master", "recordTypeId": "012000000000000AAA", "urls": {}});
    let all = json!({"label": format!("All {}", plural(&label(name)).to_lowercase()), "name": "everything"});
    let members = [
        ("actionOverrides", json!([])),
        ("namedLayoutInfos", json!([])),
        ("recordTypeInfos", json!([master])),
        ("supportedScopes", json!([all])),
    ];
    members.into_iter().map(|(member, value)| (member.to_owned(), value)).collect()
}

fn relations(org: &Org, name: &str) -> Value {
    let one = |ChildRelation { object, field, name }| {
        json!({"cascadeDelete": false, "childSObject": object, "deprecatedAndHidden": false, "field": field,
            "junctionIdListNames": [], "junctionReferenceTo": [], "relationshipName": name, "restrictedDelete": false})
    };
    children(org, name).into_iter().map(one).collect()
}

fn urls(version: &str, name: &str) -> Value {
    let base = format!("/services/data/v{version}/sobjects/{name}");
    json!({"sobject": base, "describe": format!("{base}/describe"), "rowTemplate": format!("{base}/{{ID}}")})
}
