//! The description of an object.

use crate::support::{org, Org, DATA};
use serde_json::{json, Value};

async fn describe(org: &Org, object: &str) -> Value {
    let (status, body) = org.answer(org.get(&format!("{DATA}/sobjects/{object}/describe"))).await;
    assert_eq!(status, 200);
    body
}

fn field(name: &str, kind: &str) -> Value {
    json!({"name": name, "type": kind, "relationshipName": null, "referenceTo": []})
}

fn reference(name: &str, relation: &str, target: &str) -> Value {
    json!({"name": name, "type": "reference", "relationshipName": relation, "referenceTo": [target]})
}

#[tokio::test]
async fn types_follow_from_the_values() {
    let account = json!({"attributes": {"type": "Account"}, "Name": "Rice"});
    let org = org(json!({"records": {
        "Contact": [
            {"Id": "a", "Name": null, "Ok__c": true, "Age__c": 30, "Rate__c": 2, "Since__c": "2022-02-15",
             "SystemModstamp": "2022-02-15T06:21:19.000+0000", "AccountId": null, "Account": null, "OwnerId": "u",
             "School__c": "s", "Empty__c": null, "AlienId": "x"},
            {"Id": "b", "Name": "Bo", "Age__c": 31, "Rate__c": 2.5, "Account": account}
        ],
        "User": [{"Id": "u"}],
        "School__c": [{"Id": "s"}]
    }}))
    .await;
    let wanted = json!({"name": "Contact", "fields": [
        field("Id", "id"),
        field("IsDeleted", "boolean"),
        reference("MasterRecordId", "MasterRecord", "Contact"),
        field("Name", "string"),
        field("Ok__c", "boolean"),
        field("Age__c", "int"),
        field("Rate__c", "double"),
        field("Since__c", "date"),
        field("SystemModstamp", "datetime"),
        reference("AccountId", "Account", "Account"),
        reference("OwnerId", "Owner", "User"),
        reference("School__c", "School__r", "School__c"),
        field("Empty__c", "string"),
        field("AlienId", "string"),
    ]});
    assert_eq!(describe(&org, "contact").await, wanted);
}

#[tokio::test]
async fn declared_fields_are_all_there_are() {
    let options = json!({"fields": {"Lead": ["Name"]}, "records": {"Lead": [{"Id": "l", "Secret__c": 1}]}});
    let org = org(options).await;
    let description = describe(&org, "Lead").await;
    let names: Vec<&Value> = description["fields"].as_array().unwrap().iter().map(|field| &field["name"]).collect();
    assert_eq!(names, ["Id", "IsDeleted", "MasterRecordId", "Name"]);
    let (status, _) = org.answer(org.get(&format!("{DATA}/sobjects/Nope/describe"))).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn it_can_fail() {
    let fault = json!({"on": "describe", "object": "Lead", "answer": {"retry_after": 1}});
    let org = org(json!({"faults": [fault]})).await;
    assert_eq!(describe(&org, "Contact").await["name"], "Contact");
    assert_eq!(org.answer(org.get(&format!("{DATA}/sobjects/Lead/describe"))).await.0, 503);
}
