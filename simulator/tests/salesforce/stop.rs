//! A simulator stops in bounded time, whatever its connections do.

use crate::common::soon;
use crate::support::{contacts, org};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn stops_while_requests_hang_and_bodies_trickle() {
    let faults = json!([
        {"on": "query", "object": "Lead", "answer": "hang"},
        {"on": "query", "object": "Contact", "answer": {"slow_body_ms": 60_000}},
        {"on": "query", "object": "Account", "answer": "bomb"}
    ]);
    let mut org = org(json!({"records": {"Contact": contacts(10)}, "faults": faults})).await;
    let hanging = tokio::spawn(org.query("SELECT Id FROM Lead").send());
    let trickling = org.query("SELECT Id FROM Contact").send().await.unwrap();
    let exploding = org.query("SELECT Id FROM Account").send().await.unwrap();
    while org.salesforce.requests().len() < 4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    let org = soon(move || {
        org.salesforce.stop();
        org.salesforce.stop();
        org
    })
    .await;
    assert!(hanging.await.unwrap().is_err());
    assert!(trickling.bytes().await.is_err());
    drop(exploding);
    assert_eq!(org.salesforce.requests().len(), 4);
    assert_eq!(org.salesforce.records("Contact").len(), 10);
    assert!(org.query("SELECT Id FROM Lead").send().await.is_err());
}

#[test]
fn many_can_run_at_once_and_drop_ends_them() {
    let simulators: Vec<_> = (0..20).map(|_| crate::support::start(json!({}))).collect();
    let addresses: Vec<String> = simulators.iter().map(|one| one.url()["http://".len()..].to_owned()).collect();
    assert!(addresses.iter().all(|address| std::net::TcpStream::connect(address).is_ok()));
    drop(simulators);
    assert!(addresses.iter().all(|address| std::net::TcpStream::connect(address).is_err()));
}

#[test]
fn a_page_holds_something() {
    let options = crm_sync_simulator::salesforce::Options { page_size: 0, ..Default::default() };
    assert!(crm_sync_simulator::salesforce::Salesforce::start(options).is_err());
}
