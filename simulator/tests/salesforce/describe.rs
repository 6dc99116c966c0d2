//! The descriptions of objects.

use crate::support::{org, Org, DATA};
use serde_json::{json, Map, Value};

async fn describe(org: &Org, object: &str) -> Value {
    let (status, body) = org.answer(org.get(&format!("{DATA}/sobjects/{object}/describe"))).await;
    assert_eq!(status, 200);
    body
}

/// Returns the given members of each field.
fn fields(description: &Value, members: &[&str]) -> Value {
    let part = |field: &Value| -> Value {
        members.iter().map(|member| ((*member).to_owned(), field[*member].clone())).collect::<Map<_, _>>().into()
    };
    description["fields"].as_array().unwrap().iter().map(part).collect()
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
    let wanted = json!([
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
    ]);
    let description = describe(&org, "contact").await;
    assert_eq!(description["name"], "Contact");
    assert_eq!(fields(&description, &["name", "type", "relationshipName", "referenceTo"]), wanted);
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

fn values(values: &[&str]) -> Value {
    let one =
        |value: &&str| json!({"active": true, "defaultValue": false, "label": value, "validFor": null, "value": value});
    values.iter().map(one).collect()
}

#[tokio::test]
async fn pick_lists_have_their_values() {
    let leads = json!([
        {"Id": "a", "Status": "New", "Level__c": "x", "Title": "Dr"},
        {"Id": "b", "Status": "Converted", "Level__c": null, "Title": "Dr"},
        {"Id": "c", "Status": "New", "LeadSource": ""}
    ]);
    let picklists = json!({"lead": {"Level__c": ["low", "high"]}});
    let org = org(json!({"picklists": picklists, "records": {"Lead": leads, "Task__c": [{"Status": "s"}]}})).await;
    let members = ["name", "type", "picklistValues"];
    let described = fields(&describe(&org, "Lead").await, &members);
    let of =
        |name: &str, kind: &str, list: &[&str]| json!({"name": name, "type": kind, "picklistValues": values(list)});
    let wanted = [
        of("Status", "picklist", &["New", "Converted"]),
        of("Level__c", "picklist", &["low", "high"]),
        of("Title", "string", &[]),
        of("LeadSource", "picklist", &[]),
    ];
    assert_eq!(described.as_array().unwrap()[3..], wanted);
    let described = fields(&describe(&org, "Task__c").await, &members);
    assert_eq!(described.as_array().unwrap().last(), Some(&of("Status", "string", &[])));
}

#[tokio::test]
async fn children_are_named_as_queries_name_them() {
    let org = org(json!({"records": {
        "Account": [{"Id": "p", "OwnerId": "u"}],
        "Contact": [{"Id": "c", "School__c": "p", "AccountId": null}],
        "User": [{"Id": "u"}]
    }}))
    .await;
    let relations = |description: Value| -> Vec<Value> {
        let relations = description["childRelationships"].as_array().unwrap().clone();
        let members = ["childSObject", "field", "relationshipName"];
        relations.iter().map(|relation| members.iter().map(|member| relation[*member].clone()).collect()).collect()
    };
    let wanted = [
        json!(["Account", "ParentId", "ChildAccounts"]),
        json!(["Contact", "AccountId", "Contacts"]),
        json!(["Account", "MasterRecordId", null]),
        json!(["Contact", "School__c", "Contacts__r"]),
    ];
    assert_eq!(relations(describe(&org, "Account").await), wanted);
    assert_eq!(
        relations(describe(&org, "User").await),
        [json!(["Account", "OwnerId", null]), json!(["User", "MasterRecordId", null])]
    );
}

#[tokio::test]
async fn members_that_clients_read_are_there() {
    let options = json!({"required": {"Contact": ["Email"]}, "records": {
        "Contact": [{"LastName": "Lee", "Email": "l@b.edu", "AccountId": null, "Ok__c": true, "Age__c": 1}]
    }});
    let org = org(options).await;
    let description = describe(&org, "Contact").await;
    let wanted = [
        ("label", json!("Contact")),
        ("labelPlural", json!("Contacts")),
        ("keyPrefix", json!("003")),
        ("custom", json!(false)),
        ("queryable", json!(true)),
        ("mergeable", json!(true)),
        ("customSetting", json!(false)),
        ("actionOverrides", json!([])),
        ("listviewable", Value::Null),
    ];
    for (member, wanted) in wanted {
        assert_eq!(description.get(member), Some(&wanted), "{member}");
    }
    assert_eq!(description["urls"]["describe"], format!("{DATA}/sobjects/Contact/describe"));
    assert_eq!(description["recordTypeInfos"][0]["master"], true);
    let members = ["name", "label", "length", "soapType", "nillable", "createable", "updateable", "custom"];
    let described = fields(&description, &members);
    let rows: Vec<Vec<&Value>> =
        described.as_array().unwrap().iter().map(|field| field.as_object().unwrap().values().collect()).collect();
    let wanted = json!([
        ["Id", "Contact ID", 18, "tns:ID", false, false, false, false],
        ["IsDeleted", "Deleted", 0, "xsd:boolean", false, false, false, false],
        ["MasterRecordId", "Master Record ID", 18, "tns:ID", true, false, false, false],
        ["LastName", "Last Name", 255, "xsd:string", false, true, true, false],
        ["Email", "Email", 255, "xsd:string", false, true, true, false],
        ["AccountId", "Account ID", 18, "tns:ID", true, true, true, false],
        ["Ok__c", "Ok", 0, "xsd:boolean", false, true, true, true],
        ["Age__c", "Age", 0, "xsd:int", true, true, true, true],
    ]);
    assert_eq!(json!(rows), wanted);
}

#[tokio::test]
async fn all_objects_are_listed() {
    let org = org(json!({"records": {"Book__c": [{"Id": "b"}]}})).await;
    let (status, list) = org.answer(org.get(&format!("{DATA}/sobjects"))).await;
    let names: Vec<&str> =
        list["sobjects"].as_array().unwrap().iter().filter_map(|object| object["name"].as_str()).collect();
    assert_eq!((status.as_u16(), names), (200, vec!["Account", "Book__c", "Contact", "Lead", "UserPermissionAccess"]));
}
