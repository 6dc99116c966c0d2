//! A run at full size: it is fast, stays within the limits, and gives every item an outcome.

use std::time::Duration;

use crate::support::{attributes, desk, named, rows, settings, with, Journal};
use crm_sync::zendesk::{write, Changes, Outcome, Settings};
use serde_json::{json, Value};

/// Slow enough for a busy machine: real time counts this many times as simulated time.
const SPEED: f64 = 2.0;
const MINUTE: f64 = 60.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_updates_take_half_a_minute_and_half_of_the_budget() {
    let fields = json!([{"key": "account_owner"}, {"key": "mark_for_deletion", "type": "checkbox"}]);
    let desk = desk(json!({"organizations": named(10_300), "organization_fields": fields, "per_minute": 2500,
                           "job_seconds": 5, "clock_speed": SPEED}));
    let client = with(Settings { second: Duration::from_secs_f64(1.0 / SPEED), ..settings(&desk) });
    let creates = (0..200).map(|number| attributes(json!({"name": format!("New {number}")}))).collect();
    let updates = rows(1..=10_000, &json!({"organization_fields": {"account_owner": "Ada"}}));
    let marks = rows(10_001..=10_300, &json!({"organization_fields": {"mark_for_deletion": true}}));
    let journal = Journal::default();

    let written = write(&client, Changes { creates, updates, marks }, &journal).await;
    assert!(written.stopped.is_none(), "{:?}", written.stopped);
    assert_eq!(written.items.len(), 10_500);
    let others: Vec<_> = written.items.iter().filter(|item| item.outcome != Outcome::Done).take(3).collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(journal.lines("finished").len(), 10_500);

    let requests = desk.requests();
    let times: Vec<f64> = requests.iter().map(|request| request.time.at).collect();
    let took = times.last().expect("a request") - times[0];
    let busiest =
        (0..times.len()).map(|first| times[first..].iter().take_while(|at| **at < times[first] + MINUTE).count());
    let busiest = busiest.max().expect("a minute");
    let refused = requests.iter().filter(|request| request.status >= 400).count();
    let jobs = desk.jobs();
    let in_flight = |at: f64| jobs.iter().filter(|job| job.at <= at && job.ended_at.is_none_or(|end| end > at)).count();
    let most = jobs.iter().map(|job| in_flight(job.at)).max().expect("a job");
    let figures = format!("{took:.1} s, {} requests, {busiest} in a minute, {most} jobs at once", requests.len());
    assert_eq!((jobs.len(), refused), (103, 0), "{figures}");
    assert!(took <= 30.0 && busiest <= 1250 && most <= 30, "{figures}");
    if let Ok(file) = std::env::var("FIGURES") {
        std::fs::write(file, figures).expect("a file for the figures");
    }

    let all = desk.organizations();
    let having = |key: &str, value: Value| all.iter().filter(|row| row["organization_fields"][key] == value).count();
    assert_eq!((all.len(), having("account_owner", json!("Ada"))), (10_500, 10_000));
    assert_eq!(having("mark_for_deletion", json!(true)), 300);
}
