//! Creations and upserts: nothing is written twice, and each row has its own outcome.

use crm_sync::rows::Id;
use crm_sync::salesforce::{write, Operation, Outcome, Row};
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::value::RawValue;
use serde_json::{json, Value};

use crate::support::{client_of, run, settings, start};

fn rows(count: usize) -> Vec<Row> {
    let fields = |number: usize| json!({"Key__c": format!("k{number}"), "LastName": "Lee"});
    let row = |number| Row { id: None, fields: RawValue::from_string(fields(number).to_string()).expect("JSON") };
    (0..count).map(row).collect()
}

fn upsert() -> Operation {
    Operation::Upsert { by: "Key__c".into() }
}

/// Starts an org whose external id is unique, or not.
fn org(unique: bool, faults: Value) -> Salesforce {
    let unique = if unique { json!({"Contact": ["Key__c"]}) } else { json!({}) };
    start(json!({"external_ids": {"Contact": ["Key__c"]}, "unique": unique, "faults": faults}))
}

fn written(org: &Salesforce, operation: Operation, rows: Vec<Row>) -> Vec<&'static str> {
    let client = client_of(settings(org));
    let outcomes = run(|_| async move { write(&client, "Contact", operation, rows).await });
    outcomes.iter().map(name).collect()
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

fn there(org: &Salesforce) -> usize {
    org.records("Contact").len()
}

fn lost(times: u32) -> Value {
    json!([{"on": "update", "times": times, "answer": "lost_answer"}])
}

#[test]
fn a_creation_whose_answer_is_lost_is_unknown_and_not_sent_again() {
    let org = org(true, lost(1));
    assert_eq!(written(&org, Operation::Create, rows(3)), ["unknown"; 3]);
    assert_eq!(there(&org), 3);
}

#[test]
fn an_upsert_whose_answer_is_lost_is_sent_again_where_the_field_is_unique() {
    let org = org(true, lost(2));
    assert_eq!(written(&org, upsert(), rows(3)), ["saved"; 3]);
    assert_eq!(there(&org), 3);
}

#[test]
fn an_upsert_whose_answers_are_all_lost_is_unknown() {
    let org = org(true, lost(99));
    assert_eq!(written(&org, upsert(), rows(3)), ["unknown"; 3]);
    assert_eq!(there(&org), 3);
}

#[test]
fn an_upsert_by_a_field_that_is_not_unique_is_not_sent_again() {
    let org = org(false, lost(1));
    assert_eq!(written(&org, upsert(), rows(3)), ["unknown"; 3]);
    assert_eq!(there(&org), 3);
}

#[test]
fn a_row_that_is_refused_after_a_lost_answer_is_in_doubt_whatever_it_is_refused_for() {
    let failures = |code: &str| json!({"row_failures": {"count": 1, "code": code}});
    // A user who may create records but not edit them is refused for a record that was created by the first call.
    for code in ["UNABLE_TO_LOCK_ROW", "DUPLICATE_VALUE", "INSUFFICIENT_ACCESS_OR_READONLY"] {
        let faults =
            json!([{"on": "update", "times": 1, "answer": "lost_answer"}, {"on": "update", "answer": failures(code)}]);
        assert_eq!(written(&org(true, faults), upsert(), rows(1)), ["unknown"], "{code}");
    }
}

#[test]
fn where_nobody_is_there_nothing_is_in_doubt() {
    let mut gone = org(true, json!([]));
    let mut settings = settings(&gone);
    gone.stop();
    settings.limits.attempts = 1;
    let client = client_of(settings);
    let outcomes = run(|_| async move { write(&client, "Contact", Operation::Create, rows(3)).await });
    assert_eq!(outcomes.iter().map(name).collect::<Vec<_>>(), ["refused"; 3]);
}

#[test]
fn where_a_sign_in_fails_in_the_middle_it_is_known_what_is_written() {
    for token in [json!({"status": {"status": 500}}), json!({"error": {"status": 400, "code": "invalid_grant"}})] {
        let faults = json!([
            {"on": "update", "skip": 2, "answer": "expire"}, {"on": "token", "skip": 1, "answer": token}
        ]);
        let org = org(true, faults);
        let outcomes = written(&org, Operation::Create, rows(1_000));
        // The calls are sent at once, so the order in which they arrive decides how many of them still have a session.
        let created = outcomes.iter().filter(|outcome| **outcome == "created").count();
        assert!(created <= 400, "{token}: {created} created");
        assert_eq!(there(&org), created, "{token}");
        assert!(!outcomes.contains(&"unknown"), "{token}");
    }
}

#[test]
fn a_row_that_names_a_record_is_not_created() {
    let org = org(true, json!([]));
    let fields = RawValue::from_string(json!({"Id": "0034C00000VaYfKQAV"}).to_string()).expect("JSON");
    let row = Row { id: Id::parse(""), fields };
    assert_eq!(written(&org, Operation::Create, vec![row]), ["refused"]);
    assert_eq!(org.requests().len(), 0);
}
