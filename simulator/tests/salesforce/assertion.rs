//! Sign-ins with an assertion that an app has signed.

use crate::support::{client, sign_in, start};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use crm_sync_simulator::salesforce::{Options, Salesforce, StartError};
use jsonwebtoken::{encode, get_current_timestamp, Algorithm, EncodingKey, Header};
use pem::Pem;
use serde_json::{json, Value};

/// Returns a signing key, and its public key as PEM.
fn key() -> (EncodingKey, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap();
    let private = pem::encode(&Pem::new("PRIVATE KEY", private.as_ref()));
    let public = pem::encode(&Pem::new("PUBLIC KEY", public.as_ref()));
    (EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(), public)
}

/// Returns valid claims with some changes.
fn claims(changes: Value) -> Value {
    let audience = "https://login.salesforce.com";
    let mut claims = json!({"iss": "me", "sub": "ann@a.edu", "aud": audience, "exp": get_current_timestamp() + 180});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn signed(claims: &Value, key: &EncodingKey) -> String {
    encode(&Header::new(Algorithm::RS256), claims, key).unwrap()
}

async fn answer(salesforce: &Salesforce, assertion: &str) -> Value {
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion)];
    sign_in(&client(), salesforce.url(), &form).await.json().await.unwrap()
}

async fn denial(salesforce: &Salesforce, assertion: &str) -> String {
    let answer = answer(salesforce, assertion).await;
    format!("{}: {}", answer["error"].as_str().unwrap(), answer["error_description"].as_str().unwrap())
}

#[tokio::test]
async fn each_claim_is_checked() {
    let (key, public) = key();
    let salesforce = start(json!({"client_id": "me", "username": "ann@a.edu", "jwt_public_key": public}));
    let now = get_current_timestamp();
    let cases = [
        (json!({"iss": "you"}), "invalid_client_id: client identifier invalid"),
        (json!({"aud": "https://org.my.salesforce.com"}), "invalid_grant: audience is invalid"),
        (json!({"exp": now - 1}), "invalid_grant: expired authorization code"),
        (json!({"exp": now + 400}), "invalid_grant: invalid assertion"),
        (json!({"exp": null}), "invalid_grant: invalid assertion"),
        (json!({"sub": "bob@a.edu"}), "invalid_grant: user hasn't approved this consumer"),
    ];
    for (changes, wanted) in cases {
        assert_eq!(denial(&salesforce, &signed(&claims(changes.clone()), &key)).await, wanted, "{changes}");
    }
    for audience in ["https://login.salesforce.com", "https://test.salesforce.com"] {
        let answer = answer(&salesforce, &signed(&claims(json!({"aud": audience})), &key)).await;
        assert!(answer["access_token"].is_string() && answer["scope"] == "api", "{answer}");
        assert!(answer.get("refresh_token").is_none() && answer.get("expires_in").is_none(), "{answer}");
    }
}

#[tokio::test]
async fn the_signature_is_checked_when_there_is_a_key() {
    let (good, public) = key();
    let other = key().0;
    let strict = start(json!({"jwt_public_key": public}));
    let lax = start(json!({}));
    let claims = claims(json!({}));
    let hmac = encode(&Header::default(), &claims, &EncodingKey::from_secret(b"hush")).unwrap();
    let forged = signed(&claims, &other);
    for (salesforce, assertion) in [(&strict, &hmac), (&strict, &forged), (&lax, &hmac)] {
        assert_eq!(denial(salesforce, assertion).await, "invalid_grant: invalid assertion");
    }
    for (salesforce, assertion) in [(&strict, &signed(&claims, &good)), (&lax, &forged)] {
        assert!(answer(salesforce, assertion).await["access_token"].is_string());
    }
}

#[test]
fn a_key_has_to_be_one() {
    let options: Options = serde_json::from_value(json!({"jwt_public_key": "ssh-rsa AAAA"})).unwrap();
    assert!(matches!(Salesforce::start(options), Err(StartError::JwtPublicKey)));
}
