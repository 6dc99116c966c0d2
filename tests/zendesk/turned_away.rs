//! Writes that something between the client and Zendesk refuses without a reason: one of them, or all.

use std::sync::Mutex;

use crm_sync::zendesk::{update_many, write, Changes, Client, Outcome};
use crm_sync::Error;
use serde_json::{json, Value};

use crate::support::{attributes, rows, settings_at, with, Journal};
use crate::wire::{Answer, Request, Wire};

const BLOCKED: &str = "<html><title>Attention Required!</title></html>";

/// Starts an account that accepts all writes, behind something that refuses each body that contains `word`.
fn account(word: &'static str) -> Wire {
    let jobs = Mutex::new(Vec::<Value>::new());
    Wire::start(move |_, request: &Request| answer(word, &jobs, request))
}

fn answer(word: &str, jobs: &Mutex<Vec<Value>>, request: &Request) -> Answer {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let blocked = !request.body.is_empty() && request.body.contains(word);
    let mut jobs = jobs.lock().expect("jobs");
    let answer = match request.line.as_str() {
        "POST /oauth/tokens" => json!({"access_token": "hush", "token_type": "bearer", "scope": "read write"}),
        "GET /api/v2/job_statuses/show_many" => json!({"job_statuses": *jobs}),
        _ if blocked => return (403, BLOCKED.into()),
        "POST /api/v2/organizations" => json!({"organization": {"id": 1_000_000 + request.body.len()}}),
        "PUT /api/v2/organizations/update_many" => {
            let rows = body["organizations"].as_array().expect("rows");
            let result =
                |row: &Value| json!({"action": "update", "id": row["id"], "status": "Updated", "success": true});
            let results: Vec<Value> = rows.iter().map(result).collect();
            let id = format!("V3-{}", jobs.len());
            jobs.push(json!({"id": id, "status": "completed", "total": rows.len(), "results": results}));
            json!({"job_status": {"id": id, "status": "queued", "total": rows.len(), "results": null}})
        }
        other => panic!("{other}"),
    };
    (200, answer.to_string())
}

fn client(account: &Wire) -> Client {
    with(settings_at(&account.url))
}

#[tokio::test]
async fn one_row_that_a_firewall_refuses_keeps_no_other_from_being_written() {
    let account = account("<script>");
    let mut all = rows(1..=250, &json!({"notes": "new"}));
    all[0].attributes = attributes(json!({"notes": "<script>"}));
    let written = update_many(&client(&account), all).await;
    assert!(written.stopped.is_none(), "{:?}", written.stopped);
    let (bad, rest) = written.items.split_at(1);
    assert!(matches!(&bad[0].outcome, Outcome::Refused(refusal) if refusal.message.contains("HTTP 403")), "{bad:?}");
    assert!(rest.iter().all(|item| item.outcome == Outcome::Done));
    assert!(account.requests("/update_many").len() <= 20);
}

#[tokio::test]
async fn where_all_rows_are_refused_a_few_show_it() {
    let account = account("organizations");
    let written = update_many(&client(&account), rows(1..=1_000, &json!({"notes": "new"}))).await;
    assert!(matches!(&written.stopped, Some(Error::Remote(error)) if error.status == Some(403)));
    assert_eq!(written.items.iter().filter(|item| item.outcome == Outcome::Done).count(), 0);
    assert!(account.requests("/update_many").len() <= 25, "{}", account.requests("/update_many").len());
}

#[tokio::test]
async fn one_new_organization_that_a_firewall_refuses_keeps_no_other_from_being_created() {
    let account = account("<script>");
    let name = |number: usize| if number == 3 { "<script>".into() } else { "x".repeat(number + 1) };
    let creates = (0..40).map(|number| attributes(json!({"name": name(number)}))).collect();
    let changes = Changes { creates, updates: rows([1], &json!({"notes": "x"})), ..Changes::default() };
    let written = write(&client(&account), changes, &Journal::default()).await;
    assert!(written.stopped.is_none(), "{:?}", written.stopped);
    let refused: Vec<_> = written.items.iter().filter(|item| item.outcome != Outcome::Done).collect();
    assert!(matches!(refused[..], [item] if item.index == 3 && matches!(item.outcome, Outcome::Refused(_))));
}

#[tokio::test]
async fn where_all_new_organizations_are_refused_a_few_show_it() {
    let account = account("organization");
    let creates = (0..100).map(|number| attributes(json!({"name": format!("New {number}")}))).collect();
    let written = write(&client(&account), Changes { creates, ..Changes::default() }, &Journal::default()).await;
    assert!(matches!(&written.stopped, Some(Error::Remote(error)) if error.status == Some(403)));
    assert!(account.requests("POST /api/v2/organizations").len() <= 40);
}
