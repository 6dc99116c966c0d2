//! The order of ids, and queries for ranges of ids.

use crate::support::{org, Org};
use serde_json::{json, Value};

/// Ids in ascending order, each of 15 characters and a suffix.
const IDS: [&str; 5] =
    ["0034M00000000A1QAI", "0034M00000000B1QAI", "0034M00000000a1QAA", "0034M00000000b1QAA", "0034M00000000b2QAA"];

/// Starts an org that does not store its records in the order of their ids.
async fn mixed() -> Org {
    let contacts: Vec<Value> = [3, 0, 4, 2, 1].iter().map(|at| json!({"Id": IDS[*at], "N__c": at})).collect();
    org(json!({"records": {"Contact": contacts}})).await
}

async fn found(org: &Org, end: &str) -> String {
    let ids = org.ids(&format!("SELECT Id FROM Contact {end}")).await;
    ids.iter().map(|id| IDS.iter().position(|known| known == id).unwrap().to_string()).collect()
}

#[tokio::test]
async fn they_compare_as_case_sensitive_text() {
    let org = mixed().await;
    let cases = [
        ("WHERE Id >= '0034M00000000B1QAI' ORDER BY Id", "1234"),
        ("WHERE Id >= '0034M00000000B1' ORDER BY Id", "1234"),
        ("WHERE Id > '0034M00000000B1' ORDER BY Id", "234"),
        ("WHERE Id > '0034M00000000A1QAI' AND Id <= '0034M00000000b1' ORDER BY Id DESC", "321"),
        ("WHERE Id >= '0034M00000000A1' AND Id < '0034M00000000b1'", "021"),
        ("WHERE (Id > '0034M00000000A1' AND N__c > 1) AND Id < '0034M00000000b2' ORDER BY Id LIMIT 1", "2"),
        ("WHERE Id > '0034M00000000b1' AND Id < '0034M00000000b1'", ""),
        ("WHERE Id > '0034M00000000b2' AND Id < '0034M00000000B1'", ""),
        ("WHERE Id < 'a' AND Id > '0'", "30421"),
        ("WHERE Id < '0034M00000000B1' OR Id > '0034M00000000b1' ORDER BY Id", "04"),
        ("WHERE (NOT Id < '0034M00000000b1') ORDER BY Id", "34"),
        ("WHERE Id IN ('0034M00000000b2', '0034M00000000A1QAI', '0034M00000000A1', 'x')", "04"),
        ("WHERE Id IN ('0034M00000000b2', '0034M00000000B1', '0034M00000000a1') AND Id < '0034M00000000b2'", "21"),
        ("WHERE Id IN ('0034M00000000b2', '0034M00000000B1', '0034M00000000a1') ORDER BY Id DESC LIMIT 2", "42"),
        ("WHERE Id = '0034M00000000b1QAA' AND N__c = 4", ""),
        ("WHERE Id != '0034M00000000b1' AND Id != null", "0421"),
        ("WHERE Id NOT IN ('0034M00000000b1')", "0421"),
        ("WHERE Id > '0034M00000000B1' ORDER BY N__c DESC LIMIT 2 OFFSET 1", "32"),
        ("ORDER BY Id LIMIT 2 OFFSET 2", "23"),
        ("ORDER BY Id DESC, N__c", "43210"),
    ];
    for (end, wanted) in cases {
        assert_eq!(found(&org, end).await, wanted, "{end}");
    }
}

#[tokio::test]
async fn new_and_deleted_records_have_their_place() {
    let org = mixed().await;
    let body = json!({"LastName": "N"});
    let created = org.authorized(org.client.post(org.url("/services/data/v66.0/sobjects/Contact"))).json(&body);
    let id = org.answer(created).await.1["id"].as_str().unwrap().to_owned();
    assert_eq!(org.ids(&format!("SELECT Id FROM Contact WHERE Id >= '{id}' AND Id <= '{id}'")).await, [id.as_str()]);
    assert_eq!(org.ids("SELECT Id FROM Contact ORDER BY Id").await.len(), 6);

    let path = format!("/services/data/v66.0/sobjects/Contact/{}", IDS[2]);
    let deleted = org.authorized(org.client.patch(org.url(&path))).json(&json!({"IsDeleted": true}));
    assert_eq!(org.answer(deleted).await.0, 204);
    assert_eq!(found(&org, "WHERE Id >= '0034M00000000B1' AND Id < '0034M00000000c' ORDER BY Id").await, "134");
}
