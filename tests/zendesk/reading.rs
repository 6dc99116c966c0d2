//! Reads organizations and their fields: completely, or with an error.

use crate::support::{client, count, desk, fault, named, read, remote, settings, settings_at, with};
use crate::wire::Wire;
use crm_sync::http::Limits;
use crm_sync::zendesk::{organization_fields, organizations, Batches, FieldOption, FieldType, Settings};
use serde_json::{json, Value};

/// Starts an account with fifteen organizations in pages of five. They end without a request for an empty page.
fn fifteen(faults: Value) -> crm_sync_simulator::zendesk::Zendesk {
    desk(json!({"organizations": named(15), "page_size": 5, "faults": faults}))
}

/// Returns a fault that hits the second page once.
fn second(answer: Value) -> Value {
    json!([{"on": "organizations", "skip": 1, "times": 1, "answer": answer}])
}

#[tokio::test]
async fn all_come_once_and_the_link_of_the_last_page_is_not_followed() {
    let desk = fifteen(json!([]));
    assert_eq!(read(&client(&desk)).await.expect("ids"), (1..=15).collect::<Vec<u64>>());
    assert_eq!(count(&desk, "GET", "/organizations.json") + count(&desk, "GET", "/organizations"), 3);
    assert_eq!(count(&desk, "GET", "/organizations/count"), 1);
    assert!(desk.requests()[2].query.as_deref().expect("a query").contains("page[size]=100"));
}

