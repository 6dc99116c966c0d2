//! Ingest jobs: nothing is written twice, and each row has its own outcome.

use std::sync::Arc;
use std::time::Duration;

use crm_sync::engine::Engine;
use crm_sync::rows::Id;
use crm_sync::salesforce::{ingest, Client, Operation, Outcome, Row, Settings};
use crm_sync_simulator::salesforce::{Salesforce, State};
use serde_json::value::RawValue;
use serde_json::{json, Value};

use crate::support::{contacts, ids, org_of, run, settings, start, wait, wait_for_requests, SignIns};

fn row(fields: &Value) -> Row {
    Row { id: None, fields: RawValue::from_string(fields.to_string()).expect("JSON") }
}

fn rows(count: usize) -> Vec<Row> {
    (0..count).map(|number| row(&json!({"Key__c": format!("k{number}"), "LastName": "Lee, \"A\"\n"}))).collect()
}

fn upsert() -> Operation {
    Operation::Upsert { by: "Key__c".into() }
}

fn org(faults: Value) -> Salesforce {
    start(json!({
        "external_ids": {"Contact": ["Key__c"]}, "unique": {"Contact": ["Key__c"]}, "bulk_polls": 0, "faults": faults,
        "fields": {"Contact": ["Key__c", "LastName", "Fax"]}
    }))
}

fn outcomes(settings: Settings, operation: Operation, rows: Vec<Row>) -> Vec<Outcome> {
    let org = org_of(settings);
    let client = Client::new(Arc::clone(&org), Arc::new(SignIns(Arc::clone(&org), None)));
    run(|workers| async move {
        let outcomes = ingest(&client, &workers, "Contact", operation, rows).await;
        org.cleaned_up().await;
        outcomes
    })
}

fn written(org: &Salesforce, operation: Operation, rows: Vec<Row>) -> Vec<&'static str> {
    outcomes(settings(org), operation, rows).iter().map(name).collect()
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Created(_) => "created",
        Outcome::Updated(_) => "updated",
        Outcome::Saved(_) => "saved",
        Outcome::Refused(_) => "refused",
        Outcome::Unknown(_) => "unknown",
        Outcome::NotTried(_) => "not tried",
    }
}

fn message(outcome: &Outcome) -> String {
    outcome.error().map(ToString::to_string).unwrap_or_default()
}

fn there(org: &Salesforce) -> usize {
    org.records("Contact").len()
}

/// Returns the number of calls of 200 rows.
fn calls(org: &Salesforce) -> usize {
    org.requests().iter().filter(|request| request.path.contains("/composite/")).count()
}

fn states(org: &Salesforce) -> Vec<(State, bool)> {
    org.jobs().iter().map(|job| (job.state, job.deleted)).collect()
}

/// Returns whether each outcome occurs as often as wanted, and no other occurs.
fn tally(names: &[&str], wanted: &[(&str, usize)]) -> bool {
    wanted.iter().all(|(name, count)| names.iter().filter(|other| other == &name).count() == *count)
        && wanted.iter().map(|(_, count)| count).sum::<usize>() == names.len()
}

#[test]
fn ten_thousand_rows_take_a_few_requests_and_each_has_its_end() {
    let org = org(json!([]));
    let mut all = rows(10_000);
    (0..10_000).step_by(33).for_each(|number| all[number] = row(&json!({"Key__c": format!("k{number}")})));
    let ends = outcomes(settings(&org), Operation::Create, all);
    for (number, end) in ends.iter().enumerate() {
        assert_eq!(name(end), if number % 33 == 0 { "refused" } else { "created" }, "{number}");
    }
    let records = org.records("Contact");
    let key =
        |id: &Id| records.iter().find(|record| record["Id"] == id.to_string()).expect("a record")["Key__c"].clone();
    for number in [1, 2, 4_711, 9_998] {
        let Outcome::Created(id) = &ends[number] else { panic!("{:?}", ends[number]) };
        assert_eq!(key(id), format!("k{number}"));
    }
    let why = message(&ends[33]);
    assert!(why.contains("the creation of Contact row 34 failed: Required fields are missing: [LastName] ("), "{why}");
    assert!(why.contains("REQUIRED_FIELD_MISSING"), "{why}");
    // A sign-in; a job that is created, uploaded, closed and polled; two parts of its result; its deletion.
    assert_eq!(org.requests().len(), 8);
    assert_eq!(states(&org), [(State::JobComplete, true)]);
}

