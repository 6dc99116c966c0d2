//! Updates in whole lists, in which each row has its own outcome.

use crm_sync::rows::Id;
use crm_sync::salesforce::{write as write_rows, Operation, Row};
use crm_sync::Error;
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::value::RawValue;
use serde_json::{json, Value};

use crate::support::{client_of, contacts, id, ids, run, settings, start};

fn row(id: &str, fields: &Value) -> Row {
    let fields = RawValue::from_string(fields.to_string()).expect("JSON");
    Row { id: Id::parse(id), fields }
}

fn write(org: &Salesforce, rows: Vec<Row>) -> Vec<Result<(), Error>> {
    let client = client_of(settings(org));
    let outcomes = run(|_| async move { write_rows(&client, "Contact", Operation::Update, rows).await });
    outcomes.iter().map(|outcome| outcome.error().map_or(Ok(()), |error| Err(error.clone()))).collect()
}

/// Returns the paths of the requests below the API version, without the sign-in.
fn asked(org: &Salesforce) -> Vec<String> {
    let paths = org.requests().into_iter().map(|request| request.path);
    paths.filter_map(|path| Some(path.split_once("/v66.0/")?.1.to_owned())).collect()
}

/// Returns the number of rows of each call, in order.
fn sizes(org: &Salesforce) -> Vec<usize> {
    let bodies = org.requests().into_iter().filter(|request| request.path.ends_with("/composite/sobjects"));
    let size =
        |body: &str| serde_json::from_str::<Value>(body).expect("JSON")["records"].as_array().expect("rows").len();
    bodies.map(|request| size(request.body.as_deref().unwrap_or_default())).collect()
}

fn faxes(ids: &[String]) -> Vec<Row> {
    ids.iter().map(|id| row(id, &json!({"Fax": "1"}))).collect()
}

