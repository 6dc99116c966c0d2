//! Bulk API jobs: all pages, both ways to find them, and everything that can go wrong with them.

use std::time::Duration;

use crm_sync::salesforce::{Query, Settings, Way};
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::{json, Value};

use crate::support::{contacts, ids, impatient, read, remote, rows, settings, sorted, start, IDS};

fn org(count: u64, faults: Value) -> Salesforce {
    start(json!({
        "records": {"Contact": contacts(&ids(count))}, "page_size": 20, "bulk_polls": 0, "bulk_page_size": 30,
        "faults": faults
    }))
}

fn jobs_are_gone(org: &Salesforce) -> bool {
    org.jobs().iter().all(|job| job.deleted)
}

fn requests(org: &Salesforce, method: &str, path: &str) -> usize {
    let matching =
        |request: &&crm_sync_simulator::salesforce::Request| request.method == method && request.path.ends_with(path);
    org.requests().iter().filter(matching).count()
}

#[test]
fn pages_are_found_by_their_list() {
    let org = org(400, json!([]));
    assert_eq!(sorted(read(settings(&org), Way::Bulk).expect("rows")), ids(400));
    assert_eq!((requests(&org, "GET", "/resultPages"), requests(&org, "GET", "/results")), (3, 14));
    assert!(jobs_are_gone(&org));
}

#[test]
fn pages_are_found_by_locators_in_older_versions() {
    let org = org(45_000, json!([]));
    let mut settings = settings(&org);
    settings.api_version = "57.0".into();
    assert_eq!(sorted(read(settings, Way::Bulk).expect("rows")), ids(45_000));
    assert_eq!((requests(&org, "GET", "/resultPages"), requests(&org, "GET", "/results")), (0, 3));
    assert!(jobs_are_gone(&org));
}

#[test]
fn a_query_without_rows_is_no_error() {
    for version in ["57.0", "66.0"] {
        let org = org(0, json!([]));
        let mut settings = settings(&org);
        settings.api_version = version.into();
        assert!(read(settings, Way::Bulk).expect("rows").is_empty());
    }
}

#[test]
fn deleted_rows_come_where_they_are_asked_for() {
    let records = json!([{"Id": ids(2)[0], "IsDeleted": true}, {"Id": ids(2)[1]}]);
    let org = start(json!({"records": {"Contact": records}, "bulk_polls": 0}));
    let query = Query::new(IDS).with_deleted().by(Way::Bulk);
    assert_eq!(sorted(rows(settings(&org), query, &["Id"]).expect("rows")), ids(2));
    assert_eq!(read(settings(&org), Way::Bulk).expect("rows"), ids(2)[1..]);
}

#[test]
fn what_passes_is_tried_again_and_leaves_no_row_twice() {
    let anywhere = [json!("close"), json!("cut_json"), json!("hang"), json!({"retry_after": 0}), json!("html")];
    for kind in ["job_status", "job_result_pages", "describe"] {
        for answer in &anywhere {
            let org = org(100, json!([{"on": kind, "times": 2, "answer": answer}]));
            assert_eq!(sorted(read(impatient(&org), Way::Bulk).expect("rows")), ids(100), "{kind} {answer}");
            assert!(jobs_are_gone(&org));
        }
    }
    for answer in ["close", "truncate", "hang", "drop_csv_row", "cut_json"] {
        let org = org(100, json!([{"on": "job_results", "skip": 1, "times": 2, "answer": answer}]));
        assert_eq!(sorted(read(impatient(&org), Way::Bulk).expect("rows")), ids(100), "{answer}");
        assert!(jobs_are_gone(&org));
    }
}

#[test]
fn rows_that_are_not_whole_are_an_error() {
    for (answer, why) in [("drop_csv_row", "announced"), ("drop_result_rows", "rows came of the 100")] {
        let org = org(100, json!([{"on": "job_results", "skip": 1, "answer": answer}]));
        let error = remote(read(settings(&org), Way::Bulk));
        assert!(error.message.contains(why), "{error}");
    }
}

#[test]
fn a_job_that_fails_is_an_error_only_where_a_job_was_asked_for() {
    // So few calls are left that a job is the better way.
    let failing = || {
        start(json!({
            "records": {"Contact": contacts(&ids(400))}, "page_size": 20, "quota": {"used": 0, "limit": 38},
            "faults": [{"on": "job_status", "answer": "job_failed"}]
        }))
    };
    let error = remote(read(settings(&failing()), Way::Bulk));
    assert!(error.message.contains("Failed: InternalServerError"), "{error}");
    let org = failing();
    let mut settings = settings(&org);
    (settings.bulk_from, settings.quota_reserve, settings.limits.concurrency) = (1, 0.0, 2);
    assert_eq!(sorted(read(settings, Way::Auto).expect("rows")), ids(400));
    assert_eq!(org.jobs().len(), 1);
}

