//! The API calls of a day.

use crate::support::{client, org, start, Org, DATA};
use serde_json::{json, Value};

/// Returns the status, the quota header and the body of a query.
async fn query(org: &Org) -> (u16, String, Value) {
    let response = org.query("SELECT Id FROM Lead").send().await.unwrap();
    let header = response.headers()["sforce-limit-info"].to_str().unwrap().to_owned();
    (response.status().as_u16(), header, response.json().await.unwrap())
}

#[tokio::test]
async fn calls_count_until_none_is_left() {
    let org = org(json!({"quota": {"used": 1, "limit": 3}})).await;
    for used in [2, 3] {
        let (status, header, _) = query(&org).await;
        assert_eq!((status, header), (200, format!("api-usage={used}/3")));
    }
    let refusal = json!([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]);
    for _ in 0..2 {
        assert_eq!(query(&org).await, (403, "api-usage=3/3".into(), refusal.clone()));
    }
    assert_eq!(crate::support::login(&org.client, org.salesforce.url()).await.status(), 200);
}

#[tokio::test]
async fn a_change_without_a_call_left_is_not_made() {
    let org = org(json!({"quota": {"limit": 0}})).await;
    let post = org.authorized(org.client.post(org.url(&format!("{DATA}/sobjects/Lead")))).json(&json!({"Name": "N"}));
    assert_eq!(org.answer(post).await.0, 403);
    assert!(org.salesforce.records("Lead").is_empty());
}

#[tokio::test]
async fn an_app_can_have_its_own() {
    let app = json!({"used": 17, "limit": 18, "name": "sync"});
    let org = org(json!({"quota": {"used": 25, "limit": 5000, "per_app": app}})).await;
    let header = "api-usage=26/5000; per-app-api-usage=18/18(appName=sync)";
    for status in [200, 403] {
        let (got, usage, _) = query(&org).await;
        assert_eq!((got, usage.as_str()), (status, header));
    }
}

#[tokio::test]
async fn answers_that_cost_nothing_tell_nothing() {
    let org = org(json!({"faults": [{"on": "query", "skip": 1, "answer": "expire"}]})).await;
    let versions = org.get("/services/data/").send().await.unwrap();
    assert!(!versions.headers().contains_key("sforce-limit-info"));
    assert_eq!(query(&org).await.1, "api-usage=1/5000000");
    let expired = org.query("SELECT Id FROM Lead").send().await.unwrap();
    assert_eq!(expired.status(), 401);
    assert!(!expired.headers().contains_key("sforce-limit-info"));
}

#[tokio::test]
async fn faults_cost_a_call_too() {
    let fault = json!({"on": "query", "times": 1, "answer": {"retry_after": 1}});
    let org = org(json!({"faults": [fault]})).await;
    assert_eq!((query(&org).await.0, query(&org).await.1.as_str()), (503, "api-usage=2/5000000"));
}

#[tokio::test]
async fn limits_tell_what_is_left() {
    let org = org(json!({"quota": {"used": 10, "limit": 100}})).await;
    query(&org).await;
    let response = org.get(&format!("{DATA}/limits")).send().await.unwrap();
    assert_eq!(response.headers()["sforce-limit-info"], "api-usage=12/100");
    let limits: Value = response.json().await.unwrap();
    assert_eq!(limits["DailyApiRequests"], json!({"Max": 100, "Remaining": 88}));
    assert_eq!(limits["DailyBulkV2QueryJobs"], json!({"Max": 10_000, "Remaining": 10_000}));
    for name in ["DailyBulkV2QueryFileStorageMB", "DailyBulkApiBatches", "DataStorageMB", "FileStorageMB"] {
        assert!(limits[name]["Max"].as_u64() > Some(0) && limits[name]["Max"] == limits[name]["Remaining"], "{name}");
    }
    let salesforce = start(json!({}));
    let url = format!("{}{DATA}/limits", salesforce.url());
    assert_eq!(client().get(url).send().await.unwrap().status(), 401);
}

#[test]
fn unknown_parts_are_refused() {
    for quota in [json!({"max": 1}), json!({"per_app": {"app": "x"}})] {
        let options = json!({"quota": quota});
        assert!(serde_json::from_value::<crm_sync_simulator::salesforce::Options>(options).is_err());
    }
}
