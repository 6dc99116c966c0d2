//! A reader that stops leaves nothing running, neither in the client nor in the org.

use std::sync::Arc;

use crm_sync::engine::Engine;
use crm_sync::rows::Selection;
use crm_sync::salesforce::{collect, query, Batches, Client, Query, Way};
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::json;
use tokio::sync::mpsc;

use crate::support::{
    contacts, ids, org_of, read, settings, sign_ins, start, wait, wait_for_requests, Lines, SignIns, IDS,
};

fn org() -> Salesforce {
    start(json!({
        "records": {"Contact": contacts(&ids(400))}, "page_size": 20, "bulk_polls": 1, "bulk_page_size": 30
    }))
}

/// Returns whether no more requests arrive. The first query gives requests in flight the time to arrive; the second one
/// must then be the only source of requests.
fn is_quiet(org: &Salesforce) -> bool {
    read(settings(org), Way::Serial).expect("rows");
    let before = org.requests().len();
    read(settings(org), Way::Serial).expect("rows");
    org.requests().len() == before + 1 + 20
}

#[test]
fn an_aborted_reader_leaves_no_jobs_and_no_requests() {
    for way in [Way::Parallel, Way::Bulk] {
        for requests in 1..16 {
            let simulator = org();
            let engine = Engine::start().expect("threads");
            let org = org_of(settings(&simulator));
            let client = Client::new(Arc::clone(&org), Arc::new(SignIns(Arc::clone(&org), None)));
            let workers = engine.workers();
            let work = engine.spawn(async move {
                let query = Query::new(IDS).by(way);
                collect(&client, &workers, &query, Selection::new(&["Id"]), Lines::default()).await.is_ok()
            });
            wait_for_requests(&simulator, requests);
            work.abort();
            wait(&engine, async move {
                let _ = work.await;
                org.cleaned_up().await;
            });
            assert!(simulator.jobs().iter().all(|job| job.deleted), "{way:?} {requests}: {:?}", simulator.jobs());
            assert!(is_quiet(&simulator), "{way:?} {requests}");
        }
    }
}

#[test]
fn a_reader_aborted_during_the_creation_of_its_job_leaves_no_job() {
    let simulator = start(json!({"records": {"Contact": contacts(&ids(40))}, "page_size": 20, "latency_ms": 30}));
    let engine = Engine::start().expect("threads");
    let org = org_of(settings(&simulator));
    let client = Client::new(Arc::clone(&org), Arc::new(SignIns(Arc::clone(&org), None)));
    let workers = engine.workers();
    let work = engine.spawn(async move {
        let query = Query::new(IDS).by(Way::Bulk);
        collect(&client, &workers, &query, Selection::new(&["Id"]), Lines::default()).await.is_ok()
    });
    // A sign-in, a description and the creation of the job.
    wait_for_requests(&simulator, 3);
    work.abort();
    wait(&engine, async move {
        let _ = work.await;
        org.cleaned_up().await;
    });
    assert!(simulator.jobs().iter().all(|job| job.deleted), "{:?}", simulator.jobs());
}

#[test]
fn a_reader_that_takes_no_more_pages_leaves_no_jobs_and_no_requests() {
    for way in [Way::Serial, Way::Parallel, Way::Bulk] {
        let simulator = org();
        let engine = Engine::start().expect("threads");
        let org = org_of(settings(&simulator));
        let client = Client::new(Arc::clone(&org), Arc::new(SignIns(Arc::clone(&org), None)));
        let (workers, asked) = (engine.workers(), Query::new(IDS).by(way));
        let read = wait(&engine, async move {
            let (sender, mut pages) = mpsc::channel(1);
            let batches = Arc::new(Batches::new(sender, Box::new(|| ())));
            let leaving = async move { pages.recv().await.is_some() };
            let (read, came) = tokio::join!(query(&client, &workers, &asked, batches), leaving);
            org.cleaned_up().await;
            read.map(|_| came).map_err(|error| error.to_string())
        });
        assert!(read.expect_err("an end").contains("nobody reads"), "{way:?}");
        assert!(simulator.jobs().iter().all(|job| job.deleted));
        assert_eq!(sign_ins(&simulator), 1);
        assert!(is_quiet(&simulator), "{way:?}");
    }
}

#[test]
fn a_reader_that_stops_does_not_wait_for_a_page_that_does_not_come() {
    let fault = json!({"on": "next_page", "answer": "hang"});
    let simulator = start(json!({"records": {"Contact": contacts(&ids(40))}, "page_size": 20, "faults": [fault]}));
    let engine = Engine::start().expect("threads");
    let org = org_of(settings(&simulator));
    let client = Client::new(Arc::clone(&org), Arc::new(SignIns(org, None)));
    let (workers, asked) = (engine.workers(), Query::new(IDS).by(Way::Serial));
    let (sender, pages) = mpsc::channel(1);
    drop(pages);
    let batches = Arc::new(Batches::new(sender, Box::new(|| ())));
    let read = wait(&engine, async move { query(&client, &workers, &asked, batches).await });
    assert!(read.expect_err("an end").to_string().contains("nobody reads"));
}
