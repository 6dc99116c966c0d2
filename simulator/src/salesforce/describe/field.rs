//! Describes a field.

use super::constant;
use crate::salesforce::fields::{DELETED, MASTER, STAMP};
use crate::salesforce::kind::Kind;
use crate::salesforce::label::label;
use crate::salesforce::org::{Object, Org};
use crate::salesforce::relations::reference;
use crate::salesforce::required::required;
use serde_json::{json, Value};
use std::collections::HashSet;

/// The object of queues.
const QUEUE: &str = "Group";
/// The fields of standard objects that are picklists, declared or not.
const PICKLISTS: [&str; 6] = ["Industry", "LeadSource", "Rating", "Salutation", "Status", "Type"];
/// The fields that only Salesforce writes.
const KEPT: [&str; 8] =
    ["Id", DELETED, MASTER, STAMP, "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate"];

/// The members with the same value for every field.
const TRUE: [&str; 2] = ["aggregatable", "filterable"];
const FALSE: [&str; 16] = [
    "aiPredictionField",
    "autoNumber",
    "calculated",
    "cascadeDelete",
    "caseSensitive",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "encrypted",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
    "queryByDistance",
    "restrictedDelete",
    "restrictedPicklist",
    "writeRequiresMasterRead",
];
const NULL: [&str; 12] = [
    "calculatedFormula",
    "compoundFieldName",
    "controllerName",
    "defaultValue",
    "defaultValueFormula",
    "extraTypeInfo",
    "filteredLookupInfo",
    "inlineHelpText",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
];

/// A type: its name, its name in SOAP, and the maximum length of a text.
struct Type(&'static str, &'static str, u32);

pub(super) fn describe(org: &Org, name: &str, object: &Object, field: &str) -> Value {
    let reference = reference(org, name, object, field);
    let values = picklist(name, object, field);
    let Type(kind, soap, length) = match object.kind(field) {
        _ if field == "Id" => Type("id", "tns:ID", 18),
        _ if reference.is_some() => Type("reference", "tns:ID", 18),
        _ if values.is_some() => Type("picklist", "xsd:string", 255),
        Some(Kind::Boolean) => Type("boolean", "xsd:boolean", 0),
        Some(Kind::Int) => Type("int", "xsd:int", 0),
        Some(Kind::Double) => Type("double", "xsd:double", 0),
        Some(Kind::Date) => Type("date", "xsd:date", 0),
        Some(Kind::DateTime) => Type("datetime", "xsd:dateTime", 0),
        Some(Kind::Text | Kind::Compound) | None => Type("string", "xsd:string", 255),
    };
    let (relation, target) = reference.unzip();
    // An owner is a user or a queue, and the queue comes first.
    let queue = (relation.as_deref() == Some("Owner") && org.object(QUEUE).is_some()).then(|| QUEUE.to_owned());
    let targets: Vec<String> = queue.into_iter().chain(target).collect();
    let polymorphic = targets.len() > 1;
    let writable = !KEPT.contains(&field);
    let needed = required(name, object).iter().any(|needed| needed.eq_ignore_ascii_case(field));
    let external = object.external_ids.is_some() && object.is_external_id(field);
    // The maximum of bytes assumes three per character in UTF-8, except in ids.
    let bytes = if soap == "tns:ID" { length } else { length * 3 };
    let members = [
        ("byteLength", bytes.into()),
        ("createable", writable.into()),
        ("custom", field.ends_with("__c").into()),
        ("defaultedOnCreate", (!writable || kind == "boolean").into()),
        ("digits", (if kind == "int" { 8 } else { 0 }).into()),
        ("externalId", external.into()),
        ("groupable", (!["double", "datetime"].contains(&kind)).into()),
        ("idLookup", (field == "Id" || external).into()),
        ("label", label_of(name, field).into()),
        ("length", length.into()),
        ("name", field.into()),
        ("nameField", (field == "Name").into()),
        ("namePointing", polymorphic.into()),
        ("nillable", (field != "Id" && kind != "boolean" && !needed).into()),
        ("permissionable", (writable && !needed).into()),
        ("picklistValues", values.unwrap_or_default().into()),
        ("polymorphicForeignKey", polymorphic.into()),
        ("precision", (if kind == "double" { 18 } else { 0 }).into()),
        ("referenceTo", json!(targets)),
        ("relationshipName", json!(relation)),
        ("scale", 0.into()),
        ("soapType", soap.into()),
        ("sortable", true.into()),
        ("type", kind.into()),
        ("unique", object.is_unique(field).into()),
        ("updateable", writable.into()),
    ];
    let mut description = constant(&TRUE, &FALSE, &NULL);
    description.extend(members.into_iter().map(|(member, value): (&str, Value)| (member.to_owned(), value)));
    description.sort_keys();
    description.into()
}

fn label_of(name: &str, field: &str) -> String {
    match field {
        "Id" => format!("{} ID", label(name)),
        DELETED => "Deleted".into(),
        STAMP => "System Modstamp".into(),
        _ => label(field),
    }
}

/// Returns the values of a picklist: the declared ones, or else those of the records, in their order.
fn picklist(name: &str, object: &Object, field: &str) -> Option<Vec<Value>> {
    let entry =
        |value: &str| json!({"active": true, "defaultValue": false, "label": value, "validFor": null, "value": value});
    let same = |(own, _): &(&String, &Vec<String>)| own.eq_ignore_ascii_case(field);
    if let Some((_, values)) = object.picklists.iter().find(same) {
        return Some(values.iter().map(|value| entry(value)).collect());
    }
    let text = matches!(object.kind(field), None | Some(Kind::Text));
    if name.ends_with("__c") || !PICKLISTS.contains(&field) || !text {
        return None;
    }
    let mut seen = HashSet::new();
    let values = object.records.iter().filter_map(|record| record.get(field)?.as_str());
    Some(values.filter(|value| !value.is_empty() && seen.insert(*value)).map(entry).collect())
}
