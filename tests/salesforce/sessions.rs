//! Sessions that end: one sign-in serves all requests, and there is none where it does not help.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use crm_sync::rows::Selection;
use crm_sync::salesforce::{collect, sign_in, Client, Org, Query, Sessions, Way};
use crm_sync::Error;
use futures_util::future::{try_join_all, BoxFuture};
use secrecy::SecretString;
use serde_json::json;

use crate::support::{
    client_of, contacts, ids, org_of, read, remote, run, settings, sign_ins, sorted, start, Lines, IDS,
};

/// A store that still holds a session that has ended.
struct Store {
    org: Arc<Org>,
    instance: String,
    opened: AtomicUsize,
}

impl Sessions for Store {
    fn open(&self, ended: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String), Error>> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if ended.is_none() {
                return Ok((SecretString::from("00D!ended"), self.instance.clone()));
            }
            let granted = sign_in(&self.org, None).await?;
            Ok((granted.access_token, granted.instance_url))
        })
    }
}

#[test]
fn twenty_requests_that_are_refused_at_once_sign_in_once() {
    let simulator = start(json!({"records": {"Contact": contacts(&ids(3))}, "latency_ms": 10}));
    let mut settings = settings(&simulator);
    settings.limits.concurrency = 20;
    let org = org_of(settings);
    let store = Store { org: Arc::clone(&org), instance: simulator.url().into(), opened: AtomicUsize::new(0) };
    let store = Arc::new(store);
    let client = Client::new(org, store.clone());
    let rows = run(|workers| async move {
        let query = Query::new(IDS);
        let reading = (0..20).map(|_| collect(&client, &workers, &query, Selection::new(&["Id"]), Lines::default()));
        try_join_all(reading).await.map(|all| all.into_iter().map(|lines| lines.0.len()).sum::<usize>())
    });
    assert_eq!(rows.expect("rows"), 60);
    assert_eq!((sign_ins(&simulator), store.opened.load(Ordering::Relaxed)), (1, 2));
}

#[test]
fn a_session_that_ends_in_the_middle_costs_no_row() {
    for way in [Way::Serial, Way::Parallel, Way::Bulk] {
        for skip in [1, 5, 9] {
            let fault = json!({"on": "any", "skip": skip, "times": 1, "answer": "expire"});
            let org = start(json!({
                "records": {"Contact": contacts(&ids(400))}, "page_size": 20, "bulk_polls": 0, "bulk_page_size": 30,
                "faults": [fault]
            }));
            assert_eq!(sorted(read(settings(&org), way).expect("rows")), ids(400), "{way:?} {skip}");
            assert_eq!(sign_ins(&org), 2, "{way:?} {skip}");
        }
    }
}

#[test]
fn two_refusals_are_no_reason_to_sign_in_again() {
    for message in ["This session is not valid for use with the REST API", "Connected app is not attached to Agent"] {
        let answer = json!({"error": {"status": 401, "code": "INVALID_SESSION_ID", "message": message}});
        let org = start(json!({"records": {"Contact": []}, "faults": [{"on": "query", "answer": answer}]}));
        let refused = read(settings(&org), Way::Auto);
        assert!(matches!(refused, Err(Error::Authentication(_))), "{refused:?}");
        assert_eq!((sign_ins(&org), org.requests().len()), (1, 2));
    }
}

#[test]
fn a_session_that_is_never_good_is_given_up() {
    let answer =
        json!({"error": {"status": 401, "code": "INVALID_SESSION_ID", "message": "Session expired or invalid"}});
    let org = start(json!({"records": {"Contact": []}, "faults": [{"on": "query", "answer": answer}]}));
    let refused = read(settings(&org), Way::Auto);
    assert!(matches!(refused, Err(Error::Authentication(_))), "{refused:?}");
    assert_eq!((sign_ins(&org), org.requests().len()), (3, 6));
}

#[test]
fn a_refusal_that_is_over_by_the_next_try_may_be_about_a_token_that_is_still_good() {
    let answer =
        json!({"error": {"status": 401, "code": "INVALID_SESSION_ID", "message": "Session expired or invalid"}});
    let fault = json!({"on": "query", "times": 1, "answer": answer});
    let org = start(json!({"records": {"Contact": contacts(&ids(3))}, "faults": [fault]}));
    assert_eq!(read(settings(&org), Way::Auto).expect("rows"), ids(3));
    assert_eq!(sign_ins(&org), 2, "which gave the same token");
}

