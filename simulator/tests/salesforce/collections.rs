//! Collections of new records, and upserts of records by an external id.

use crate::support::{org, Org, DATA};
use serde_json::{json, Value};

const ID: &str = "0034C00000VaYfKQAV";
const OTHER: &str = "0034C00000VaYfLQAV";

/// Returns an org with two contacts that share a key, and one with another key.
async fn keyed(unique: Value) -> Org {
    let contacts = json!([{"Id": ID, "Key__c": "A"}, {"Id": OTHER, "Key__c": "b"}, {"Id": "003x", "Key__c": "B"}]);
    org(json!({"records": {"Contact": contacts}, "external_ids": {"Contact": ["Key__c"]}, "unique": unique})).await
}

fn records(rows: &[Value]) -> Value {
    let record = |row: &Value| {
        let mut record = row.clone();
        record["attributes"] = json!({"type": "Contact"});
        record
    };
    json!({"records": rows.iter().map(record).collect::<Vec<Value>>()})
}

async fn created(org: &Org, rows: &[Value]) -> Value {
    let request = org.authorized(org.client.post(org.url(&format!("{DATA}/composite/sobjects"))));
    let (status, results) = org.answer(request.json(&records(rows))).await;
    assert_eq!(status, 200, "{results}");
    results
}

fn upsert(org: &Org, by: &str, rows: &[Value]) -> reqwest::RequestBuilder {
    org.authorized(org.client.patch(org.url(&format!("{DATA}/composite/sobjects/Contact/{by}")))).json(&records(rows))
}

async fn upserted(org: &Org, rows: &[Value]) -> Value {
    let (status, results) = org.answer(upsert(org, "Key__c", rows)).await;
    assert_eq!(status, 200, "{results}");
    results
}

fn refused(code: &str, message: &str, fields: &[&str]) -> Value {
    let error = json!({"statusCode": code, "message": message, "fields": fields});
    json!({"success": false, "errors": [error]})
}

#[tokio::test]
async fn each_record_is_created_for_itself() {
    let org = org(json!({})).await;
    let results = created(&org, &[json!({"LastName": "Lee"}), json!({}), json!({"LastName": "Ann", "Id": ID})]).await;
    let id = results[0]["id"].as_str().expect("an id");
    assert_eq!(results[0], json!({"id": id, "success": true, "errors": []}));
    assert_eq!(results[1], refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", &["LastName"]));
    assert_eq!(results[2], refused("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", &[]));
    assert_eq!(Value::from(org.salesforce.records("Contact")), json!([{"LastName": "Lee", "Id": id}]));
}

#[tokio::test]
async fn an_upsert_updates_what_is_there_and_creates_what_is_not() {
    let org = keyed(json!({})).await;
    let rows = [json!({"key__c": "a", "Fax": "1"}), json!({"Key__c": "c", "LastName": "Lee"})];
    let results = upserted(&org, &rows).await;
    assert_eq!(results[0], json!({"id": ID, "success": true, "errors": [], "created": false}));
    assert_eq!((&results[1]["success"], &results[1]["created"]), (&json!(true), &json!(true)));
    let records = org.salesforce.records("Contact");
    assert_eq!((records.len(), &records[0]["Fax"], &records[3]["LastName"]), (4, &json!("1"), &json!("Lee")));
    let again = upserted(&org, &[json!({"Key__c": "c", "LastName": "Lea"})]).await;
    assert_eq!((&again[0]["id"], &again[0]["created"]), (&results[1]["id"], &json!(false)));
}

#[tokio::test]
async fn an_upsert_refuses_ambiguous_records() {
    let org = keyed(json!({})).await;
    let rows = [
        json!({"Key__c": "b"}),
        json!({"LastName": "Lee"}),
        json!({"Key__c": "d", "LastName": "Lee"}),
        json!({"Key__c": "D", "LastName": "Lee"}),
        json!({"Key__c": "e"}),
    ];
    let results = upserted(&org, &rows).await;
    let found = format!("Key__c: more than one record found for external id field: [{OTHER}, 003x]");
    let expected = [
        refused("DUPLICATE_EXTERNAL_ID", &found, &["Key__c"]),
        refused("MISSING_ARGUMENT", "Key__c not specified", &[]),
        refused("DUPLICATE_VALUE", "Duplicate external id specified: d", &["Key__c"]),
        refused("DUPLICATE_VALUE", "Duplicate external id specified: D", &["Key__c"]),
        refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", &["LastName"]),
    ];
    for (mut expected, result) in expected.into_iter().zip(results.as_array().expect("results")) {
        expected["created"] = json!(false);
        assert_eq!(result, &expected);
    }
    assert_eq!(org.salesforce.records("Contact").len(), 3);
}

#[tokio::test]
async fn only_an_external_id_finds_records() {
    let org = keyed(json!({})).await;
    let (status, body) = org.answer(upsert(&org, "Fax", &[json!({"Fax": "1", "LastName": "Lee"})])).await;
    assert_eq!((status.as_u16(), &body[0]["errorCode"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn a_unique_value_is_had_once() {
    let org = keyed(json!({"Contact": ["Key__c"]})).await;
    let rows = [
        json!({"Key__c": "a", "LastName": "Lee"}),
        json!({"Key__c": "n", "LastName": "Lee"}),
        json!({"Key__c": "N", "LastName": "Lea"}),
    ];
    let results = created(&org, &rows).await;
    let taken = |id: &str| format!("duplicate value found: Key__c duplicates value on record with id: {id}");
    assert_eq!(results[0], refused("DUPLICATE_VALUE", &taken(ID), &[]));
    assert_eq!(results[2], refused("DUPLICATE_VALUE", &taken(results[1]["id"].as_str().expect("an id")), &[]));
    let change = |key: &str| {
        let path = format!("{DATA}/sobjects/Contact/{ID}");
        org.authorized(org.client.patch(org.url(&path))).json(&json!({"Key__c": key}))
    };
    assert_eq!(org.answer(change("N")).await.1[0]["errorCode"], "DUPLICATE_VALUE");
    assert_eq!(org.answer(change("A")).await.0, 204, "its own");
}

#[tokio::test]
async fn a_description_tells_of_external_ids_and_unique_fields() {
    let org = org(json!({"external_ids": {"Contact": ["Key__c"]}, "unique": {"Contact": ["Key__c"]}})).await;
    let (_, description) = org.answer(org.get(&format!("{DATA}/sobjects/Contact/describe"))).await;
    let fields = description["fields"].as_array().expect("fields");
    let key = fields.iter().find(|field| field["name"] == "Key__c").expect("the key");
    assert_eq!((&key["externalId"], &key["unique"], &key["idLookup"]), (&json!(true), &json!(true), &json!(true)));
}
