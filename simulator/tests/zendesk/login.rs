//! Logins and the log.

use crate::support::desk;
use serde_json::{json, Value};

#[tokio::test]
async fn a_login_gives_a_token_for_half_an_hour() {
    let desk = desk(json!({})).await;
    let answer = desk.login(json!({})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["token_type"], "bearer");
    assert_eq!((&answer.body["scope"], &answer.body["expires_in"]), (&json!("read write"), &json!(1800)));
    assert_eq!(answer.body["access_token"].as_str().unwrap().len(), 64);
    assert_eq!(desk.login(json!({"expires_in": 300})).await.body["expires_in"], 300);
    for wrong in [json!(299), json!(172_801), json!("300")] {
        let refused = desk.login(json!({"expires_in": wrong})).await;
        assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_request")));
    }
}

#[tokio::test]
async fn wrong_logins_are_refused() {
    let desk = desk(json!({"client_id": "me", "client_secret": "hush"})).await;
    let cases = [
        (json!({}), 200, Value::Null),
        (json!({"client_id": "you"}), 401, json!("invalid_client")),
        (json!({"client_secret": "loud"}), 401, json!("invalid_client")),
        (json!({"client_secret": null}), 401, json!("invalid_client")),
        (json!({"grant_type": "password"}), 400, json!("unsupported_grant_type")),
    ];
    for (change, status, error) in cases {
        let answer = desk.login(change.clone()).await;
        assert_eq!((answer.status, &answer.body["error"]), (status, &error), "{change}");
    }
    let url = format!("{}/oauth/tokens", desk.zendesk.url());
    let form = [("grant_type", "client_credentials"), ("client_id", "me"), ("client_secret", "hush")];
    assert_eq!(desk.send(desk.client.post(url).form(&form)).await.unwrap().status, 415);
}

#[tokio::test]
async fn a_token_ends_in_mid_run() {
    let desk = desk(json!({"token_seconds": 60})).await;
    assert_eq!(desk.login(json!({"expires_in": 3600})).await.body["expires_in"], 60);
    assert_eq!(desk.get("organizations").await.status, 200);
    desk.advance(60.0);
    let late = desk.get("organizations").await;
    assert_eq!((late.status, &late.body["error"]), (401, &json!("invalid_token")));
    assert!(late.header("www-authenticate").starts_with("Bearer realm="));
    assert!(late.header("x-rate-limit").is_empty());
}

#[tokio::test]
async fn older_clients_have_tokens_without_end() {
    let desk = desk(json!({"token_seconds": 0})).await;
    assert_eq!(desk.login(json!({})).await.body["expires_in"], Value::Null);
    desk.advance(1e9);
    assert_eq!(desk.get("organizations").await.status, 200);
}

#[tokio::test]
async fn a_scope_may_not_be_enough() {
    let mut desk = desk(json!({})).await;
    for scope in [json!("read"), Value::Null] {
        let login = desk.login(json!({"scope": scope})).await;
        assert_eq!(login.body["scope"], "read");
        desk.token = login.body["access_token"].as_str().unwrap().to_owned();
        assert_eq!(desk.get("organizations").await.status, 200);
        let refused = desk.create(json!({"name": "A"})).await;
        assert_eq!((refused.status, &refused.body["error"]["title"]), (403, &json!("Forbidden")));
    }
}

#[tokio::test]
async fn the_older_login_has_an_api_token() {
    let desk = desk(json!({"email": "me@example.com", "api_token": "hush"})).await;
    let cases = [
        ("me@example.com/token", "hush", 200),
        ("me@example.com", "hush", 401),
        ("you@example.com/token", "hush", 401),
        ("me@example.com/token", "loud", 401),
    ];
    for (user, password, status) in cases {
        let request = desk.client.get(desk.url("organizations")).basic_auth(user, Some(password));
        assert_eq!(desk.send(request).await.unwrap().status, status, "{user} {password}");
    }
    for header in ["", "Bearer", "Bearer x", "Basic ###", "Digest x"] {
        let request = desk.client.get(desk.url("organizations")).header("Authorization", header);
        assert_eq!(desk.send(request).await.unwrap().status, 401, "{header}");
    }
    let nobody = desk.send(desk.client.get(desk.url("organizations"))).await.unwrap();
    assert_eq!(nobody.body, json!({"error": "Couldn't authenticate you"}));
}

#[tokio::test]
async fn the_log_has_no_secrets() {
    let desk = desk(json!({})).await;
    desk.create(json!({"name": "A"})).await;
    desk.get("organizations?page[size]=2&access_token=hush").await;
    let login = json!({"client_secret": "hush", "password": "hush", "nested": {"client_secret": "hush"}});
    desk.post("oauth/tokens", login).await;
    let form = desk.client.post(desk.url("sessions")).body("client_secret=hush");
    desk.send(form).await.unwrap();

    let log = desk.zendesk.requests();
    let written = serde_json::to_string(&log).unwrap();
    assert!(!written.contains("hush") && !written.contains(&desk.token), "{written}");
    assert_eq!((log[0].path.as_str(), log[0].status), ("/oauth/tokens", 200));
    assert!(log[0].body.as_ref().unwrap().contains("\"client_id\":\"me\",\"client_secret\":\"***\""));
    assert_eq!(log[1].body.as_deref(), Some("{\"organization\":{\"name\":\"A\"}}"));
    assert_eq!((log[1].method.as_str(), log[1].user_agent.as_deref()), ("POST", Some("spec/1")));
    assert_eq!(log[2].query.as_deref(), Some("page[size]=2&access_token=***"));
    assert_eq!((log[4].status, log[4].body.as_deref()), (401, Some("***")));
}