#[test]
fn an_org_that_has_moved_is_looked_for_where_it_is_now() {
    let html = |status: u16| json!({"status": {"status": status, "body": "<html>", "content_type": "text/html"}});
    let elsewhere = |status: u16| {
        let headers = json!({"Location": "https://elsewhere.my.salesforce.com/"});
        json!({"status": {"status": status, "headers": headers}})
    };
    for answer in [elsewhere(301), elsewhere(302), elsewhere(307), html(403), html(404)] {
        let once = json!([{"on": "query", "times": 1, "answer": answer}]);
        let org = start(json!({"records": {"Contact": contacts(&ids(3))}, "faults": once}));
        assert_eq!(read(settings(&org), Way::Auto).expect("rows"), ids(3), "{answer}");
        assert_eq!(sign_ins(&org), 2, "{answer}");

        let org = start(json!({"records": {"Contact": []}, "faults": [{"on": "query", "answer": answer}]}));
        let error = remote(read(settings(&org), Way::Auto));
        assert!(error.message.contains("the org may have moved: check salesforce.host"), "{error}");
        assert_eq!(sign_ins(&org), 3, "{answer}");
    }
}

#[test]
fn requests_that_come_late_to_an_org_that_has_moved_do_not_look_for_it_again() {
    let moved = json!({"status": {"status": 302, "headers": {"Location": "https://elsewhere.my.salesforce.com/"}}});
    let simulator = start(json!({"records": {"Contact": []}, "faults": [{"on": "query", "answer": moved}]}));
    let client = client_of(settings(&simulator));
    let errors = run(|workers| async move {
        let (query, mut errors) = (Query::new(IDS), 0);
        for _ in 0..3 {
            let read = collect(&client, &workers, &query, Selection::new(&["Id"]), Lines::default()).await;
            errors += usize::from(read.is_err());
        }
        errors
    });
    assert_eq!((errors, sign_ins(&simulator)), (3, 3));
}

#[test]
fn sessions_that_end_between_refusals_of_other_kinds_are_renewed_each_time() {
    let error = |status: u16, code: &str| json!({"error": {"status": status, "code": code, "message": "no"}});
    let ended = json!({"on": "query", "times": 1, "answer": error(401, "INVALID_SESSION_ID")});
    let refused = json!({"on": "query", "times": 1, "answer": error(400, "INVALID_FIELD")});
    let faults: Vec<_> = [&ended, &refused].into_iter().cycle().take(7).collect();
    let simulator = start(json!({"records": {"Contact": contacts(&ids(3))}, "faults": faults}));
    let client = client_of(settings(&simulator));
    let reads = run(|workers| async move {
        let (query, mut reads) = (Query::new(IDS), Vec::new());
        for _ in 0..4 {
            reads.push(collect(&client, &workers, &query, Selection::new(&["Id"]), Lines::default()).await);
        }
        reads
    });
    let codes: Vec<_> = reads.iter().map(|read| remote_code(read.as_ref().err())).collect();
    assert_eq!(codes, [Some("INVALID_FIELD"), Some("INVALID_FIELD"), Some("INVALID_FIELD"), None]);
    assert_eq!(sign_ins(&simulator), 5);
}

fn remote_code(error: Option<&Error>) -> Option<&str> {
    match error? {
        Error::Remote(error) | Error::Authentication(error) => error.code.as_deref(),
        _ => None,
    }
}

#[test]
fn a_reason_of_salesforces_own_does_not_end_a_session() {
    let refused = |status: u16, code: &str| json!({"error": {"status": status, "code": code, "message": "no"}});
    for answer in [refused(403, "INSUFFICIENT_ACCESS"), refused(404, "NOT_FOUND")] {
        let org = start(json!({"records": {"Contact": []}, "faults": [{"on": "query", "answer": answer}]}));
        remote(read(settings(&org), Way::Auto));
        assert_eq!((sign_ins(&org), org.requests().len()), (1, 2), "{answer}");
    }
}
