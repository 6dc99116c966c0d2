//! Each fault, as a client sees it.

use crate::common::soon;
use crate::support::{desk, ids, organizations, Answer, Desk};
use serde_json::{json, Value};
use std::time::{Duration, Instant};

const LIST: &str = "organizations?page[size]=4";

/// Starts a desk with 10 organizations in pages of 4, and a fault that hits once.
async fn faulty(on: &str, answer: Value) -> Desk {
    let fault = json!({"on": on, "times": 1, "answer": answer});
    desk(json!({"organizations": organizations(10), "faults": [fault]})).await
}

#[tokio::test]
async fn refusals() {
    let custom = json!({"status": 418, "body": "tea", "content_type": "text/tea", "headers": {"X-Pot": "1"}});
    let conflict = json!({"status": 409, "code": "DatabaseConflict", "description": "Database collision"});
    let edge = json!({"retry_after": null, "body": "edge"});
    let cases = [
        (json!({"status": custom}), 418, "text/tea", "tea", ""),
        (json!({"error": conflict}), 409, "application/json", "{\"error\":\"DatabaseConflict\",\"description\":", ""),
        (json!("html"), 200, "text/html", "<!DOCTYPE html>", ""),
        (json!({"too_many_requests": {"retry_after": 17}}), 429, "text/plain", "Number of allowed", "17"),
        (json!({"too_many_requests": {"body": "html"}}), 429, "text/html", "<!DOCTYPE html>", ""),
        (json!({"too_many_requests": edge}), 429, "application/json", "{\"detail\":\"Rate limited by Zendesk edge", ""),
        (json!({"unavailable": {"retry_after": 5}}), 503, "application/json", "{\"error\":\"Service", "5"),
        (json!({"unavailable": {}}), 503, "text/html", "<!DOCTYPE html>", ""),
        (json!("too_many_jobs"), 429, "application/json", "{\"error\":\"TooManyJobs\"", ""),
        (json!("expire_token"), 401, "application/json", "{\"error\":\"invalid_token\"", ""),
    ];
    for (answer, status, media, text, retry_after) in cases {
        let desk = faulty("organizations", answer.clone()).await;
        let got = desk.get(LIST).await;
        assert_eq!((got.status, got.header("retry-after")), (status, retry_after), "{answer}");
        assert!(got.header("content-type").starts_with(media) && got.text.starts_with(text), "{answer}: {}", got.text);
        assert!(status != 418 || got.header("x-pot") == "1");
        let without = answer["too_many_requests"]["body"] == "edge";
        assert_eq!(got.header("x-rate-limit").is_empty(), without, "{answer}");
        assert_eq!(desk.zendesk.requests()[1].status, status);
        assert_eq!(desk.get(LIST).await.status, if status == 401 { 401 } else { 200 });
    }
}

#[tokio::test]
async fn broken_bodies() {
    let desk = faulty("organizations", json!("truncate")).await;
    assert!(desk.send(desk.request("GET", LIST)).await.is_err());
    assert_eq!(desk.zendesk.requests()[1].status, 200);

    let desk = faulty("fields", json!("cut_json")).await;
    let cut = desk.get("organization_fields").await;
    assert!(cut.text.starts_with("{\"organization") && cut.body.is_null());

    let desk = faulty("count", json!({"slow_body_ms": 5})).await;
    let start = Instant::now();
    assert_eq!(desk.get("organizations/count").await.body["count"]["value"], 10);
    assert!(start.elapsed() > Duration::from_millis(30));

    let desk = faulty("lookup", json!("bomb")).await;
    let mut response = desk.request("GET", "organizations/1").send().await.unwrap();
    let mut seen = 0;
    while seen < 100 << 20 {
        seen += response.chunk().await.unwrap().unwrap().len();
    }
    assert!(desk.zendesk.requests()[1].bytes < 16 << 20);
}

async fn try_create(desk: &Desk) -> reqwest::Result<Answer> {
    desk.send(desk.request("POST", "organizations").json(&json!({"organization": {"name": "A"}}))).await
}

#[tokio::test]
async fn a_dropped_connection_can_mean_two_things() {
    let desk = faulty("create", json!("close")).await;
    assert!(try_create(&desk).await.is_err());
    assert_eq!(desk.zendesk.organizations().len(), 10);

    let desk = faulty("create", json!("lost_answer")).await;
    assert!(try_create(&desk).await.is_err());
    assert_eq!(desk.zendesk.requests()[1].status, 0);
    assert_eq!(desk.get("organizations/search?name=a").await.body["count"], 1);
    assert_eq!(try_create(&desk).await.unwrap().status, 422);
}

#[tokio::test]
async fn each_kind_hits_its_requests_only() {
    let requests = [
        ("token", "POST", "../../oauth/tokens"),
        ("organizations", "GET", "organizations"),
        ("count", "GET", "organizations/count"),
        ("lookup", "GET", "organizations/1"),
        ("lookup", "GET", "organizations/show_many?ids=1"),
        ("lookup", "GET", "organizations/search?name=a"),
        ("lookup", "GET", "organizations/autocomplete?name=ab"),
        ("fields", "GET", "organization_fields"),
        ("create", "POST", "organizations"),
        ("create", "POST", "organizations/create_or_update"),
        ("update", "PUT", "organizations/1"),
        ("create_many", "POST", "organizations/create_many"),
        ("update_many", "PUT", "organizations/update_many"),
        ("job_status", "GET", "job_statuses/1"),
        ("job_status", "GET", "job_statuses/show_many?ids=1"),
        ("job_status", "GET", "job_statuses"),
        ("any", "GET", "tickets"),
    ];
    for (on, ..) in requests {
        let fault =
            json!({"on": on, "skip": u8::from(on == "any" || on == "token"), "answer": {"status": {"status": 418}}});
        let desk = desk(json!({"organizations": organizations(1), "faults": [fault]})).await;
        for (kind, method, path) in requests {
            let answer = desk.send(desk.request(method, path).json(&json!({}))).await.unwrap();
            assert_eq!(answer.status == 418, kind == on || on == "any", "{on}: {method} {path}");
        }
    }
}