#[tokio::test]
async fn an_account_without_organizations_is_no_error() {
    let desk = desk(json!({}));
    assert!(read(&client(&desk)).await.expect("ids").is_empty());
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for answer in [
        json!("close"),
        json!("lost_answer"),
        json!("hang"),
        json!("truncate"),
        json!("cut_json"),
        json!("html"),
        json!({"slow_body_ms": 1}),
        json!({"status": {"status": 500}}),
        json!({"unavailable": {"retry_after": 2}}),
        json!({"unavailable": {}}),
        json!({"too_many_requests": {"retry_after": 3, "body": "text"}}),
        json!({"too_many_requests": {"retry_after": 3, "body": "html"}}),
        json!({"too_many_requests": {"body": "edge"}}),
        json!("expire_token"),
    ] {
        let desk = fifteen(second(answer.clone()));
        assert_eq!(read(&client(&desk)).await.expect("ids").len(), 15, "{answer}");
    }
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_in_the_time_of_the_account() {
    let desk = fifteen(second(json!({"too_many_requests": {"retry_after": 17}})));
    read(&client(&desk)).await.expect("ids");
    let requests = desk.requests();
    let refused = requests.iter().position(|request| request.status == 429).expect("a refusal");
    assert!(requests[refused + 1].time.at >= requests[refused].time.at + 17.0);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let desk = fifteen(second(json!({"too_many_requests": {"retry_after": 360_000}})));
    let error = remote(read(&client(&desk)).await);
    // In seconds of our clock: that of the simulator is fifty times as fast.
    assert!(error.message.contains("it asks to wait 7200 s; that is longer than `deadline` allows"), "{error}");
    assert_eq!((error.status, error.attempts), (Some(429), 1));
}

#[tokio::test]
async fn zendesk_list_cut_short() {
    for answer in [json!("early_end"), json!("skip_page")] {
        let desk = fifteen(second(answer.clone()));
        let error = remote(read(&client(&desk)).await);
        assert!(error.message.contains("10 organizations came of 15"), "{answer}: {error}");
    }
    let more = fifteen(json!([{"on": "count", "answer": {"claimed_count": 16}}]));
    assert!(remote(read(&client(&more)).await).message.contains("15 organizations came of 16"));
}

#[tokio::test]
async fn what_is_deleted_or_new_meanwhile_is_not_missed() {
    let fewer = fifteen(fault("count", json!({"claimed_count": 16})));
    assert_eq!(read(&client(&fewer)).await.expect("ids").len(), 15);
    assert_eq!(count(&fewer, "GET", "/organizations/count"), 2);
    let more = fifteen(json!([{"on": "count", "answer": {"claimed_count": 14}}]));
    assert_eq!(read(&client(&more)).await.expect("ids").len(), 15);
}

#[tokio::test]
async fn no_page_comes_twice() {
    for (answer, why) in [(json!("repeat_page"), "came"), (json!("next_loop"), "came before")] {
        let desk = fifteen(second(answer.clone()));
        let error = remote(read(&client(&desk)).await);
        assert!(error.message.contains(why), "{answer}: {error}");
        assert!(desk.requests().len() < 8, "{answer}");
    }
}

#[tokio::test]
async fn a_next_page_on_another_host_is_not_followed() {
    let other = desk(json!({}));
    let desk = fifteen(second(json!({"next_host": other.url()})));
    let error = remote(read(&client(&desk)).await);
    assert!(error.message.contains("another host"), "{error}");
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_next_page_with_a_name_and_a_password_is_not_followed() {
    let wire = Wire::start(|url, request| {
        let next = url.replace("http://", "http://somebody:else@") + "/api/v2/organizations?page[after]=x";
        let answer = match request.line.as_str() {
            "POST /oauth/tokens" => json!({"access_token": "hush", "token_type": "bearer", "scope": "read write"}),
            "GET /api/v2/organizations/count" => json!({"count": {"value": 2, "refreshed_at": "2026-01-01T00:00:00Z"}}),
            _ => json!({"organizations": [{"id": 1}], "meta": {"has_more": true}, "links": {"next": next}}),
        };
        (200, answer.to_string())
    });
    let error = remote(read(&with(settings_at(&wire.url))).await);
    assert!(error.message.contains("another host"), "{error}");
    assert_eq!(wire.requests("/organizations").len(), 1);
}

#[tokio::test]
async fn an_answer_without_bounds_has_an_end() {
    let desk = fifteen(second(json!("bomb")));
    let small = Limits { max_body: 1 << 20, ..settings(&desk).limits };
    let client = with(Settings { limits: small, ..settings(&desk) });
    assert!(remote(read(&client).await).message.contains("more than 1 MiB"));
    let few = Limits { max_rows: 7, ..settings(&desk).limits };
    let client = with(Settings { limits: few, ..settings(&desk) });
    assert!(remote(read(&client).await).message.contains("more than 7 rows"));
}

#[tokio::test]
async fn a_fault_that_stays_is_told_with_all_that_is_known() {
    let error = json!({"error": {"status": 500, "code": "Boom", "description": "for x@y.edu"}});
    let desk = fifteen(json!([{"on": "organizations", "answer": error}]));
    let error = remote(read(&client(&desk)).await);
    assert_eq!((error.service, error.status, error.attempts), ("Zendesk", Some(500), 3));
    assert_eq!((error.code.as_deref(), error.message.as_str()), (Some("Boom"), "for [address]"));
    assert!(error.request_id.is_some_and(|id| id.len() == 16));
}

#[tokio::test]
async fn the_errors_that_people_meet_come_with_advice() {
    for (status, advice) in [(403, "scope"), (404, "zendesk.host"), (301, "zendesk.host"), (429, "zendesk.share")] {
        let desk = fifteen(json!([{"on": "organizations", "answer": {"status": {"status": status}}}]));
        let error = remote(read(&client(&desk)).await);
        assert_eq!(error.status, Some(status));
        assert!(error.message.contains(advice), "{error}");
    }
}

#[tokio::test]
async fn pages_wait_for_their_reader() {
    let desk = fifteen(json!([]));
    let (sender, mut pages) = tokio::sync::mpsc::channel(1);
    let batches = Batches::new(sender, Box::new(|| ()));
    let client = client(&desk);
    let reading = tokio::spawn(async move { organizations(&client, &batches).await });
    let mut rows = 0;
    while let Some(page) = pages.recv().await {
        rows += page.rows();
    }
    assert_eq!((rows, reading.await.expect("an end").expect("rows")), (15, 15));
}

#[tokio::test]
async fn field_definitions_come_with_types_and_options() {
    let desk = desk(json!({"page_size": 2, "organization_fields": [
        {"key": "salesforce_id"},
        {"key": "mark_for_deletion", "type": "checkbox", "tag": "marked", "title": "Mark"},
        {"key": "account_type", "type": "dropdown", "custom_field_options": [{"name": "Open", "value": "open_partner"}]},
        {"key": "old", "type": "decimal", "active": false},
    ]}));
    let fields = organization_fields(&client(&desk)).await.expect("fields");
    let short: Vec<_> = fields.iter().map(|field| (field.key.as_str(), field.kind, field.active)).collect();
    assert_eq!(
        short,
        [
            ("salesforce_id", FieldType::Text, true),
            ("mark_for_deletion", FieldType::Checkbox, true),
            ("account_type", FieldType::Dropdown, true),
            ("old", FieldType::Decimal, false),
        ]
    );
    assert_eq!((fields[1].tag.as_deref(), fields[1].title.as_str()), (Some("marked"), "Mark"));
    assert_eq!(fields[2].options, [FieldOption { name: "Open".into(), value: "open_partner".into() }]);
}

#[tokio::test]
async fn no_more_requests_go_out_than_our_share_in_any_minute() {
    for (headers, minute) in [("2023", 20), ("2024", 20)] {
        let desk =
            desk(json!({"organizations": named(60), "page_size": 2, "per_minute": minute, "rate_headers": headers,
                               "clock_speed": 300}));
        let second = std::time::Duration::from_secs_f64(1.0 / 300.0);
        assert_eq!(read(&with(Settings { second, ..settings(&desk) })).await.expect("ids").len(), 60);
        let requests = desk.requests();
        assert!(requests.iter().all(|request| request.status == 200), "{headers}");
        // The account does not count the sign-in, but we do.
        let at: Vec<f64> = requests.iter().map(|request| request.time.at).collect();
        let busiest = (0..at.len()).map(|n| at[n..].iter().take_while(|one| **one < at[n] + 60.0).count()).max();
        assert!(busiest <= Some(10), "{headers}: {busiest:?}");
    }
}

/// `refreshed_at` tells how reliable a count is: after many deletions, a count that is a day old is no reason to stop.
#[tokio::test]
async fn a_count_that_is_old_may_be_off() {
    let counted = |value: u64, ago: Value| {
        let old = json!({"old_count": {"value": value, "seconds_ago": ago}});
        fifteen(json!([{"on": "count", "answer": old}]))
    };
    for (value, ago) in [(16, json!(86_400)), (16, json!(null)), (15, json!(0))] {
        assert_eq!(read(&client(&counted(value, ago.clone()))).await.expect("ids").len(), 15, "{value} {ago}");
    }
    for (value, ago) in [(16, json!(0)), (16, json!(60)), (20, json!(86_400)), (20, json!(null))] {
        let error = remote(read(&client(&counted(value, ago.clone()))).await);
        assert!(error.message.contains(&format!("15 organizations came of {value}")), "{ago}: {error}");
    }
}
