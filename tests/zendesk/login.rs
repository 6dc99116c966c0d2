//! Signs in, and signs in again.

use std::time::Duration;

use crate::support::{client, count, credentials, desk, fault, named, read, remote, settings, with};
use crm_sync::zendesk::{Account, Budget, Credentials, Settings};
use crm_sync::Error;
use futures_util::future::join_all;
use serde_json::json;

fn secret(text: &str) -> secrecy::SecretString {
    text.to_owned().into()
}

#[tokio::test]
async fn all_three_ways_of_signing_in_work() {
    let desk = desk(json!({"organizations": named(3), "email": "me@x.org", "api_token": "older"}));
    let api_token = |email: &str| Credentials::ApiToken { email: email.into(), token: secret("older") };
    for credentials in [credentials(), api_token("me@x.org"), api_token("me@x.org/token")] {
        assert_eq!(read(&with(Settings { credentials, ..settings(&desk) })).await.expect("ids").len(), 3);
    }
    let granted = reqwest::Client::builder().no_proxy().build().expect("a client");
    let body = json!({"grant_type": "client_credentials", "client_id": "a", "client_secret": "b", "scope": "read"});
    let granted = granted.post(format!("{}/oauth/tokens", desk.url())).json(&body).send().await.expect("an answer");
    let granted: serde_json::Value = granted.json().await.expect("a token");
    let credentials = Credentials::Token(secret(granted["access_token"].as_str().expect("a token")));
    assert_eq!(read(&with(Settings { credentials, ..settings(&desk) })).await.expect("ids").len(), 3);
}

#[tokio::test]
async fn a_token_that_ends_in_mid_run_is_renewed_once_for_all() {
    let faults = json!([{"on": "fields", "skip": 1, "times": 1, "answer": "expire_token"}]);
    let desk = desk(json!({"organizations": named(3), "faults": faults}));
    let client = client(&desk);
    client.prepare().await.expect("a session");
    let fields = join_all((0..12).map(|_| crm_sync::zendesk::organization_fields(&client))).await;
    assert!(fields.iter().all(Result::is_ok));
    assert_eq!(count(&desk, "POST", "/oauth/tokens"), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let desk = desk(json!({"organizations": named(3), "token_seconds": 300, "clock_speed": 200}));
    let second = Duration::from_millis(5);
    let client = with(Settings { second, ..settings(&desk) });
    read(&client).await.expect("ids");
    tokio::time::sleep(second * 250).await;
    read(&client).await.expect("ids");
    assert_eq!(count(&desk, "POST", "/oauth/tokens"), 2);
    assert!(desk.requests().iter().all(|request| request.status == 200));
}

#[tokio::test]
async fn a_refusal_says_what_to_check_and_shows_no_secret() {
    let desk = desk(json!({"client_secret": "another", "api_token": "another"}));
    let credentials = [
        (credentials(), "zendesk.client_secret"),
        (Credentials::Token(secret("hush-hush")), "zendesk.token"),
        (Credentials::ApiToken { email: "me@x.org".into(), token: secret("hush-hush") }, "zendesk.api_token"),
    ];
    for (credentials, advice) in credentials {
        let settings = Settings { credentials, ..settings(&desk) };
        let shown = format!("{settings:?}");
        assert!(!shown.contains("hush-hush") && !shown.contains("me@x.org"), "{shown}");
        let result = read(&with(settings)).await;
        assert!(matches!(result, Err(Error::Authentication(_))), "{result:?}");
        let error = remote(result);
        assert!(error.message.contains(advice) && !format!("{error:?}").contains("hush-hush"), "{error}");
        assert_eq!((error.status, error.attempts), (Some(401), 1));
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_in_passing_is_tried_again() {
    for answer in [json!("close"), json!("html"), json!("cut_json"), json!({"unavailable": {"retry_after": 1}})] {
        let desk = desk(json!({"organizations": named(3), "faults": fault("token", answer.clone())}));
        assert_eq!(read(&client(&desk)).await.expect("ids").len(), 3, "{answer}");
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_is_not_repeated_by_those_who_waited_for_it() {
    for (answer, tries) in [(json!({"status": {"status": 401}}), 1), (json!({"status": {"status": 500}}), 3)] {
        let desk = desk(json!({"faults": [{"on": "token", "answer": answer}]}));
        let client = client(&desk);
        for sign_ins in 1..=2 {
            let fields = join_all((0..12).map(|_| crm_sync::zendesk::organization_fields(&client))).await;
            assert!(fields.iter().all(Result::is_err));
            assert_eq!(count(&desk, "POST", "/oauth/tokens"), sign_ins * tries, "{answer}");
        }
    }
}

#[test]
fn settings_that_cannot_be_right_are_found_before_anything_is_sent() {
    let right = || Settings::new("example.zendesk.com".into(), credentials());
    let blank = Credentials::Token(secret(" "));
    for (settings, name) in [
        (Settings { host: "http://example.zendesk.com".into(), ..right() }, "zendesk.host"),
        (Settings { host: String::new(), ..right() }, "zendesk.host"),
        (Settings { budget: Budget::Share(0.0), ..right() }, "zendesk.share"),
        (Settings { budget: Budget::Share(f64::NAN), ..right() }, "zendesk.share"),
        (Settings { budget: Budget::Requests(0), ..right() }, "zendesk.requests_per_minute"),
        (Settings { jobs: 31, ..right() }, "zendesk.jobs"),
        (Settings { credentials: blank, ..right() }, "zendesk.token"),
    ] {
        match Account::new(settings) {
            Err(Error::Configuration(message)) => assert!(message.contains(name), "{message}"),
            _ => panic!("{name} was taken"),
        }
    }
    assert!(Account::new(right()).is_ok());
}
