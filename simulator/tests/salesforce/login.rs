//! Logins, the log, and rules for all requests.

use crate::support::{client, contacts, login, org, start, DATA};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use crm_sync_simulator::salesforce::Salesforce;
use serde_json::{json, Value};

#[tokio::test]
async fn a_login_gives_a_token() {
    let salesforce = start(json!({}));
    let answer: Value = login(&client(), salesforce.url()).await.json().await.unwrap();
    let token = answer["access_token"].as_str().unwrap();
    assert!(token.starts_with("00D") && token.contains('!'), "{token}");
    assert_eq!(answer["instance_url"], salesforce.url());
    assert_eq!(answer["token_type"], "Bearer");
    for name in ["id", "issued_at", "signature", "scope"] {
        assert!(answer[name].is_string(), "{name}");
    }
}

#[tokio::test]
async fn wrong_logins_are_refused() {
    let salesforce = start(json!({"client_id": "me", "client_secret": "hush"}));
    let cases = [
        ("client_credentials", "me", "hush", 200, Value::Null),
        ("client_credentials", "you", "hush", 400, json!("invalid_client_id")),
        ("client_credentials", "me", "loud", 400, json!("invalid_client")),
        ("password", "me", "loud", 400, json!("invalid_client")),
        ("authorization_code", "me", "hush", 400, json!("unsupported_grant_type")),
    ];
    for (grant, id, secret, status, error) in cases {
        let form = [("grant_type", grant), ("client_id", id), ("client_secret", secret)];
        let request = client().post(format!("{}/services/oauth2/token", salesforce.url())).form(&form);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{grant} {id} {secret}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"], error);
    }
}

#[tokio::test]
async fn other_calls_need_a_live_token() {
    let org = org(json!({})).await;
    let url = org.url(&format!("{DATA}/query?q=SELECT+Id+FROM+Lead"));
    for (header, status) in [
        (format!("OAuth {}", org.token), 200),
        (format!("Bearer {}", org.token), 200),
        (format!("Basic {}", org.token), 401),
        ("Bearer 00Dx!y".to_owned(), 401),
        (String::new(), 401),
    ] {
        let (got, body) = org.answer(org.client.get(&url).header("Authorization", &header)).await;
        assert_eq!(got.as_u16(), status, "{header}");
        let error = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
        assert!(status == 200 || body == error, "{body}");
    }
}

#[tokio::test]
async fn the_log_shows_what_came_and_hides_secrets() {
    let org = org(json!({})).await;
    org.rows("SELECT Id FROM Lead WHERE Name = 'ä'").await;
    let post = org.client.post(org.url("/services/Soap/u/64.0")).body("<password>hush</password>");
    org.answer(post).await;
    let log = org.salesforce.requests();
    let statuses: Vec<u16> = log.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200, 200, 401]);
    assert_eq!(log[0].body.as_deref(), Some("grant_type=client_credentials&client_id=me&client_secret=***"));
    assert_eq!((log[1].method.as_str(), log[1].path.as_str()), ("GET", "/services/data/v66.0/query"));
    assert_eq!(log[1].query.as_deref(), Some("SELECT Id FROM Lead WHERE Name = 'ä'"));
    assert_eq!(log[1].user_agent.as_deref(), Some("spec/1"));
    assert!(log[1].bytes > 0 && log[1].time.at_ms >= log[0].time.at_ms);
    let text = serde_json::to_string(&log).unwrap();
    assert!(!text.contains("hush") && !text.contains(&org.token), "{text}");
}

#[tokio::test]
async fn versions_need_no_login() {
    let salesforce = start(json!({}));
    let url = format!("{}/services/data/", salesforce.url());
    let versions: Vec<Value> = client().get(url).send().await.unwrap().json().await.unwrap();
    let newest = json!({"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"});
    assert_eq!(versions.last(), Some(&newest));
    assert!(versions.iter().any(|version| version["label"] == "Spring '21" && version["version"] == "51.0"));
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    let org = org(json!({})).await;
    let long = format!("{DATA}/query?q={}", "x".repeat(16_384));
    let cases = [
        ("/services/data/v30.0/query?q=x", 410),
        ("/services/data/v31.0/query?q=SELECT+Id+FROM+Lead", 200),
        ("/services/data/v99.0/query?q=x", 404),
        ("/services/data/v66.0/jobs/export", 404),
        ("/services/data/v66.0/query", 400),
        ("/services/data/v66.0/sobjects/Lead", 405),
        ("/", 404),
        (&long, 414),
        (&long[..16_300], 431),
    ];
    for (path, status) in cases {
        assert_eq!(org.answer(org.get(path)).await.0.as_u16(), status, "{}", &path[..path.len().min(60)]);
    }
}

