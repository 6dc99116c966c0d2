//! Deleted and merged records: hidden from `query`, given by `queryAll`.

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
