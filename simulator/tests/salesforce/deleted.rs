//! Deleted and merged records: hidden from `query`, returned by `queryAll`.

use crate::support::{ids, org, Org, DATA};
use serde_json::{json, Value};

async fn merged() -> Org {
    let contacts = json!([
        {"Id": "a", "Name": "Ann"},
        {"Id": "b", "Name": "Ann", "IsDeleted": true, "MasterRecordId": "a"},
        {"Id": "c", "Name": "Cy", "IsDeleted": null},
        {"Id": "d", "Name": "Di", "IsDeleted": true}
    ]);
    let fields = json!({"Contact": ["Name"]});
    org(json!({"records": {"Contact": contacts}, "fields": fields, "page_size": 3})).await
}

#[tokio::test]
async fn query_leaves_them_out() {
    let org = merged().await;
    let soql = "SELECT Id FROM Contact";
    assert_eq!(org.ids(soql).await, ["a", "c"]);
    assert_eq!(org.rows("SELECT COUNT() FROM Contact").await["totalSize"], 2);
    assert_eq!(org.ids("SELECT Id FROM Contact WHERE IsDeleted = true").await, [""; 0]);

    let (_, page) = org.answer(org.query_all(soql)).await;
    assert_eq!((ids(&page).concat(), &page["totalSize"]), ("abc".into(), &json!(4)));
    let next = page["nextRecordsUrl"].as_str().unwrap();
    assert!(next.starts_with(&format!("{DATA}/query/0r8")), "{next}");
    assert_eq!(ids(&org.answer(org.get(next)).await.1), ["d"]);
}

#[tokio::test]
async fn conditions_and_values() {
    let org = merged().await;
    let cases = [
        ("IsDeleted = true", "bd"),
        ("IsDeleted = FALSE", "ac"),
        ("isdeleted != true", "ac"),
        ("MasterRecordId = 'a'", "b"),
        ("MasterRecordId != null", "b"),
        ("IsDeleted = true AND MasterRecordId = null", "d"),
        ("MasterRecord.Name = 'Ann'", "b"),
    ];
    for (condition, wanted) in cases {
        let (_, page) = org.answer(org.query_all(&format!("SELECT Id FROM Contact WHERE {condition}"))).await;
        assert_eq!(ids(&page).concat(), wanted, "{condition}");
    }
    let (_, page) = org.answer(org.query_all("SELECT IsDeleted, MasterRecordId FROM Contact LIMIT 3")).await;
    let values = |record: &Value| json!([record["IsDeleted"], record["MasterRecordId"]]);
    let values: Vec<Value> = page["records"].as_array().unwrap().iter().map(values).collect();
    assert_eq!(values, [json!([false, null]), json!([true, "a"]), json!([false, null])]);
    assert_eq!(org.refusal("SELECT Id FROM Contact WHERE IsDeleted = 'true'").await.1, "INVALID_FIELD");
}

#[tokio::test]
async fn an_org_without_deleted_records_has_the_fields_too() {
    let org = org(json!({"records": {"Lead": [{"Id": "l"}]}})).await;
    let page = org.rows("SELECT IsDeleted, MasterRecordId FROM Lead WHERE IsDeleted = false ORDER BY IsDeleted").await;
    assert_eq!(page["records"][0]["IsDeleted"], false);
    assert_eq!(page["records"][0]["MasterRecordId"], Value::Null);
}

#[tokio::test]
async fn what_is_deleted_is_neither_read_nor_changed() {
    let (alive, gone) = ("0034C00000VaYfKQAV", "0034C00000VaYfLQAV");
    let contacts = json!([{"Id": alive, "Name": "Ann"}, {"Id": gone, "Name": "Eve", "IsDeleted": true}]);
    let org = org(json!({"records": {"Contact": contacts}})).await;
    let deleted = json!([{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED"}]);
    let path = format!("{DATA}/sobjects/Contact/{gone}");
    let change = || org.authorized(org.client.patch(org.url(&path))).json(&json!({"Name": "x"}));
    for request in [org.get(&path), change()] {
        let (status, body) = org.answer(request).await;
        assert_eq!((status.as_u16(), &body), (404, &deleted));
    }
    let many = |body: Value, path: &str| org.authorized(org.client.post(org.url(path))).json(&body);
    let wanted = json!({"ids": [gone, alive], "fields": ["Name"]});
    let (_, found) = org.answer(many(wanted, &format!("{DATA}/composite/sobjects/Contact"))).await;
    assert_eq!((&found[0], &found[1]["Name"]), (&Value::Null, &json!("Ann")));
    let record = |id: &str| json!({"attributes": {"type": "Contact"}, "id": id, "Name": "y"});
    let list = json!({"records": [record(gone), record(alive)]});
    let patch = org.authorized(org.client.patch(org.url(&format!("{DATA}/composite/sobjects")))).json(&list);
    let (_, results) = org.answer(patch).await;
    assert_eq!(
        (&results[0]["errors"][0]["statusCode"], &results[1]["success"]),
        (&json!("ENTITY_IS_DELETED"), &json!(true))
    );
    let names: Vec<Value> = org.salesforce.records("Contact").iter().map(|record| record["Name"].clone()).collect();
    assert_eq!(names, [json!("y"), json!("Eve")]);
}