#[test]
fn upserts_say_what_is_new_and_updates_name_their_records() {
    let org = org(json!([]));
    assert_eq!(written(&org, upsert(), rows(2)), ["created"; 2]);
    assert_eq!(written(&org, upsert(), rows(3)), ["updated", "updated", "created"]);
    let records = org.records("Contact");
    let update = |record: &str, fax: &str| Row { id: Id::parse(record), ..row(&json!({"Fax": fax})) };
    let id = |place: usize| records[place]["Id"].as_str().unwrap_or_default().to_owned();
    let changes = vec![update(&id(2), "2"), update("0034C00000VaYfKQAV", "x"), update(&id(0)[..15], "0")];
    let ends = outcomes(settings(&org), Operation::Update, changes);
    assert_eq!(ends.iter().map(name).collect::<Vec<_>>(), ["updated", "refused", "updated"]);
    assert!(message(&ends[1]).contains("the update of Contact 0034C00000VaYfKQAV failed"), "{}", message(&ends[1]));
    let faxes: Vec<Value> = org.records("Contact").iter().map(|record| record.get("Fax").cloned().into()).collect();
    assert_eq!(faxes, [json!("0"), Value::Null, json!("2")]);
}

#[test]
fn equal_rows_are_as_many_records() {
    let org = org(
        json!([{"on": "job_close", "answer": {"row_failures": {"count": 2, "code": "FIELD_INTEGRITY_EXCEPTION"}}}]),
    );
    let same = || row(&json!({"LastName": "Lee"}));
    let names =
        written(&org, Operation::Create, vec![same(), same(), same(), row(&json!({"LastName": "Eve"})), same()]);
    assert!(tally(&names, &[("created", 3), ("refused", 2)]) && names[3] == "created", "{names:?}");
    assert_eq!(there(&org), 3);
}

#[test]
fn whatever_answer_is_lost_nothing_is_there_twice_and_all_is_known() {
    for (step, jobs) in [("job", 2), ("job_upload", 2), ("job_close", 1), ("job_status", 1), ("job_results", 1)] {
        for answer in ["lost_answer", "close"] {
            let org = org(json!([{"on": step, "times": 1, "answer": answer}]));
            assert_eq!(written(&org, Operation::Create, rows(5)), ["created"; 5], "{step} {answer}");
            assert_eq!(there(&org), 5, "{step} {answer}");
            let jobs = if (step, answer) == ("job", "close") { 1 } else { jobs };
            assert_eq!(org.jobs().len(), jobs, "{step} {answer}");
        }
    }
}

#[test]
fn a_job_that_may_have_its_rows_is_ended_before_another_has_them() {
    let org = org(json!([{"on": "job_upload", "times": 1, "answer": "lost_answer"}]));
    assert_eq!(written(&org, Operation::Create, rows(2)), ["created"; 2]);
    assert_eq!(states(&org), [(State::Aborted, true), (State::JobComplete, true)]);
}

#[test]
fn a_step_that_never_works_leaves_nothing_written_before_the_job_is_closed() {
    for step in ["job", "job_upload"] {
        for answer in [json!("lost_answer"), json!("close"), json!({"error": {"status": 400, "code": "INVALIDJOB"}})] {
            let org = org(json!([{"on": step, "answer": answer}]));
            assert_eq!(written(&org, Operation::Create, rows(3)), ["refused"; 3], "{step} {answer}");
            assert_eq!(there(&org), 0, "{step} {answer}");
        }
    }
    let org = org(json!([{"on": "job_close", "answer": {"error": {"status": 400, "code": "API_ERROR"}}}]));
    assert_eq!(written(&org, Operation::Create, rows(3)), ["refused"; 3]);
    assert_eq!(there(&org), 0);
}

