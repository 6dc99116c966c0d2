//! The four ways to sign in.

use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use crm_sync::http::Limits;
use crm_sync::salesforce::{sign_in, Grant, Granted, Settings};
use crm_sync::Error;
use crm_sync_simulator::salesforce::Salesforce;
use pem::Pem;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::support::{org_of, run, settings, settings_at, sign_ins, start};
use crate::wire::Wire;

fn secret(text: &str) -> SecretString {
    text.into()
}

fn signed_in(org: &Salesforce, grant: Grant, refresh_token: Option<&str>) -> Result<Granted, Error> {
    let (org, refresh_token) = (org_of(Settings { grant, ..settings(org) }), refresh_token.map(secret));
    run(|_| async move { sign_in(&org, refresh_token.as_ref()).await })
}

fn refused(result: Result<Granted, Error>) -> String {
    match result {
        Err(Error::Authentication(error)) => error.to_string(),
        other => panic!("not refused: {:?}", other.map(|_| ())),
    }
}

#[test]
fn client_credentials() {
    let org = start(json!({"client_id": "id", "client_secret": "hush", "grants": ["client_credentials"]}));
    let grant = |text| Grant::ClientCredentials { client_secret: secret(text) };
    let granted = signed_in(&org, grant("hush"), None).expect("a session");
    assert_eq!(granted.instance_url, org.url());
    assert!(refused(signed_in(&org, grant("other"), None)).contains("client_secret"));
    let elsewhere = start(json!({"my_domain": false}));
    assert!(refused(signed_in(&elsewhere, grant("hush"), None)).contains("My Domain"));
}

#[test]
fn password() {
    let org = start(json!({"username": "ann@a.edu", "password": "pwtoken", "grants": ["password"]}));
    let grant =
        |text| Grant::Password { client_secret: secret("hush"), username: "ann@a.edu".into(), password: secret(text) };
    signed_in(&org, grant("pwtoken"), None).expect("a session");
    assert!(refused(signed_in(&org, grant("pw"), None)).contains("salesforce.password"));
}

#[test]
fn settings_show_no_secret_and_no_address() {
    let user = "ann@a.edu";
    let password =
        Grant::Password { client_secret: secret("hush-hush"), username: user.into(), password: secret("hush-hush") };
    let private_key = secret("hush-hush");
    let jwt_bearer = Grant::JwtBearer { username: user.into(), private_key, audience: "https://x.test".into() };
    for grant in [password, jwt_bearer] {
        let shown = format!("{:?}", Settings { grant, ..settings_at("https://x.test") });
        assert!(!shown.contains("hush-hush") && !shown.contains(user), "{shown}");
    }
}

/// Returns a private key and its public key, as PEM.
fn key() -> (String, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("a private key");
    let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).expect("a public key");
    let pem = |name: &str, key: &[u8]| pem::encode(&Pem::new(name, key));
    (pem("PRIVATE KEY", private.as_ref()), pem("PUBLIC KEY", public.as_ref()))
}

#[test]
fn jwt_bearer() {
    let (private, public) = key();
    let org = start(json!({
        "client_id": "id", "username": "ann@a.edu", "jwt_public_key": public, "grants": ["jwt_bearer"]
    }));
    let grant = |username: &str, key: &str, audience: &str| Grant::JwtBearer {
        username: username.into(),
        private_key: secret(key),
        audience: audience.into(),
    };
    let audience = "https://login.salesforce.com";
    signed_in(&org, grant("ann@a.edu", &private, audience), None).expect("a session");
    let other = refused(signed_in(&org, grant("ann@a.edu", &key().0, audience), None));
    assert!(other.contains("salesforce.private_key"), "{other}");
    assert!(refused(signed_in(&org, grant("bob@a.edu", &private, audience), None)).contains("pre-authorize"));
    assert!(refused(signed_in(&org, grant("ann@a.edu", &private, "https://x.test"), None)).contains("audience"));
    let before = sign_ins(&org);
    let unusable = signed_in(&org, grant("ann@a.edu", "no key", audience), None);
    assert!(matches!(unusable, Err(Error::Configuration(_))) && sign_ins(&org) == before);
}

#[test]
fn each_attempt_has_an_assertion_of_its_own() {
    let wire = Wire::start(|_, _| (503, String::new()));
    let grant = Grant::JwtBearer {
        username: "ann@a.edu".into(),
        private_key: key().0.into(),
        audience: "https://login.salesforce.com".into(),
    };
    let mut settings = Settings { grant, ..settings_at(&wire.url) };
    // An assertion says in whole seconds when it ends.
    settings.limits = Limits { attempts: 2, retry_delay: Duration::from_secs(1), ..settings.limits };
    let org = org_of(settings);
    assert!(run(|_| async move { sign_in(&org, None).await }).is_err());
    let bodies: Vec<String> = wire.requests("/token").into_iter().map(|request| request.body).collect();
    assert!(bodies.len() == 2 && bodies[0] != bodies[1], "{} attempts", bodies.len());
}

#[test]
fn refresh_token() {
    let org = start(json!({"refresh_token": "first", "rotate_refresh_tokens": true, "grants": ["refresh_token"]}));
    let grant = || Grant::RefreshToken { client_secret: None };
    let granted = signed_in(&org, grant(), Some("first")).expect("a session");
    let next = granted.refresh_token.expect("another token");
    signed_in(&org, grant(), Some(next.expose_secret())).expect("a session");
    assert!(refused(signed_in(&org, grant(), Some("first"))).contains("salesforce.refresh_token"));
    assert!(matches!(signed_in(&org, grant(), None), Err(Error::Configuration(_))));
}

#[test]
fn a_refresh_token_is_not_sent_again_where_the_answer_was_lost() {
    for answer in [json!("close"), json!("truncate"), json!("html"), json!({"status": {"status": 503}})] {
        let faults = json!([{"on": "token", "answer": answer}]);
        let org = start(json!({"refresh_token": "first", "rotate_refresh_tokens": true, "faults": faults}));
        assert!(signed_in(&org, Grant::RefreshToken { client_secret: None }, Some("first")).is_err());
        assert_eq!(sign_ins(&org), 1, "{answer}");
        let org = start(json!({"faults": faults}));
        assert!(signed_in(&org, Grant::ClientCredentials { client_secret: secret("hush") }, None).is_err());
        assert_eq!(sign_ins(&org), 3, "{answer}");
    }
}
