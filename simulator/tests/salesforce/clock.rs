//! The simulated clock: stamps, dates of responses and the days of the quota.

use crate::support::{org, start, Org, DATA};
use crm_sync_simulator::salesforce::{Options, Salesforce};
use serde_json::{json, Value};
use std::time::Duration;

const ID: &str = "0034C00000VaYfKQAV";

/// Starts an org whose clock almost stands still.
async fn still() -> Org {
    let old = "2022-02-15T06:21:19.000+0000";
    let contact =
        json!({"Id": ID, "LastName": "Ann", "CreatedDate": old, "LastModifiedDate": old, "SystemModstamp": old});
    org(json!({"records": {"Contact": [contact]}, "clock": "2026-11-28T23:00:00Z", "clock_speed": 0.000_001,
               "quota": {"limit": 3}}))
    .await
}

async fn update(org: &Org) -> reqwest::Response {
    let path = org.url(&format!("{DATA}/sobjects/Contact/{ID}"));
    org.authorized(org.client.patch(path)).json(&json!({"Fax": "1"})).send().await.unwrap()
}

#[tokio::test]
async fn stamps_and_dates_follow_it() {
    let org = still().await;
    org.salesforce.advance(Duration::from_secs(300));
    let answer = update(&org).await;
    assert_eq!(answer.headers()["date"], "Sat, 28 Nov 2026 23:05:00 GMT");
    org.salesforce.advance(Duration::from_secs(3_300));
    let path = org.url(&format!("{DATA}/sobjects/Contact"));
    org.authorized(org.client.post(path)).json(&json!({"LastName": "Eve"})).send().await.unwrap();
    let records = org.salesforce.records("Contact");
    let stamps = |place: usize| ["CreatedDate", "LastModifiedDate", "SystemModstamp"].map(|name| &records[place][name]);
    let (changed, new) = (&json!("2026-11-28T23:05:00.000+0000"), &json!("2026-11-29T00:00:00.000+0000"));
    assert_eq!(stamps(0)[1..], [changed, changed]);
    assert_eq!(stamps(0)[0], "2022-02-15T06:21:19.000+0000");
    assert_eq!(stamps(1), [new, new, new]);
    assert_eq!(org.salesforce.now() as u64, 3_600);
    assert_eq!(org.salesforce.requests().last().unwrap().time.at_ms, 3_600_000);
}

#[tokio::test]
async fn a_day_later_all_calls_are_left_again() {
    let org = still().await;
    let mut usage = Vec::new();
    for hours in [0, 0, 23, 0, 1] {
        org.salesforce.advance(Duration::from_secs(hours * 3_600));
        let answer = update(&org).await;
        usage.push((answer.status().as_u16(), answer.headers()["sforce-limit-info"].to_str().unwrap().to_owned()));
    }
    let told = |status, used| (status, format!("api-usage={used}/3"));
    assert_eq!(usage, [told(204, 1), told(204, 2), told(204, 3), told(403, 3), told(204, 1)]);
}

#[test]
fn it_begins_at_a_time_and_goes_forward() {
    let refused = |options: Value| {
        let options: Options = serde_json::from_value(options).unwrap();
        Salesforce::start(options).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(refused(json!({"clock": "yesterday"})).contains("clock must be a time"));
    assert!(refused(json!({"clock_speed": 0.0})).contains("clock_speed must be a number above 0"));
    assert!(refused(json!({"page_size": 0})).contains("page_size must be at least 1"));
    assert!(start(json!({})).now() < 60.0);
}