#[test]
fn where_nobody_knows_how_a_job_goes_its_rows_are_unknown_and_it_goes_no_further() {
    let closed = json!([{"on": "job_close", "answer": "close"}]);
    let unseen = json!([{"on": "job_status", "answer": "close"}]);
    let unread = json!([{"on": "job_results", "answer": "html"}]);
    for (faults, records, state) in
        [(closed, 0, State::Aborted), (unseen, 4, State::Aborted), (unread, 4, State::JobComplete)]
    {
        let org = org(faults.clone());
        let ends = outcomes(settings(&org), Operation::Create, rows(4));
        assert!(ends.iter().all(|end| name(end) == "unknown"), "{faults}: {ends:?}");
        let why = message(&ends[0]);
        assert!(why.contains("the Bulk API job 750") && why.contains("look for it before you write it again"), "{why}");
        assert_eq!((there(&org), states(&org)), (records, vec![(state, false)]), "{faults}");
    }
}

#[test]
fn a_result_that_lacks_a_row_tells_of_the_others() {
    let org = org(json!([{"on": "job_results", "times": 1, "answer": "drop_csv_row"}]));
    assert_eq!(written(&org, Operation::Create, rows(4)), ["created"; 4]);
    let org = self::org(json!([{"on": "job_results", "answer": "drop_csv_row"}]));
    let names = written(&org, Operation::Create, rows(4));
    assert!(tally(&names, &[("created", 3), ("unknown", 1)]), "{names:?}");
    assert_eq!(states(&org), [(State::JobComplete, false)]);
}

#[test]
fn a_job_that_fails_or_is_aborted_on_its_way_tells_what_it_has_written() {
    for (answer, end, why) in [
        ("job_failed", "refused", "ended as Failed: InternalServerError"),
        ("job_aborted", "unknown", "ended as Aborted"),
    ] {
        let org = org(json!([{"on": "job_close", "answer": answer}]));
        let ends = outcomes(settings(&org), Operation::Create, rows(6));
        assert_eq!(ends.iter().map(name).collect::<Vec<_>>(), ["created", "created", "created", end, end, end]);
        assert!(message(&ends[5]).contains(why), "{}", message(&ends[5]));
        assert_eq!(there(&org), 3);
    }
}

#[test]
fn a_refusal_that_may_pass_goes_again_and_so_does_a_warning_that_is_allowed() {
    let locked = json!([{"on": "job_close", "answer": {"row_failures": {"count": 3, "code": "UNABLE_TO_LOCK_ROW"}}}]);
    let org = self::org(locked);
    assert_eq!(written(&org, Operation::Create, rows(5)), ["created"; 5]);
    assert_eq!((there(&org), calls(&org)), (5, 1));
    for (allowed, end) in [(false, "refused"), (true, "created")] {
        let org = self::org(json!([{"on": "job_close", "answer": "duplicates"}]));
        let settings = Settings { allow_duplicates: allowed, ..settings(&org) };
        let ends = outcomes(settings, Operation::Create, rows(5));
        assert!(ends.iter().all(|outcome| name(outcome) == end), "{ends:?}");
        assert_eq!(calls(&org), usize::from(allowed));
    }
}

