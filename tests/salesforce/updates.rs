//! Writing: whole lists at a time, and each row with its own end.

use crm_sync::rows::Id;
use crm_sync::salesforce::{update, RowUpdate};
use crm_sync::Error;
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::value::RawValue;
use serde_json::{json, Value};

use crate::support::{client_of, contacts, id, ids, run, settings, start};

fn row(id: &str, fields: &Value) -> RowUpdate {
    let fields = RawValue::from_string(fields.to_string()).expect("JSON");
    RowUpdate { id: Id::parse(id).expect("an id"), fields }
}

fn write(org: &Salesforce, rows: Vec<RowUpdate>) -> Vec<Result<(), Error>> {
    let client = client_of(settings(org));
    run(|_| async move { update(&client, "Contact", rows).await })
}

/// Returns the paths behind the version of what was asked for, without the sign-in.
fn asked(org: &Salesforce) -> Vec<String> {
    let paths = org.requests().into_iter().map(|request| request.path);
    paths.filter_map(|path| Some(path.split_once("/v66.0/")?.1.to_owned())).collect()
}

fn people(count: u64, options: Value) -> Salesforce {
    let mut all = options;
    all["records"] = json!({ "Contact": contacts(&ids(count)) });
    start(all)
}

fn refused_once(status: u16, code: &str) -> Value {
    json!({"faults": [{"on": "update", "times": 1, "answer": {"error": {"status": status, "code": code, "message": "no"}}}]})
}

#[test]
fn ten_thousand_rows_take_fifty_calls() {
    let org = people(10_000, json!({}));
    let results = write(&org, ids(10_000).iter().map(|id| row(id, &json!({"Fax": id}))).collect());
    assert!(results.len() == 10_000 && results.iter().all(Result::is_ok));
    assert_eq!(asked(&org), vec!["composite/sobjects"; 50]);
}

#[test]
fn a_row_that_is_refused_keeps_no_other_from_being_written() {
    let org = people(3, json!({}));
    let [one, two, three] = &ids(3)[..] else { panic!("three ids") };
    let absent = id("0034C", 99);
    let results = write(&org, [one, two, &absent, three].map(|id| row(id, &json!({"Fax": "1"}))).into());
    assert!(results[0].is_ok() && results[1].is_ok() && results[3].is_ok(), "{results:?}");
    let Err(Error::Remote(error)) = &results[2] else { panic!("{results:?}") };
    assert_eq!(error.code.as_deref(), Some("INVALID_CROSS_REFERENCE_KEY"));
    assert_eq!(error.action, format!("the update of Contact {absent}"));
    assert_eq!(asked(&org), ["composite/sobjects"]);
}

#[test]
fn where_a_whole_list_is_refused_each_row_is_tried_by_itself() {
    for (status, code) in [(400, "JSON_PARSER_ERROR"), (413, "REQUEST_TOO_LARGE"), (404, "NOT_FOUND")] {
        let org = people(3, refused_once(status, code));
        let results = write(&org, ids(3).iter().map(|id| row(id, &json!({"Fax": "1"}))).collect());
        assert!(results.iter().all(Result::is_ok), "{code}: {results:?}");
        assert_eq!(asked(&org).len(), 1 + 3);
    }
}

#[test]
fn a_refusal_that_is_everybodys_ends_all() {
    let spent = json!({"faults": [{"on": "update", "answer": {"error": {"status": 403, "code": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}}}]});
    let org = people(500, spent);
    let results = write(&org, ids(500).iter().map(|id| row(id, &json!({"Fax": "1"}))).collect());
    assert!(results.iter().all(Result::is_err));
    assert!(results.iter().any(|result| matches!(result, Err(Error::Quota(_)))), "{:?}", results[0]);
    assert!(asked(&org).len() <= 3);
}

#[test]
fn a_field_that_would_lead_to_another_record_is_sent_to_the_own_one() {
    let org = people(3, json!({}));
    let [one, two, three] = &ids(3)[..] else { panic!("three ids") };
    let fields = [json!({"Fax": "1"}), json!({"Id": one, "Fax": "2"}), json!({"Fax": "3"})];
    let results = write(&org, [one, two, three].into_iter().zip(&fields).map(|(id, fields)| row(id, fields)).collect());
    assert!(results[0].is_ok() && results[1].is_err() && results[2].is_ok(), "{results:?}");
    let mut asked = asked(&org);
    asked.sort();
    assert_eq!(asked, ["composite/sobjects".to_owned(), format!("sobjects/Contact/{two}")]);
}

#[test]
fn where_nobody_answers_the_others_are_not_tried() {
    let gone = json!({"faults": [{"on": "update", "answer": {"status": {"status": 503}}}]});
    let org = people(120, gone);
    let results = write(&org, ids(120).iter().map(|id| row(id, &json!({"Fax": "1"}))).collect());
    assert!(results.iter().all(Result::is_err));
    let mut alone: Vec<String> = asked(&org).into_iter().filter(|path| path.starts_with("sobjects/")).collect();
    alone.sort();
    alone.dedup();
    assert!((8..=24).contains(&alone.len()), "{} of 120", alone.len());
}
