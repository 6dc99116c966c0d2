//! Writes that something between the client and Salesforce refuses: one of them, or all.

use crm_sync::rows::Id;
use crm_sync::salesforce::{write, Operation, Outcome, Row};
use crm_sync::Error;
use serde_json::value::RawValue;
use serde_json::{json, Value};

use crate::support::{client_of, ids, run, settings_at};
use crate::wire::{Answer, Request, Wire};

const BLOCKED: &str = "<html>Access denied</html>";
const WRITES: &str = "/composite/sobjects";

fn rows_of(body: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(body).expect("JSON")["records"].as_array().expect("rows").clone()
}

/// Starts an org that accepts all rows, behind something that responds to some writes itself.
fn org(blocks: impl Fn(&[Value]) -> Option<Answer> + Send + Sync + 'static) -> Wire {
    Wire::start(move |base, request: &Request| match request.line.as_str() {
        "POST /services/oauth2/token" => {
            (200, json!({"access_token": "00D!token", "instance_url": base, "token_type": "Bearer"}).to_string())
        }
        _ => {
            let rows = rows_of(&request.body);
            let written = || rows.iter().map(|row| json!({"id": row["id"], "success": true, "errors": []})).collect();
            blocks(&rows).unwrap_or_else(|| (200, Value::Array(written()).to_string()))
        }
    })
}

fn update(org: &Wire, count: u64) -> Vec<Outcome> {
    let client = client_of(settings_at(&org.url));
    let fields = |id: &String| RawValue::from_string(json!({"Fax": id}).to_string()).expect("JSON");
    let rows = ids(count).iter().map(|id| Row { id: Id::parse(id), fields: fields(id) }).collect();
    run(|_| async move { write(&client, "Contact", Operation::Update, rows).await })
}

fn sizes(org: &Wire) -> Vec<usize> {
    org.requests(WRITES).iter().map(|request| rows_of(&request.body).len()).collect()
}

fn sign_ins(org: &Wire) -> usize {
    org.requests("/services/oauth2/token").len()
}

fn errors(outcomes: &[Outcome]) -> Vec<String> {
    outcomes.iter().filter_map(|outcome| outcome.error().map(ToString::to_string)).collect()
}

#[test]
fn one_row_that_a_firewall_refuses_keeps_no_other_from_being_written() {
    for status in [400, 403, 404, 406, 413, 451] {
        let bad = ids(1_000)[321].clone();
        let org = org(move |rows| rows.iter().any(|row| row["id"] == bad.as_str()).then(|| (status, BLOCKED.into())));
        let errors = errors(&update(&org, 1_000));
        assert_eq!(errors.len(), 1, "{status}");
        let told = format!("answers HTTP {status} to it, and lets other writes pass");
        assert!(errors[0].contains(&ids(1_000)[321]) && errors[0].contains(&told), "{errors:?}");
        // Five lists, the halves of one of them (two for each level), and a few retries of each refusal.
        assert!(sizes(&org).len() <= 60 && sign_ins(&org) <= 3, "{status}: {:?}", sizes(&org));
    }
}

#[test]
fn where_all_writes_are_refused_a_few_show_it() {
    for status in [400, 403, 404, 405, 413, 422, 451] {
        let org = org(move |_| Some((status, BLOCKED.into())));
        let outcomes = update(&org, 1_000);
        assert_eq!(errors(&outcomes).len(), 1_000);
        let of_all = |outcome: &&Outcome| matches!(outcome.error(), Some(Error::Remote(error)) if error.code.as_deref() == Some("WRITES_TURNED_AWAY"));
        assert!(outcomes.iter().find(of_all).is_some(), "{status}");
        assert!(sizes(&org).len() <= 20 && sign_ins(&org) <= 3, "{status}: {:?}", sizes(&org));
    }
}

#[test]
fn a_write_of_no_rows_that_salesforce_refuses_has_come_through() {
    let refusal = json!([{"errorCode": "INVALID_INPUT", "message": "no records"}]).to_string();
    let bad = ids(8)[3].clone();
    let org = org(move |rows| match rows.iter().any(|row| row["id"] == bad.as_str()) {
        _ if rows.is_empty() => Some((400, refusal.clone())),
        true => Some((403, BLOCKED.into())),
        false => None,
    });
    assert_eq!(errors(&update(&org, 8)).len(), 1);
}

#[test]
fn rows_that_are_each_too_large_are_refused_each_for_itself() {
    let org = org(|rows| (!rows.is_empty()).then(|| (413, String::new())));
    let outcomes = update(&org, 200);
    let own = |outcome: &Outcome| matches!(outcome, Outcome::Refused(Error::Remote(error)) if error.status == Some(413) && error.code.is_none());
    assert!(outcomes.iter().all(own));
    assert!(sizes(&org).len() < 60, "no larger one than one that was refused is sent: {:?}", sizes(&org));
}