#[tokio::test]
async fn faults_wait_and_follow_each_other() {
    let status = |status: u16| json!({"status": {"status": status}});
    let faults = json!([
        {"on": "organizations", "skip": 1, "times": 2, "answer": status(500)},
        {"on": "any", "skip": 3, "times": 1, "answer": status(502)}
    ]);
    let desk = desk(json!({"faults": faults})).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(desk.get("organizations").await.status);
    }
    assert_eq!(statuses, [200, 500, 500, 502, 200]);
}

/// Returns the first organization on each of at most 6 pages.
async fn firsts(desk: &Desk) -> Vec<u64> {
    let mut page = desk.get(LIST).await.body;
    let mut firsts = vec![ids(&page)[0]];
    while page["meta"]["has_more"] == true && firsts.len() < 6 {
        page = desk.get(page["links"]["next"].as_str().unwrap()).await.body;
        firsts.push(ids(&page)[0]);
    }
    firsts
}

#[tokio::test]
async fn pages_go_astray() {
    let cases = [
        (0, Some(1), "repeat_page", vec![1, 5, 9]),
        (1, Some(1), "repeat_page", vec![1, 1, 5, 9]),
        (2, Some(1), "repeat_page", vec![1, 5, 5, 9]),
        (0, Some(1), "skip_page", vec![5, 9]),
        (1, Some(1), "skip_page", vec![1, 9]),
        (0, None, "next_loop", vec![1, 1, 1, 1, 1, 1]),
        (1, None, "next_loop", vec![1, 5, 5, 5, 5, 5]),
        (1, Some(1), "early_end", vec![1, 5]),
    ];
    for (skip, times, answer, wanted) in cases {
        let fault = json!({"on": "organizations", "skip": skip, "times": times, "answer": answer});
        let desk = desk(json!({"organizations": organizations(10), "faults": [fault]})).await;
        assert_eq!(firsts(&desk).await, wanted, "{skip} {answer}");
    }
}

#[tokio::test]
async fn false_claims() {
    let desk = faulty("organizations", json!({"next_host": "http://127.0.0.1:9"})).await;
    let page = desk.get(LIST).await.body;
    let next = page["links"]["next"].as_str().unwrap();
    assert!(next.starts_with("http://127.0.0.1:9/api/v2/organizations.json?page%5Bafter%5D="), "{next}");
    let prev = page["links"]["prev"].as_str().unwrap();
    assert!(prev.starts_with(desk.zendesk.url()));

    let desk = faulty("count", json!({"claimed_count": 77})).await;
    assert_eq!(desk.get("organizations/count").await.body["count"]["value"], 77);
}

#[tokio::test]
async fn refused_requests_use_up_no_fault() {
    let body = json!({"organizations": [{"id": 1, "notes": "n"}]});
    let faults = json!([
        {"on": "update_many", "times": 1, "answer": {"job_stops": {"status": "killed"}}},
        {"on": "update_many", "times": 1, "answer": {"item_failures": {"count": 1}}}
    ]);
    let desk = desk(json!({"organizations": organizations(1), "job_limit": 1, "faults": faults})).await;
    assert_eq!(desk.put("organizations/update_many", body.clone()).await.status, 200);
    assert_eq!(desk.put("organizations/update_many", body.clone()).await.status, 429);
    desk.advance(5.0);
    let id = desk.job("PUT", "organizations/update_many", body).await;
    desk.advance(5.0);
    assert_eq!(desk.status(&id).await["results"][0]["error"], "OrganizationUpdateFailed");
}

#[tokio::test]
async fn stops_while_requests_hang() {
    let mut desk = faulty("organizations", json!("hang")).await;
    let hanging = tokio::spawn(desk.request("GET", LIST).send());
    while desk.zendesk.requests().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let desk = soon(move || {
        desk.zendesk.stop();
        desk.zendesk.stop();
        desk
    })
    .await;
    assert!(hanging.await.unwrap().is_err());
    assert_eq!((desk.zendesk.organizations().len(), desk.zendesk.requests().len()), (10, 2));
    assert!(desk.send(desk.request("GET", LIST)).await.is_err());
}

#[tokio::test]
async fn answers_are_packed_on_request() {
    let desk = desk(json!({"organizations": organizations(100)})).await;
    let length = desk.get("organizations?page[size]=100").await.text.len() as u64;
    let plain = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    plain.execute(desk.request("GET", "organizations?page[size]=100").build().unwrap()).await.unwrap();
    let log = desk.zendesk.requests();
    assert!(log[1].bytes * 5 < length && log[2].bytes == length);
    let off = crate::support::desk(json!({"gzip": false, "latency_ms": 20})).await;
    let start = Instant::now();
    assert!(off.get("organizations").await.header("content-encoding").is_empty());
    assert!(start.elapsed() >= Duration::from_millis(20));
}
