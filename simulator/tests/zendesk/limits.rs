//! Rate limits, and the clock that they depend on.

use crate::support::{desk, organizations};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn every_answer_tells_the_limit() {
    let desk = desk(json!({"per_minute": 700})).await;
    desk.get("organizations").await;
    let answer = desk.get("organizations/9").await;
    assert_eq!((answer.header("x-rate-limit"), answer.header("x-rate-limit-remaining")), ("700", "698"));
    assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("700", "698"));
    let reset: u64 = answer.header("ratelimit-reset").parse().unwrap();
    assert!((50..=60).contains(&reset));
    assert!(answer.header("rate-limit").is_empty());
    assert_eq!(answer.header("x-request-id").len(), 16);
    assert_eq!(answer.header("x-request-id"), answer.header("x-zendesk-request-id"));
}

#[tokio::test]
async fn the_headers_had_other_names() {
    let desk = desk(json!({"rate_headers": "2023", "organizations": organizations(1)})).await;
    let body = json!({"organizations": [{"id": 1}]});
    let answer = desk.put("organizations/update_many", body).await;
    assert_eq!((answer.header("rate-limit"), answer.header("rate-limit-remaining")), ("700", "699"));
    assert!(!answer.header("rate-limit-reset").is_empty());
    assert_eq!(answer.header("x-rate-limit"), "700");
    assert!(answer.header("ratelimit-limit").is_empty());
    assert_eq!(answer.header("zendesk-rate-limit-inflight-jobs"), "total=30; remaining=29; resets=60");
}

#[tokio::test]
async fn a_minute_has_so_many_requests() {
    let fault = json!({"on": "organizations", "times": 1, "answer": {"status": {"status": 418}}});
    let desk = desk(json!({"per_minute": 3, "faults": [fault]})).await;
    for _ in 0..3 {
        assert_eq!(desk.get("organizations/count").await.status, 200);
    }
    for _ in 0..2 {
        let refused = desk.get("organizations").await;
        assert_eq!((refused.status, refused.header("content-type")), (429, "text/plain; charset=utf-8"));
        assert_eq!(refused.text, "Number of allowed API requests per minute exceeded");
        assert_eq!(refused.header("ratelimit-remaining"), "0");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert_eq!(refused.header("ratelimit-reset"), wait.to_string());
        assert!((50..=60).contains(&wait));
    }
    // Requests without a login do not use up the limit, and neither do logins.
    assert_eq!(desk.login(json!({})).await.status, 200);
    assert_eq!(desk.send(desk.client.get(desk.url("organizations"))).await.unwrap().status, 418);
    desk.advance(60.0);
    assert_eq!(desk.get("organizations").await.status, 200);
}

#[tokio::test]
async fn an_organization_has_five_updates_per_minute() {
    let desk = desk(json!({"organizations": organizations(2)})).await;
    let body = || json!({"organization": {"notes": "n"}});
    for _ in 0..5 {
        assert_eq!(desk.put("organizations/1", body()).await.status, 200);
    }
    let refused = desk.put("organizations/1", body()).await;
    let wanted = json!({"errors": [{"code": "TooManyRequests", "title": "Too many requests to update"}]});
    assert_eq!((refused.status, refused.body.clone()), (429, wanted));
    assert!((50..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(desk.put("organizations/2", body()).await.status, 200);
    desk.advance(60.0);
    assert_eq!(desk.put("organizations/1", body()).await.status, 200);
}

#[tokio::test]
async fn time_is_the_simulators_own() {
    let desk = desk(json!({"organizations": organizations(1), "clock_speed": 500.0})).await;
    let start = Instant::now();
    let job = desk.job("PUT", "organizations/update_many", json!({"organizations": [{"id": 1, "notes": "n"}]})).await;
    while desk.status(&job).await["status"] != "completed" {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let own = start.elapsed().as_secs_f64();
    let done = &desk.zendesk.jobs()[0];
    let took = done.ended_at.unwrap() - done.at;
    assert!((4.999..5.001).contains(&took), "{took}");
    assert!(own < took, "{took} s of the simulator took {own} s");

    let before = desk.zendesk.now();
    let answer = desk.get("organizations/count").await;
    let time: f64 = answer.header("x-simulator-time").parse().unwrap();
    let arrived = desk.zendesk.requests().last().unwrap().time.at;
    assert!(before <= arrived && arrived <= time + 0.001 && time <= desk.zendesk.now() + 0.001);
    desk.advance(1e6);
    assert!(desk.get("organizations").await.header("x-simulator-time").parse::<f64>().unwrap() > 1e6);
}
