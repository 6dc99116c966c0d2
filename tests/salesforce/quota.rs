//! The daily quota of calls, of which a reserve is left to other clients.

use crm_sync::salesforce::{limits, Way};
use crm_sync::Error;
use serde_json::json;

use crate::support::{client_of, contacts, ids, read, run, settings, start};

#[test]
fn the_reserve_is_left_alone_whatever_is_being_read() {
    for way in [Way::Serial, Way::Parallel, Way::Bulk] {
        let org = start(json!({
            "records": {"Contact": contacts(&ids(400))}, "page_size": 10, "bulk_polls": 1, "bulk_page_size": 10,
            "quota": {"used": 90, "limit": 100}
        }));
        let mut settings = settings(&org);
        settings.limits.concurrency = 1;
        let Err(Error::Quota(error)) = read(settings.clone(), way) else { panic!("{way:?}") };
        assert_eq!((error.code.as_deref(), error.attempts), (Some("QUOTA_RESERVE"), 0), "{error}");
        assert!(error.message.contains("95 of 100"), "{error}");
        // Jobs that were created are deleted even if the reserve is reached.
        assert_eq!(org.jobs().iter().filter(|job| !job.deleted).count(), 0, "{way:?}");
        let left = run(|_| async move { limits(&client_of(settings)).await }).expect("limits");
        assert!(left["DailyApiRequests"].remaining < 5);
    }
}

#[test]
fn a_spent_quota_is_not_tried_again() {
    let org = start(json!({"records": {"Contact": contacts(&ids(4))}, "quota": {"used": 100, "limit": 100}}));
    let Err(Error::Quota(error)) = read(settings(&org), Way::Auto) else { panic!("rows came") };
    assert_eq!((error.code.as_deref(), error.attempts), (Some("REQUEST_LIMIT_EXCEEDED"), 1));
}

#[test]
fn too_many_requests_at_once_pass() {
    let message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    let answer = json!({"error": {"status": 403, "code": "REQUEST_LIMIT_EXCEEDED", "message": message}});
    let fault = json!({"on": "query", "times": 2, "answer": answer});
    let org = start(json!({"records": {"Contact": contacts(&ids(4))}, "faults": [fault]}));
    assert_eq!(read(settings(&org), Way::Auto).expect("rows"), ids(4));
}
