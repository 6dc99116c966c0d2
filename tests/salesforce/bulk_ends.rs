//! Bulk API jobs that do not end well, and give little reason for it.

use crm_sync::salesforce::Way;
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::{json, Value};

use crate::support::{contacts, ids, read, remote, settings, start};

fn org(faults: Value) -> Salesforce {
    start(json!({"records": {"Contact": contacts(&ids(40))}, "bulk_polls": 0, "faults": faults}))
}

#[test]
fn a_job_that_names_pages_without_rows_for_ever_is_given_up() {
    let page = |number: u32| {
        let headers = json!({"Sforce-NumberOfRecords": "0", "Sforce-Locator": format!("L{number}")});
        json!({"status": {"status": 200, "body": "\"Id\"\n", "content_type": "text/csv", "headers": headers}})
    };
    let list = |number: u32| {
        let next = format!("/jobs/query/750/resultPages?locator=L{number}");
        let body = json!({"resultPages": [], "nextRecordUrl": next, "done": false}).to_string();
        json!({"status": {"status": 200, "body": body, "content_type": "application/json"}})
    };
    let faults = |on: &str, answer: &dyn Fn(u32) -> Value| {
        (0..110).map(|number| json!({"on": on, "times": 1, "answer": answer(number)})).collect::<Vec<_>>()
    };
    for (version, faults) in [
        ("57.0", faults("job_results", &page)),
        ("66.0", [faults("job_result_pages", &list), faults("job_results", &page)].concat()),
    ] {
        let org = org(json!(faults));
        let mut settings = settings(&org);
        settings.api_version = version.into();
        let error = remote(read(settings, Way::Bulk));
        assert!(error.message.contains("more and more pages without a row"), "{version}: {error}");
        assert!(org.jobs().iter().all(|job| job.deleted));
    }
}

#[test]
fn a_job_that_ends_without_a_reason_says_so() {
    for (reason, message) in [
        (Value::Null, "ended as Aborted without a reason; look for it in Salesforce's setup"),
        (json!("InvalidBatch : x"), "ended as Aborted: InvalidBatch : x"),
    ] {
        let status = json!({"state": "Aborted", "errorMessage": reason}).to_string();
        let answer = json!({"status": {"status": 200, "body": status, "content_type": "application/json"}});
        let org = org(json!([{"on": "job_status", "answer": answer}]));
        let error = remote(read(settings(&org), Way::Bulk));
        assert!(error.message.contains(message), "{error}");
    }
}
