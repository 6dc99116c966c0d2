//! A reader that is slower than the org slows down the query. It neither fails, nor do its pages fill the memory.

use std::sync::Arc;
use std::time::Duration;

use crm_sync::engine::Engine;
use crm_sync::salesforce::{query, Batch, Batches, Query, Way};
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::{json, Value};
use tokio::sync::mpsc;

use crate::support::{client_of, ids, settings, start, wait};

const ROWS: u64 = 6_000;

/// Starts an org whose pages have 200 rows, and about 100 KB.
fn org() -> Salesforce {
    let text = "x".repeat(400);
    let contacts: Vec<Value> = ids(ROWS).iter().map(|id| json!({"Id": id, "Description": text})).collect();
    start(json!({"records": {"Contact": contacts}, "page_size": 200}))
}

/// Reads all contacts with a reader that takes no page before the org is asked for no more. Returns the number of rows,
/// and the number of requests by then.
fn read_late(org: &Salesforce, way: Way) -> (Result<u64, String>, usize) {
    let mut settings = settings(org);
    settings.limits.max_body = 200_000;
    let engine = Engine::start().expect("threads");
    let (workers, client) = (engine.workers(), client_of(settings));
    let asked = Query::new("SELECT Id, Description FROM Contact").by(way);
    let (sender, mut pages) = mpsc::channel(1);
    let batches = Arc::new(Batches::new(sender, Box::new(|| ())));
    let reading = engine.spawn(async move { query(&client, &workers, &asked, batches).await });
    let requests = quiet(org);
    let rows = wait(&engine, async move {
        let mut rows = 0;
        while let Some(page) = pages.recv().await {
            rows += match page {
                Batch::Json(page) => serde_json::from_str::<Vec<Value>>(page.records()).expect("records").len() as u64,
                Batch::Csv(page) => page.rows(),
            };
        }
        (rows, reading.await.expect("an end"))
    });
    (rows.1.map(|told| rows.0.min(told)).map_err(|error| error.to_string()), requests)
}

/// Waits until no request has come for a while, and returns their number.
fn quiet(org: &Salesforce) -> usize {
    let mut count = 0;
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = org.requests().len();
        if now > 0 && now == count {
            return now;
        }
        count = now;
    }
}

#[test]
fn all_rows_come_to_a_reader_that_is_late() {
    for way in [Way::Serial, Way::Parallel, Way::Bulk] {
        let org = org();
        let (rows, _) = read_late(&org, way);
        assert_eq!(rows, Ok(ROWS), "{way:?}");
    }
}

/// The limit is four pages of 200,000 bytes. The other requests are for the sign-in, the first page and the ranges.
#[test]
fn no_more_pages_are_asked_for_than_may_be_held() {
    let org = org();
    let (rows, requests) = read_late(&org, Way::Parallel);
    assert_eq!(rows, Ok(ROWS));
    assert!(requests <= 16, "{requests} requests");
}

/// A reader may read another query of the same org before it goes on with the first.
#[test]
fn a_query_within_another_is_read_to_its_end() {
    let org = org();
    let mut settings = settings(&org);
    settings.limits.max_body = 200_000;
    let engine = Engine::start().expect("threads");
    let (workers, client) = (engine.workers(), client_of(settings));
    let read = wait(&engine, async move {
        let read = |sender| {
            let asked = Query::new("SELECT Id, Description FROM Contact").by(Way::Parallel);
            let (client, workers) = (client.clone(), workers.clone());
            let batches = Arc::new(Batches::new(sender, Box::new(|| ())));
            tokio::spawn(
                async move { query(&client, &workers, &asked, batches).await.map_err(|error| error.to_string()) },
            )
        };
        let (sender, mut pages) = mpsc::channel(1);
        let outer = read(sender);
        let first = pages.recv().await;
        let (sender, mut others) = mpsc::channel(1);
        let inner = read(sender);
        while others.recv().await.is_some() {}
        let inner = inner.await.expect("an end");
        drop(first);
        while pages.recv().await.is_some() {}
        (outer.await.expect("an end"), inner)
    });
    assert_eq!(read, (Ok(ROWS), Ok(ROWS)));
}
