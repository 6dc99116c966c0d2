//! The client against the simulator: rows that are whole or an error, retries, and an end when nobody waits any more.

use std::sync::Arc;
use std::time::Duration;

use crm_sync::columns::Cell;
use crm_sync::engine::Engine;
use crm_sync::http::Limits;
use crm_sync::salesforce::{collect, sign_in, Client, Grant, Org, Query, RowSink, Selection, Sessions, Settings, Way};
use crm_sync::Error;
use crm_sync_simulator::salesforce::Salesforce;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use serde_json::{json, Value};

const SOQL: &str = "SELECT Id, Account.Name FROM Contact";

/// What came, a line for each row.
#[derive(Default)]
struct Lines(Vec<String>);

impl RowSink for Lines {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        self.0.push(format!("{cells:?}"));
        Ok(())
    }
}

/// An org with five contacts in pages of two.
fn org(faults: Value) -> Salesforce {
    let contacts: Vec<Value> = (1..=5).map(|n| json!({"Id": format!("003{n:012}AAA"), "AccountId": null})).collect();
    let options = json!({"records": {"Contact": contacts, "Account": []}, "page_size": 2, "faults": faults});
    Salesforce::start(serde_json::from_value(options).expect("options")).expect("a simulator")
}

/// Signs in anew whenever a session is asked for, as a host without a store does.
struct SignIns(Arc<Org>);

impl Sessions for SignIns {
    fn open(&self, _: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String), Error>> {
        Box::pin(async {
            let granted = sign_in(&self.0, None).await?;
            Ok((granted.access_token, granted.instance_url))
        })
    }
}

fn client(org: &Salesforce) -> Client {
    let limits = Limits {
        read_timeout: Duration::from_millis(300),
        attempts: 3,
        retry_delay: Duration::from_millis(5),
        ..Limits::default()
    };
    let settings = Settings {
        host: org.url().into(),
        client_id: "id".into(),
        grant: Grant::ClientCredentials { client_secret: "secret".to_owned().into() },
        api_version: "66.0".into(),
        quota_reserve: 0.05,
        bulk_from: 100_000,
        ca_file: None,
        limits,
    };
    let org = Arc::new(Org::new(settings).expect("an org"));
    Client::new(Arc::clone(&org), Arc::new(SignIns(org)))
}

/// Reads all contacts on an engine of its own.
fn read(org: &Salesforce) -> Result<Vec<String>, Error> {
    read_by(org, Way::Auto)
}

fn read_by(org: &Salesforce, way: Way) -> Result<Vec<String>, Error> {
    let engine = Engine::start()?;
    let (client, workers) = (client(org), engine.workers());
    let (sender, receiver) = std::sync::mpsc::channel();
    engine.spawn(async move {
        let selection = Selection::new(&["Id", "Account.Name"]);
        let lines = collect(&client, &workers, &Query::new(SOQL).by(way), selection, Lines::default()).await;
        sender.send(lines.map(|lines| lines.0))
    });
    receiver.recv().expect("an end")
}

fn remote(result: Result<Vec<String>, Error>) -> crm_sync::RemoteError {
    match result {
        Err(Error::Remote(error)) => *error,
        other => panic!("not an error of the remote side: {other:?}"),
    }
}

#[test]
fn all_pages_come_in_order() {
    let org = org(json!([]));
    let lines = read(&org).expect("rows");
    let numbers: Vec<bool> = (1..=5).map(|n| lines[n - 1].contains(&format!("003{n:012}AAA"))).collect();
    assert_eq!((lines.len(), numbers), (5, vec![true; 5]));
    assert_eq!(org.requests().len(), 4);
}

#[test]
fn what_passes_is_tried_again_and_leaves_no_row_twice() {
    for answer in [json!("close"), json!("truncate"), json!("cut_json"), json!("hang"), json!({"retry_after": 0})] {
        let org = org(json!([{"on": "next_page", "skip": 1, "times": 2, "answer": answer}]));
        assert_eq!(read(&org).expect("rows").len(), 5, "{answer}");
        assert_eq!(org.requests().len(), 6, "{answer}");
    }
}

#[test]
fn what_stays_is_given_up() {
    let org = org(json!([{"on": "next_page", "answer": "close"}]));
    let error = remote(read(&org));
    assert_eq!((error.attempts, org.requests().len()), (3, 5));
}

#[test]
fn rows_that_are_not_whole_are_an_error() {
    for (answer, why) in [
        (json!("skip_page"), "rows came of 5"),
        (json!("repeat_page"), "came before"),
        (json!({"total_size": 9}), "total changed from 5 to 9"),
    ] {
        let org = org(json!([{"on": "next_page", "times": 1, "answer": answer}]));
        let error = remote(read(&org));
        assert!(error.message.contains(why) && error.attempts == 1, "{error}");
    }
}

#[test]
fn a_query_that_nobody_waits_for_asks_no_more() {
    let org = org(json!([{"on": "query", "answer": "hang"}]));
    let engine = Engine::start().expect("threads");
    let (one, workers) = (client(&org), engine.workers());
    let work = engine.spawn(async move {
        let selection = Selection::new(&["Id", "Account.Name"]);
        collect(&one, &workers, &Query::new(SOQL), selection, Lines::default()).await.is_ok()
    });
    while org.requests().len() < 2 {
        std::thread::yield_now();
    }
    work.abort();
    // Another client's three tries take as long as the one's next two would have.
    remote(read(&org));
    assert_eq!(org.requests().len(), 2 + 4);
}