#[test]
fn one_row_takes_no_other_along() {
    let org = org(json!([]));
    let mut all = rows(4);
    all[1] = row(&json!({"LastName": "Lee", "Shoe__c": 7}));
    all[2] = row(&json!({"LastName": "#N/A"}));
    all.push(row(&json!({"LastName": "Lee", "attributes": "x"})));
    let ends = outcomes(settings(&org), Operation::Create, all);
    assert_eq!(ends.iter().map(name).collect::<Vec<_>>(), ["created", "refused", "created", "created", "refused"]);
    let why = message(&ends[1]);
    assert!(
        why.contains("row 2 failed: Contact has no field Shoe__c; correct the name, or let the integration"),
        "{why}"
    );
    assert!(message(&ends[4]).contains("row 5 failed: it was not sent"), "{}", message(&ends[4]));
    assert!(org.records("Contact").iter().any(|record| record["LastName"] == "#N/A"));
    assert_eq!((calls(&org), states(&org)), (1, vec![(State::Failed, true), (State::JobComplete, true)]));
}

#[test]
fn a_job_that_fails_for_another_reason_than_a_field_refuses_its_rows() {
    let org =
        start(json!({"fields": {"Contact": ["LastName"]}, "faults": [{"on": "job_status", "answer": "job_failed"}]}));
    let ends = outcomes(
        settings(&org),
        Operation::Update,
        vec![Row { id: Id::parse("0034C00000VaYfKQAV"), ..row(&json!({"LastName": "x"})) }],
    );
    assert_eq!(ends.iter().map(name).collect::<Vec<_>>(), ["refused"]);
    let org = start(json!({"fields": {"Contact": ["LastName"]}}));
    let ends = outcomes(settings(&org), Operation::Create, vec![row(&json!({"Shoe__c": 7})); 3]);
    assert_eq!((ends.iter().map(name).collect::<Vec<_>>(), org.jobs().len()), (vec!["refused"; 3], 1));
}

#[test]
fn many_rows_are_several_jobs() {
    let org = org(json!([]));
    let mut settings = settings(&org);
    settings.limits.max_body = 20_000;
    assert!(outcomes(settings, upsert(), rows(200)).iter().all(|end| name(end) == "created"));
    assert_eq!((there(&org), org.jobs().len()), (200, 3));
    assert!(org.jobs().iter().all(|job| job.deleted));
}

#[test]
fn what_no_other_job_would_get_either_ends_the_rest() {
    let spent =
        json!({"error": {"status": 403, "code": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}});
    let org = org(json!([{"on": "job", "answer": spent}]));
    let mut settings = settings(&org);
    settings.limits.max_body = 20_000;
    let names: Vec<_> = outcomes(settings, upsert(), rows(200)).iter().map(name).collect();
    assert!(names[0] == "refused" && names[199] == "not tried", "{names:?}");
    assert_eq!(org.jobs().len(), 0);
}

#[test]
fn a_job_that_is_not_over_in_time_is_aborted() {
    let org = start(json!({"bulk_polls": 100_000, "fields": {"Contact": ["Key__c", "LastName"]}}));
    let mut settings = settings(&org);
    settings.limits.deadline = Duration::from_secs(3);
    let ends = outcomes(settings, Operation::Create, rows(3));
    // The outcomes are known as far as there was time to read the results.
    assert!(ends.iter().all(|end| ["created", "unknown"].contains(&name(end))), "{ends:?}");
    assert_eq!(org.jobs()[0].state, State::Aborted);
}

#[test]
fn where_nobody_waits_any_more_a_job_goes_no_further() {
    for requests in 2..7 {
        let simulator =
            start(json!({"records": {"Contact": contacts(&ids(1))}, "bulk_polls": 100_000, "latency_ms": 5}));
        let engine = Engine::start().expect("threads");
        let org = org_of(settings(&simulator));
        let client = Client::new(Arc::clone(&org), Arc::new(SignIns(Arc::clone(&org), None)));
        let workers = engine.workers();
        let work =
            engine.spawn(async move { ingest(&client, &workers, "Contact", Operation::Create, rows(3)).await.len() });
        wait_for_requests(&simulator, requests);
        work.abort();
        wait(&engine, async move {
            let _ = work.await;
            org.cleaned_up().await;
        });
        for (state, deleted) in states(&simulator) {
            assert!(deleted || state == State::Aborted, "{requests}: {state:?}");
        }
    }
}