#[tokio::test]
async fn answers_tell_the_quota_and_are_packed_on_request() {
    let org = org(json!({"records": {"Contact": contacts(1000)}})).await;
    let response = org.query("SELECT Id FROM Contact").send().await.unwrap();
    assert_eq!(response.headers()["sforce-limit-info"], "api-usage=1/5000000");
    assert_eq!(response.headers()["content-type"], "application/json;charset=UTF-8");
    let length = response.bytes().await.unwrap().len() as u64;
    let plain = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let request = org.query("SELECT Id FROM Contact").build().unwrap();
    let response = plain.execute(request).await.unwrap();
    assert_eq!(response.headers()["sforce-limit-info"], "api-usage=2/5000000");
    assert!(!response.headers().contains_key("content-encoding"));
    let log = org.salesforce.requests();
    assert_eq!(log[2].bytes, length);
    assert!(log[1].bytes * 5 < length);
}

#[tokio::test]
async fn http2_works_too() {
    let salesforce = start(json!({"records": {"Contact": contacts(5000)}}));
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let response = login(&client, salesforce.url()).await;
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    let answer: Value = response.json().await.unwrap();
    let url = format!("{}{DATA}/query?q=SELECT+Id+FROM+Contact", salesforce.url());
    let request = client.get(url).bearer_auth(answer["access_token"].as_str().unwrap());
    let page: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(page["records"].as_array().unwrap().len(), 2000);
}

#[test]
fn unknown_options_are_refused() {
    let options = serde_json::from_value::<crm_sync_simulator::salesforce::Options>(json!({"recrods": {}}));
    assert!(options.is_err());
}

/// Requests a token with an `Authorization` header.
async fn with_header(salesforce: &Salesforce, header: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let request = client().post(format!("{}/services/oauth2/token", salesforce.url())).form(form);
    let response = request.header("Authorization", header).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn the_client_may_name_itself_in_the_header() {
    let salesforce = start(json!({"client_id": "my app", "client_secret": "a:b=c&d+é"}));
    let grant = ("grant_type", "client_credentials");
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let encoded = basic("my+app:a%3Ab%3Dc%26d%2B%C3%A9");
    let cases = [
        (encoded.clone(), vec![grant], None),
        (encoded.replace("Basic", "basic"), vec![grant, ("client_id", "my app")], None),
        // Some clients do not encode all special characters.
        (basic("my%20app:a:b=c&d%2Bé"), vec![grant], None),
        (encoded.clone(), vec![grant, ("client_id", "other")], Some("invalid_request")),
        (encoded.clone(), vec![grant, ("client_secret", "a:b=c&d+é")], Some("invalid_request")),
        (basic("my+app:loud"), vec![grant], Some("invalid_client")),
        (basic("other:a"), vec![grant], Some("invalid_client_id")),
        (basic("no colon"), vec![grant], Some("invalid_client")),
        ("Basic ???".to_owned(), vec![grant], Some("invalid_client")),
        ("Bearer x".to_owned(), vec![grant], Some("invalid_client_id")),
    ];
    for (header, form, error) in cases {
        let (status, body) = with_header(&salesforce, &header, &form).await;
        assert_eq!((status == 200, body["error"].as_str()), (error.is_none(), error), "{header} {form:?}");
        assert_eq!(body["access_token"].is_string(), error.is_none(), "{header}");
    }
    let log = serde_json::to_string(&salesforce.requests()).unwrap();
    assert!(!log.contains(&encoded["Basic ".len()..]), "{log}");
}
