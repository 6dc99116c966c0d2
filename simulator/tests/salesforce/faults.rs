//! Each fault, as a client sees it.

use crate::support::{contacts, ids, org, Org, DATA};
use serde_json::{json, Value};
use std::time::{Duration, Instant};

const SOQL: &str = "SELECT Id FROM Contact";

/// Starts an org with 10 contacts in pages of 4, and a fault that hits once.
async fn faulty(on: &str, answer: Value) -> Org {
    let fault = json!({"on": on, "times": 1, "answer": answer});
    org(json!({"records": {"Contact": contacts(10)}, "page_size": 4, "faults": [fault]})).await
}

/// Returns the number of the first contact on each of at most 6 pages.
async fn firsts(org: &Org) -> Vec<u64> {
    let mut page = org.rows(SOQL).await;
    let mut firsts = vec![first(&page)];
    while let (Some(next), true) = (page["nextRecordsUrl"].as_str().map(str::to_owned), firsts.len() < 6) {
        page = org.answer(org.get(&next)).await.1;
        firsts.push(first(&page));
    }
    firsts
}

fn first(page: &Value) -> u64 {
    ids(page).first().map_or(99, |id| id[3..].parse().unwrap())
}

#[tokio::test]
async fn refusals() {
    let custom = json!({"status": 418, "body": "tea", "content_type": "text/tea", "headers": {"X-Pot": "1"}});
    let quota = json!({"status": 403, "code": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."});
    let cases = [
        (json!({"status": custom}), 418, "tea"),
        (json!({"error": quota}), 403, "[{\"message\":\"TotalRequests Limit exceeded.\",\"errorCode\":"),
        (json!({"retry_after": 7}), 503, "SERVER_UNAVAILABLE"),
        (json!("html"), 200, "<!DOCTYPE html>"),
        (json!("expire"), 401, "INVALID_SESSION_ID"),
    ];
    for (answer, status, wanted) in cases {
        let org = faulty("query", answer).await;
        let response = org.query(SOQL).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
        let extra = header("x-pot").or(header("retry-after"));
        assert!(status != 418 || (extra, header("content-type")) == (Some("1"), Some("text/tea")));
        assert!(status != 503 || extra == Some("7"));
        assert!(response.text().await.unwrap().contains(wanted));
        assert_eq!(org.salesforce.requests()[1].status, status);
    }
}

#[tokio::test]
async fn a_status_that_http_does_not_have_is_no_panic() {
    let org = faulty("query", json!({"status": {"status": 99, "headers": {"a b": "c"}}})).await;
    assert_eq!(org.query(SOQL).send().await.unwrap().status(), 500);
}

#[tokio::test]
async fn expired_tokens_stay_forgotten() {
    let org = faulty("next_page", json!("expire")).await;
    let page = org.rows(SOQL).await;
    let next = page["nextRecordsUrl"].as_str().unwrap();
    for _ in 0..2 {
        assert_eq!(org.answer(org.get(next)).await.0, 401);
    }
}

#[tokio::test]
async fn an_expired_locator_stays_forgotten() {
    let org = faulty("next_page", json!("expire_locator")).await;
    let (first, other) = (org.rows(SOQL).await, org.rows(SOQL).await);
    for _ in 0..2 {
        let (status, body) = org.answer(org.get(first["nextRecordsUrl"].as_str().unwrap())).await;
        let wanted = json!([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]);
        assert_eq!((status.as_u16(), body), (400, wanted));
    }
    let (_, page) = org.answer(org.get(other["nextRecordsUrl"].as_str().unwrap())).await;
    assert_eq!(ids(&page).len(), 4);
}

#[tokio::test]
async fn broken_bodies() {
    let org = faulty("query", json!("truncate")).await;
    let response = org.query(SOQL).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());

    let org = faulty("query", json!("cut_json")).await;
    let body = org.query(SOQL).send().await.unwrap().text().await.unwrap();
    assert!(body.starts_with("{\"totalSize\":10") && serde_json::from_str::<Value>(&body).is_err());

    let org = faulty("query", json!("close")).await;
    assert!(org.query(SOQL).send().await.is_err());
    assert_eq!(org.salesforce.requests()[1].status, 0);
    assert_eq!(org.rows(SOQL).await["totalSize"], 10);
}

#[tokio::test]
async fn half_of_a_plain_body_arrives() {
    let org = faulty("query", json!("truncate")).await;
    let plain = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let mut response = plain.execute(org.query(SOQL).build().unwrap()).await.unwrap();
    let announced = response.content_length().unwrap();
    let half = response.chunk().await.unwrap().unwrap();
    assert_eq!(half.len() as u64, announced / 2);
    assert!(response.chunk().await.is_err());
}

#[tokio::test]
async fn slow_bodies_arrive_whole() {
    let org = faulty("query", json!({"slow_body_ms": 5})).await;
    let start = Instant::now();
    assert_eq!(ids(&org.rows(SOQL).await).len(), 4);
    assert!(start.elapsed() > Duration::from_millis(60));
}

#[tokio::test]
async fn pages_go_astray() {
    let cases = [
        ("next_page", json!("repeat_page"), vec![0, 0, 4, 8]),
        ("next_page", json!("skip_page"), vec![0, 8]),
        ("query", json!("skip_page"), vec![4, 8]),
        ("next_page", json!("next_loop"), vec![0, 4, 4, 4, 4, 4]),
        ("query", json!("next_loop"), vec![0, 0, 0, 0, 0, 0]),
    ];
    for (on, answer, wanted) in cases {
        let org = faulty(on, answer.clone()).await;
        assert_eq!(firsts(&org).await, wanted, "{on} {answer}");
    }
}

#[tokio::test]
async fn false_claims() {
    let org = faulty("query", json!({"total_size": 77})).await;
    assert_eq!(org.rows(SOQL).await["totalSize"], 77);

    let org = faulty("query", json!({"next_host": "http://127.0.0.1:9"})).await;
    let page = org.rows(SOQL).await;
    let next = page["nextRecordsUrl"].as_str().unwrap();
    assert!(next.starts_with("http://127.0.0.1:9/services/data/v66.0/query/0r8"), "{next}");

    let org = faulty("any", json!("foreign_instance")).await;
    let again = crate::support::login(&org.client, org.salesforce.url()).await;
    assert_eq!(again.json::<Value>().await.unwrap()["instance_url"], org.salesforce.url());
    let salesforce = crate::support::start(json!({"faults": [{"on": "token", "answer": "foreign_instance"}]}));
    let login = crate::support::login(&org.client, salesforce.url()).await;
    assert_eq!(login.json::<Value>().await.unwrap()["instance_url"], "https://evil.invalid");
}

#[tokio::test]
async fn a_bomb_is_small_and_unpacks_to_much() {
    let org = faulty("query", json!("bomb")).await;
    let mut response = org.query(SOQL).send().await.unwrap();
    let mut seen = 0;
    while seen < 100 << 20 {
        seen += response.chunk().await.unwrap().unwrap().len();
    }
    let sent = org.salesforce.requests()[1].bytes;
    assert!(sent < 16 << 20, "{sent}");
}

#[tokio::test]
async fn faults_can_be_about_one_object() {
    let fault =
        json!({"on": "any", "object": "Lead", "answer": {"error": {"status": 500, "code": "UNKNOWN_EXCEPTION"}}});
    let org = org(json!({"faults": [fault]})).await;
    assert_eq!(org.rows(SOQL).await["totalSize"], 0);
    assert_eq!(org.refusal("select Id from lead").await.1, "UNKNOWN_EXCEPTION");
}

#[tokio::test]
async fn faults_can_be_about_limits_and_retrieves() {
    let limits = json!({"on": "limits", "answer": {"error": {"status": 403, "code": "FUNCTIONALITY_NOT_ENABLED"}}});
    let retrieve = json!({"on": "retrieve", "object": "Contact", "answer": {"retry_after": 1}});
    let org = org(json!({"records": {"Contact": contacts(1)}, "faults": [limits, retrieve]})).await;
    assert_eq!(org.answer(org.get(&format!("{DATA}/limits"))).await.0, 403);
    let body = json!({"ids": ["003000000000000"], "fields": ["Id"]});
    for (object, status) in [("Contact", 503), ("Lead", 200)] {
        let url = org.url(&format!("{DATA}/composite/sobjects/{object}"));
        assert_eq!(org.answer(org.authorized(org.client.post(url)).json(&body)).await.0, status, "{object}");
    }
    assert_eq!(org.rows(SOQL).await["totalSize"], 1);
}

#[tokio::test]
async fn latency_does_not_make_others_wait() {
    let org = org(json!({"latency_ms": 200})).await;
    let requests: Vec<_> = (0..8).map(|_| tokio::spawn(org.query(SOQL).send())).collect();
    let mut at_once = 0;
    while requests.iter().any(|request| !request.is_finished()) {
        let waiting = org.salesforce.requests().iter().filter(|request| request.status == 0).count();
        at_once = at_once.max(waiting);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(at_once > 1, "they wait one after the other");
    for request in requests {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
}
