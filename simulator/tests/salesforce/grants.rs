//! The grants for a sign-in, and their refusals.

use crate::support::{client, login, sign_in, start, DATA};
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::{json, Value};

const PASSWORD: [(&str, &str); 3] = [("grant_type", "password"), ("client_id", "me"), ("client_secret", "hush")];

/// Returns the status and the body of a sign-in.
async fn signed_in(salesforce: &Salesforce, form: &[(&str, &str)]) -> (u16, Value) {
    let response = sign_in(&client(), salesforce.url(), form).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn refresh(salesforce: &Salesforce, token: &str) -> (u16, Value) {
    signed_in(salesforce, &[("grant_type", "refresh_token"), ("client_id", "me"), ("refresh_token", token)]).await
}

async fn password(salesforce: &Salesforce, username: &str, password: &str) -> (u16, Value) {
    signed_in(salesforce, &[&PASSWORD[..], &[("username", username), ("password", password)]].concat()).await
}

/// Returns the status of a query with the token from a sign-in.
async fn query(salesforce: &Salesforce, answer: &Value) -> u16 {
    let url = format!("{}{DATA}/query?q=SELECT+Id+FROM+Lead", salesforce.url());
    let request = client().get(url).bearer_auth(answer["access_token"].as_str().unwrap());
    request.send().await.unwrap().status().as_u16()
}

fn denied(error: &str, description: &str) -> (u16, Value) {
    (400, json!({"error": error, "error_description": description}))
}

#[tokio::test]
async fn passwords() {
    let salesforce = start(json!({"username": "ann@a.edu", "password": "hushTOKEN"}));
    for (name, word) in [("ann@a.edu", "hush"), ("bob@a.edu", "hushTOKEN"), ("ann@a.edu", ""), ("", "")] {
        let wanted = denied("invalid_grant", "authentication failure");
        assert_eq!(password(&salesforce, name, word).await, wanted, "{name} {word}");
    }
    let (status, answer) = password(&salesforce, "ann@a.edu", "hushTOKEN").await;
    assert_eq!((status, query(&salesforce, &answer).await), (200, 200));
    for name in ["scope", "expires_in", "refresh_token"] {
        assert!(answer.get(name).is_none(), "{name}");
    }
}

#[tokio::test]
async fn where_nothing_is_given_anything_does() {
    let salesforce = start(json!({}));
    assert_eq!(password(&salesforce, "ann@a.edu", "x").await.0, 200);
    assert_eq!(password(&salesforce, "ann@a.edu", "").await.0, 400);
    assert_eq!(refresh(&salesforce, "x").await.0, 200);
    assert_eq!(refresh(&salesforce, "").await.0, 400);
}

#[tokio::test]
async fn refresh_tokens_last() {
    let salesforce = start(json!({"client_secret": "hush", "refresh_token": "R1"}));
    let expired = denied("invalid_grant", "expired access/refresh token");
    assert_eq!(refresh(&salesforce, "R0").await, expired);
    for _ in 0..2 {
        let (status, answer) = refresh(&salesforce, "R1").await;
        assert_eq!((status, query(&salesforce, &answer).await), (200, 200));
        assert!(answer.get("refresh_token").is_none() && answer.get("scope").is_none(), "{answer}");
    }
    let form = [("grant_type", "refresh_token"), ("client_id", "me"), ("refresh_token", "R1")];
    let secret = |secret| [&form[..], &[("client_secret", secret)]].concat();
    assert_eq!(signed_in(&salesforce, &secret("hush")).await.0, 200);
    let wanted = denied("invalid_client", "invalid client credentials");
    assert_eq!(signed_in(&salesforce, &secret("loud")).await, wanted);
}

#[tokio::test]
async fn a_rotated_refresh_token_that_is_used_again_ends_everything() {
    let salesforce = start(json!({"refresh_token": "R1", "rotate_refresh_tokens": true}));
    let (_, first) = refresh(&salesforce, "R1").await;
    let second = first["refresh_token"].as_str().unwrap();
    let (_, later) = refresh(&salesforce, second).await;
    let third = later["refresh_token"].as_str().unwrap();
    assert!(third != second && second != "R1");
    let expired = denied("invalid_grant", "expired access/refresh token");
    assert_eq!(refresh(&salesforce, "unknown").await, expired);
    assert_eq!(query(&salesforce, &later).await, 200);
    assert_eq!(refresh(&salesforce, "R1").await, expired);
    assert_eq!(refresh(&salesforce, third).await, expired);
    for answer in [&first, &later] {
        assert_eq!(query(&salesforce, answer).await, 401);
    }
    assert_eq!(login(&client(), salesforce.url()).await.status(), 200);
}

#[tokio::test]
async fn an_org_allows_some_grants() {
    let salesforce = start(json!({"grants": ["jwt_bearer", "refresh_token"]}));
    let unsupported = denied("unsupported_grant_type", "grant type not supported");
    assert_eq!(password(&salesforce, "ann@a.edu", "x").await, unsupported);
    assert_eq!(login(&client(), salesforce.url()).await.status(), 400);
    assert_eq!(refresh(&salesforce, "R1").await.0, 200);
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", "x")];
    assert_eq!(signed_in(&salesforce, &form).await, denied("invalid_grant", "invalid assertion"));
}

#[tokio::test]
async fn the_login_hosts_refuse_client_credentials() {
    let salesforce = start(json!({"my_domain": false}));
    let form = [("grant_type", "client_credentials"), ("client_id", "me"), ("client_secret", "hush")];
    let wanted = denied("invalid_grant", "request not supported on this domain");
    assert_eq!(signed_in(&salesforce, &form).await, wanted);
    assert_eq!(password(&salesforce, "ann@a.edu", "x").await.0, 200);
}

#[tokio::test]
async fn a_relay_can_stand_in_front() {
    let salesforce = start(json!({"instance_url": "https://org.my.salesforce.com"}));
    let answer: Value = login(&client(), salesforce.url()).await.json().await.unwrap();
    assert_eq!(answer["instance_url"], "https://org.my.salesforce.com");
    assert!(answer.get("expires_in").is_none());
    assert_eq!(query(&salesforce, &answer).await, 200);
}

#[tokio::test]
async fn logins_have_a_rate() {
    let salesforce = start(json!({"login_limit": 2, "password": "x"}));
    let (_, answer) = password(&salesforce, "ann@a.edu", "x").await;
    assert_eq!(password(&salesforce, "ann@a.edu", "wrong").await.1["error_description"], "authentication failure");
    assert_eq!(login(&client(), salesforce.url()).await.status(), 200);
    let exceeded = denied("invalid_grant", "login rate exceeded");
    assert_eq!(password(&salesforce, "ann@a.edu", "x").await, exceeded);
    assert_eq!(refresh(&salesforce, "R1").await, exceeded);
    assert_eq!(query(&salesforce, &answer).await, 200);
}

#[tokio::test]
async fn the_log_hides_what_signs_in() {
    let salesforce = start(json!({"rotate_refresh_tokens": true}));
    password(&salesforce, "ann@a.edu", "hush-word").await;
    let answer = refresh(&salesforce, "hush-refresh").await.1;
    refresh(&salesforce, answer["refresh_token"].as_str().unwrap()).await;
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", "hush.jwt.x")];
    signed_in(&salesforce, &form).await;
    let log = serde_json::to_string(&salesforce.requests()).unwrap();
    assert!(!log.contains("hush") && !log.contains(answer["refresh_token"].as_str().unwrap()), "{log}");
    assert!(log.contains("assertion=***") && log.contains("password=***") && log.contains("refresh_token=***"));
}

#[test]
fn unknown_grants_are_refused() {
    let options = json!({"grants": ["authorization_code"]});
    assert!(serde_json::from_value::<crm_sync_simulator::salesforce::Options>(options).is_err());
}