fn failures(rows: Value, times: u32) -> Value {
    json!({"faults": [{"on": "update", "times": times, "answer": {"row_failures": rows}}]})
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
fn a_refusal_that_quotes_half_an_emoji_keeps_no_other_from_its_answer() {
    let half = json!({"splice": {"text": "cross", "bytes": "\\ud83d"}});
    let org = people(2, json!({"faults": [{"on": "update", "answer": half}]}));
    let [one, two] = &ids(2)[..] else { panic!("two ids") };
    let results = write(&org, faxes(&[one.clone(), id("0034C", 99), two.clone()]));
    let Err(Error::Remote(error)) = &results[1] else { panic!("{results:?}") };
    assert!(error.message.contains('\u{fffd}'), "{error}");
    assert_eq!(error.code.as_deref(), Some("INVALID_CROSS_REFERENCE_KEY"));
    assert!(results[0].is_ok() && results[2].is_ok(), "{results:?}");
    assert_eq!(sizes(&org), [3]);
}

#[test]
fn where_a_whole_list_is_refused_it_goes_in_halves_until_it_is_clear_which_row_is_to_blame() {
    for (status, code) in [(400, "JSON_PARSER_ERROR"), (413, "REQUEST_TOO_LARGE")] {
        let org = people(200, refused_once(status, code));
        let results = write(&org, faxes(&ids(200)));
        assert!(results.iter().all(Result::is_ok), "{code}");
        // Something between the client and Salesforce may also refuse a call as too large. A write of no rows therefore
        // shows whether it refuses all calls.
        let asked: &[usize] = if status == 413 { &[0] } else { &[] };
        assert_eq!(sizes(&org), [&[200], asked, &[100, 100]].concat());
    }
}

#[test]
fn where_every_call_would_be_refused_no_row_is_looked_for() {
    let refusals = [
        (400, "ORG_LOCKED"),
        (403, "API_DISABLED_FOR_ORG"),
        (404, "NOT_FOUND"),
        (411, "X"),
        (414, "X"),
        (415, "UNSUPPORTED_MEDIA_TYPE"),
        (429, "X"),
        (431, "X"),
        (500, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"),
    ];
    for (status, code) in refusals {
        let answer = json!({"error": {"status": status, "code": code, "message": "no"}});
        let org = people(200, json!({"faults": [{"on": "update", "answer": answer}]}));
        let results = write(&org, faxes(&ids(200)));
        assert!(results.iter().all(Result::is_err), "{code}");
        assert!(sizes(&org).iter().all(|size| *size == 200), "{code}");
    }
}

#[test]
fn where_every_call_is_too_large_no_row_is_looked_for() {
    let answer = json!({"error": {"status": 413, "code": "REQUEST_TOO_LARGE", "message": "no"}});
    let org = people(1_000, json!({"faults": [{"on": "update", "answer": answer}]}));
    let results = write(&org, faxes(&ids(1_000)));
    let told = |result: &&Result<(), Error>| matches!(result, Err(Error::Remote(error)) if error.code.as_deref() == Some("WRITES_TURNED_AWAY"));
    assert!(results.iter().all(Result::is_err) && results.iter().find(told).is_some());
    assert!(sizes(&org).iter().all(|size| [0, 200].contains(size)) && sizes(&org).len() <= 6, "{:?}", sizes(&org));
}

#[test]
fn a_row_that_is_refused_as_every_other_one_would_be_ends_all() {
    let org =
        people(600, failures(json!({"count": 1, "code": "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"}), 99));
    assert!(write(&org, faxes(&ids(600))).iter().any(Result::is_err));
    assert!(sizes(&org).iter().all(|size| *size == 200));
}

#[test]
fn where_a_trigger_fails_all_rows_for_one_they_go_in_halves() {
    let of_all = failures(json!({"count": 200, "code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}), 1);
    let org = people(200, of_all);
    assert!(write(&org, faxes(&ids(200))).iter().all(Result::is_ok));
    assert_eq!(sizes(&org), [200, 100, 100]);
    // If other rows of the list were written, the refused ones are at fault themselves.
    let org = people(200, failures(json!({"count": 3, "code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}), 1));
    let results = write(&org, faxes(&ids(200)));
    assert_eq!((results.iter().filter(|result| result.is_err()).count(), sizes(&org)), (3, vec![200]));
}

#[test]
fn rows_whose_refusal_may_pass_go_again_together() {
    let locked = json!({"count": 6, "code": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access"});
    let org = people(200, failures(locked.clone(), 2));
    assert!(write(&org, faxes(&ids(200))).iter().all(Result::is_ok));
    assert_eq!(sizes(&org), [200, 6, 6]);
    let org = people(200, json!({"faults": [{"on": "update", "answer": {"row_failures": locked}}]}));
    let results = write(&org, faxes(&ids(200)));
    let Err(Error::Remote(error)) = &results[5] else { panic!("{:?}", results[5]) };
    assert_eq!((error.code.as_deref(), error.attempts), (Some("UNABLE_TO_LOCK_ROW"), 3));
    assert!(results[6..].iter().all(Result::is_ok));
    assert_eq!(sizes(&org), [200, 6, 6]);
}

#[test]
fn where_salesforce_itself_fails_all_rows_for_one_they_go_in_halves_in_the_end() {
    let unknown = json!({"count": 4, "code": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."});
    let org = people(4, failures(unknown.clone(), 3));
    assert!(write(&org, faxes(&ids(4))).iter().all(Result::is_ok));
    assert_eq!(sizes(&org), [4, 4, 4, 2, 2]);
    let org = people(4, json!({"faults": [{"on": "update", "answer": {"row_failures": unknown}}]}));
    assert!(write(&org, faxes(&ids(4))).iter().all(Result::is_err));
    assert_eq!(sizes(&org).len(), 3 + 2 + 4, "parts are tried once");
}

#[test]
fn a_list_whose_answer_is_lost_is_sent_again() {
    let org = people(200, json!({"faults": [{"on": "update", "times": 1, "answer": "lost_answer"}]}));
    assert!(write(&org, faxes(&ids(200))).iter().all(Result::is_ok));
    assert_eq!(sizes(&org), [200, 200]);
}

#[test]
fn where_a_list_gets_no_answer_each_row_goes_by_itself() {
    let slow = json!({"faults": [{"on": "update", "times": 3, "answer": {"status": {"status": 504}}}]});
    let org = people(5, slow);
    assert!(write(&org, faxes(&ids(5))).iter().all(Result::is_ok));
    assert_eq!(sizes(&org), [5, 5, 5, 1, 1, 1, 1, 1]);
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
fn a_field_that_would_lead_to_another_record_is_not_sent() {
    let org = people(3, json!({}));
    let [one, two, three] = &ids(3)[..] else { panic!("three ids") };
    let fields = [json!({"Fax": "1"}), json!({"Id": one, "Fax": "2"}), json!({"Fax": "3"})];
    let results = write(&org, [one, two, three].into_iter().zip(&fields).map(|(id, fields)| row(id, fields)).collect());
    assert!(results[0].is_ok() && results[2].is_ok(), "{results:?}");
    let Err(Error::Remote(error)) = &results[1] else { panic!("{results:?}") };
    assert!(error.action.ends_with(two) && error.message.contains("is called Id"), "{error:?}");
    assert_eq!(sizes(&org), [2]);
}

#[test]
fn where_nobody_answers_the_others_are_not_tried() {
    let gone = json!({"faults": [{"on": "update", "answer": {"status": {"status": 503}}}]});
    let org = people(120, gone);
    let results = write(&org, faxes(&ids(120)));
    assert!(results.iter().all(Result::is_err));
    let alone = sizes(&org).into_iter().filter(|size| *size == 1).count();
    assert!((8 * 3..=24 * 3).contains(&alone), "{alone} calls, three for each row");
}