#[test]
fn a_creation_whose_answer_is_lost_is_not_repeated() {
    for (answer, tries) in
        [(json!("close"), 1), (json!({"status": {"status": 503}}), 1), (json!({"retry_after": 0}), 3)]
    {
        let org = org(10, json!([{"on": "job", "answer": answer}]));
        remote(read(settings(&org), Way::Bulk));
        assert_eq!(requests(&org, "POST", "/jobs/query"), tries, "{answer}");
    }
}

#[test]
fn a_job_that_cannot_be_deleted_costs_no_row() {
    let org = org(10, json!([{"on": "job_end", "answer": "close"}]));
    assert_eq!(read(settings(&org), Way::Bulk).expect("rows"), ids(10));
}

#[test]
fn more_rows_than_may_be_read_are_an_error() {
    let org = org(100, json!([]));
    let mut settings = settings(&org);
    settings.limits.max_rows = 99;
    let error = remote(read(settings, Way::Bulk));
    assert!(error.message.contains("raise `max_rows`"), "{error}");
}

#[test]
fn what_a_job_does_not_take_is_an_error_where_one_was_asked_for() {
    let org = org(10, json!([]));
    let query = Query::new("SELECT Id FROM Contact ORDER BY Name").by(Way::Bulk);
    let error = remote(rows(settings(&org), query, &["Id"]));
    assert!(error.message.contains("plain fields") && org.requests().is_empty(), "{error}");
}

#[test]
fn pages_are_found_in_whatever_form_the_org_tells_where_they_are() {
    for (form, pages) in [("table", 3), ("example", 3), ("chunks", 3), ("other", 1)] {
        let org = start(json!({
            "records": {"Contact": contacts(&ids(400))}, "bulk_polls": 0, "bulk_page_size": 30, "bulk_result_pages": form
        }));
        assert_eq!(sorted(read(settings(&org), Way::Bulk).expect("rows")), ids(400), "{form}");
        assert_eq!(requests(&org, "GET", "/resultPages"), pages, "{form}");
        assert!(jobs_are_gone(&org), "{form}");
    }
}

/// Starts an org in which a job is chosen, because so few calls are left that it is the better way. There is hardly
/// time for it.
fn where_a_job_is_chosen(options: Value) -> (Salesforce, Settings) {
    let mut all = json!({
        "records": {"Contact": contacts(&ids(400))}, "page_size": 20, "quota": {"used": 0, "limit": 38}, "bulk_polls": 0
    });
    for (name, value) in options.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    let org = start(all);
    let mut settings = settings(&org);
    (settings.bulk_from, settings.quota_reserve, settings.limits.concurrency) = (1, 0.0, 2);
    (org, settings)
}

#[test]
fn nobody_who_did_not_ask_for_a_job_gets_its_error() {
    let status = |status: u16| json!({"status": {"status": status}});
    let without_headers = json!({"status": {"status": 200, "body": "\"Id\"\n", "content_type": "text/csv"}});
    for options in [
        json!({"faults": [{"on": "job_status", "answer": status(404)}]}),
        json!({"faults": [{"on": "job_results", "answer": status(413)}, {"on": "job_result_pages", "answer": status(409)}]}),
        json!({"faults": [{"on": "job_results", "answer": "html"}], "bulk_result_pages": "other"}),
        json!({"faults": [{"on": "job_results", "answer": without_headers}]}),
        json!({"faults": [{"on": "describe", "answer": status(400)}]}),
    ] {
        let (org, settings) = where_a_job_is_chosen(options.clone());
        assert_eq!(sorted(read(settings, Way::Auto).expect("rows")), ids(400), "{options}");
        assert_eq!(requests(&org, "POST", "/jobs/query"), usize::from(options["faults"][0]["on"] != "describe"));
        assert!(jobs_are_gone(&org), "{options}");
    }
}

#[test]
fn a_job_that_does_not_come_to_its_end_leaves_time_for_another_way() {
    let (org, mut settings) = where_a_job_is_chosen(json!({"bulk_polls": 1_000}));
    settings.limits.deadline = Duration::from_secs(6);
    assert_eq!(sorted(read(settings, Way::Auto).expect("rows")), ids(400));
    assert!(org.jobs().len() == 1 && jobs_are_gone(&org));
}

#[test]
fn a_proxy_that_takes_the_headers_away_is_told() {
    let org = start(json!({"records": {"Contact": contacts(&ids(400))}, "bulk_polls": 0, "strip_headers": true}));
    let error = remote(read(settings(&org), Way::Bulk));
    assert!(error.message.contains("a proxy seems to take headers away"), "{error}");
    assert!(jobs_are_gone(&org));
}

