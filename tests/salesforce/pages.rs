//! One chain of pages: complete or an error, with retries where they help.

use crm_sync::engine::Engine;
use crm_sync::rows::Selection;
use crm_sync::salesforce::{collect, Query, Way};
use crm_sync::Error;
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::{json, Value};

use crate::support::{
    client_of, contacts, ids, impatient, read as read_ids, remote, rows, settings, sorted, start, Lines,
};

const SOQL: &str = "SELECT Id, Account.Name FROM Contact";

/// Starts an org with five contacts in pages of two.
fn org(faults: Value) -> Salesforce {
    let contacts: Vec<Value> = (1..=5).map(|n| json!({"Id": format!("003{n:012}AAA"), "AccountId": null})).collect();
    let options = json!({"records": {"Contact": contacts, "Account": []}, "page_size": 2, "faults": faults});
    start(options)
}

fn read(org: &Salesforce) -> Result<Vec<String>, Error> {
    rows(impatient(org), Query::new(SOQL), &["Id", "Account.Name"])
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
fn a_page_that_begins_with_rows_of_the_one_before_is_an_error_although_the_sum_is_right() {
    let records: Vec<Value> = (2..=4).map(|n| json!({"Id": format!("003{n:012}AAA"), "Account": null})).collect();
    let page = json!({"totalSize": 5, "done": true, "records": records}).to_string();
    let answer = json!({"status": {"status": 200, "body": page, "content_type": "application/json"}});
    let org = org(json!([{"on": "next_page", "answer": answer}]));
    let error = remote(read(&org));
    assert!(error.message.contains("a page has rows that came before"), "{error}");
}

#[test]
fn a_query_that_nobody_waits_for_asks_no_more() {
    let org = org(json!([{"on": "query", "answer": "hang"}]));
    let engine = Engine::start().expect("threads");
    let (one, workers) = (client_of(impatient(&org)), engine.workers());
    let work = engine.spawn(async move {
        let selection = Selection::new(&["Id", "Account.Name"]);
        collect(&one, &workers, &Query::new(SOQL), selection, Lines::default()).await.is_ok()
    });
    while org.requests().len() < 2 {
        std::thread::yield_now();
    }
    work.abort();
    // Three attempts of another client take as long as the next two of the first client would have taken.
    remote(read(&org));
    assert_eq!(org.requests().len(), 2 + 4);
}

#[test]
fn a_query_that_the_server_forgets_is_read_on_behind_its_last_row() {
    for way in [Way::Serial, Way::Parallel, Way::Auto] {
        let fault = json!({"on": "next_page", "skip": 3, "times": 4, "answer": "expire_locator"});
        let org = start(json!({"records": {"Contact": contacts(&ids(900))}, "page_size": 40, "faults": [fault]}));
        assert_eq!(sorted(read_ids(settings(&org), way).expect("rows")), ids(900), "{way:?}");
    }
}

#[test]
fn a_query_that_the_server_forgets_again_and_again_is_given_up() {
    let fault = json!({"on": "next_page", "answer": "expire_locator"});
    let org = start(json!({"records": {"Contact": contacts(&ids(60))}, "page_size": 2, "faults": [fault]}));
    let error = remote(read_ids(settings(&org), Way::Serial));
    assert!(error.message.contains("again and again"), "{error}");
}

#[test]
fn rows_that_were_left_out_are_missed_although_the_query_was_begun_anew() {
    let faults = json!([
        {"on": "next_page", "times": 1, "answer": "skip_page"},
        {"on": "next_page", "times": 1, "skip": 1, "answer": "expire_locator"}
    ]);
    let org = start(json!({"records": {"Contact": contacts(&ids(9))}, "page_size": 2, "faults": faults}));
    let error = remote(read_ids(settings(&org), Way::Serial));
    assert!(error.message.contains("7 rows came of 9"), "{error}");
}
