//! Queries that take the server too long.

use crm_sync::salesforce::Way;
use serde_json::json;

use crate::support::{contacts, ids, read, remote, settings, sorted, start};

#[test]
fn a_query_that_times_out_is_halved_up_to_four_times() {
    let rows = |most: usize| {
        let options = json!({"records": {"Contact": contacts(&ids(1_600))}, "query_timeout_rows": most});
        read(settings(&start(options)), Way::Auto)
    };
    assert_eq!(sorted(rows(100).expect("rows")), ids(1_600));
    let error = remote(rows(99));
    assert_eq!((error.code.as_deref(), error.attempts), (Some("QUERY_TIMEOUT"), 1));
}

#[test]
fn a_timeout_of_any_query_costs_no_row() {
    let answer = json!({"error": {"status": 400, "code": "QUERY_TIMEOUT", "message": "too long"}});
    for skip in 0..20 {
        let fault = json!({"on": "query", "skip": skip, "times": 1, "answer": answer});
        let org = start(json!({"records": {"Contact": contacts(&ids(300))}, "page_size": 20, "faults": [fault]}));
        assert_eq!(sorted(read(settings(&org), Way::Parallel).expect("rows")), ids(300), "{skip}");
    }
}

#[test]
fn a_query_that_times_out_after_a_lost_locator_is_halved_too() {
    let answer = json!({"error": {"status": 400, "code": "QUERY_TIMEOUT", "message": "too long"}});
    let faults = json!([
        {"on": "next_page", "skip": 2, "times": 1, "answer": "expire_locator"},
        {"on": "query", "skip": 1, "times": 1, "answer": answer}
    ]);
    let org = start(json!({"records": {"Contact": contacts(&ids(300))}, "page_size": 20, "faults": faults}));
    assert_eq!(sorted(read(settings(&org), Way::Serial).expect("rows")), ids(300));
}

#[test]
fn queries_with_any_code_for_a_timeout_are_halved_by_every_way_of_reading() {
    for code in ["QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "OPERATION_TOO_LARGE"] {
        for way in [Way::Serial, Way::Parallel, Way::Auto] {
            let answer = json!({"error": {"status": 400, "code": code, "message": "too much"}});
            let fault = json!({"on": "query", "times": 1, "answer": answer});
            let org = start(json!({"records": {"Contact": contacts(&ids(300))}, "page_size": 20, "faults": [fault]}));
            assert_eq!(sorted(read(settings(&org), way).expect("rows")), ids(300), "{code} {way:?}");
        }
    }
}