#[test]
fn a_page_too_large_for_memory_is_gone_around() {
    let (org, mut settings) = where_a_job_is_chosen(json!({}));
    // The whole result is one page of 22 bytes per row. A page of a query has 20 rows.
    settings.limits.max_body = 6_000;
    assert_eq!(sorted(read(settings, Way::Auto).expect("rows")), ids(400));
    assert!(org.jobs().len() == 1 && jobs_are_gone(&org));
}

#[test]
fn a_value_does_not_depend_on_the_way_it_is_read() {
    let lead = |n: u64, number: &str| {
        let text =
            format!(r#"{{"Id": "00Q{n:012}AAA", "N__c": {number}, "OwnerId": "005000000000001AAA", "Owner": null}}"#);
        serde_json::from_str::<Value>(&text).expect("a lead")
    };
    let numbers =
        ["218324162856046.94", "9007199254740993", "100.0", "0.1", "-1234567.8901234567", "12345678901234567"];
    let leads: Vec<Value> = (1..).zip(numbers).map(|(n, number)| lead(n, number)).collect();
    let owners = json!([{"Id": "005000000000001AAA", "IsActive": true}]);
    let queues = json!([{"Id": "00G000000000001AAA", "Name": "Unassigned"}]);
    let org = start(json!({"records": {"Lead": leads, "User": owners, "Group": queues}, "bulk_polls": 0}));
    let soql = "SELECT Id, N__c, Owner.IsActive FROM Lead";
    let read =
        |way| sorted(rows(settings(&org), Query::new(soql).by(way), &["Id", "N__c", "Owner.IsActive"]).expect("rows"));
    assert_eq!(read(Way::Bulk), read(Way::Serial));
    for number in ["218324162856046.94", "9007199254740993", "-1234567.8901234567"] {
        assert!(read(Way::Bulk).iter().any(|row| row.contains(number)), "{number}");
    }
}

/// Starts an org whose first hundred rows are short, and all others long.
fn growing() -> Salesforce {
    let contacts: Vec<Value> = (0..)
        .zip(ids(400))
        .map(|(number, id)| json!({"Id": id, "Name": if number < 100 { "A".into() } else { "A".repeat(200) }}))
        .collect();
    start(json!({"records": {"Contact": contacts}, "bulk_polls": 0, "bulk_page_size": 100}))
}

#[test]
fn a_later_page_too_large_for_memory_is_read_in_parts() {
    for (version, lists) in [("57.0", 0), ("66.0", 1)] {
        let org = growing();
        let mut settings = settings(&org);
        settings.api_version = version.into();
        // A page of a hundred long rows is larger than this limit, and a page of 78 is smaller.
        settings.limits.max_body = 20_000;
        let query = Query::new("SELECT Id, Name FROM Contact").by(Way::Bulk);
        let came = rows(settings, query, &["Id"]).expect("rows");
        assert_eq!(sorted(came), ids(400), "{version}");
        assert_eq!(requests(&org, "GET", "/resultPages"), lists, "{version}");
        assert!(jobs_are_gone(&org));
    }
}

#[test]
fn a_later_page_that_does_not_come_whole_is_read_in_parts() {
    let faults = |times: u32| json!([{"on": "job_results", "skip": 1, "times": times, "answer": "truncate"}]);
    let org = org(45_000, faults(3));
    let mut older = settings(&org);
    older.api_version = "57.0".into();
    assert_eq!(sorted(read(older, Way::Bulk).expect("rows")), ids(45_000));
    // The first page, three attempts at the second, and the rows behind the first page in pages of 5,000.
    assert_eq!(requests(&org, "GET", "/results"), 1 + 3 + 5);

    // Two pages are read at once, with three attempts each.
    let org = self::org(400, faults(6));
    assert_eq!(sorted(read(settings(&org), Way::Bulk).expect("rows")), ids(400));
    assert!(requests(&org, "GET", "/results") < 14 && jobs_are_gone(&org));
}

#[test]
fn a_later_list_of_pages_that_cannot_be_read_is_done_without() {
    let org = org(400, json!([{"on": "job_result_pages", "skip": 1, "answer": "html"}]));
    assert_eq!(sorted(read(settings(&org), Way::Bulk).expect("rows")), ids(400));
    // Five pages of the first list, and the rest as one page.
    assert_eq!(requests(&org, "GET", "/results"), 6);
}

#[test]
fn nobody_who_did_not_ask_for_a_job_gets_the_error_of_a_later_page() {
    let faults = json!([{"on": "job_results", "skip": 1, "times": 6, "answer": "truncate"}]);
    let (org, settings) = where_a_job_is_chosen(json!({"bulk_page_size": 100, "faults": faults}));
    assert_eq!(sorted(read(settings, Way::Auto).expect("rows")), ids(400));
    assert!(org.jobs().len() == 1 && jobs_are_gone(&org));
}
