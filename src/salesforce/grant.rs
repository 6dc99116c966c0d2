//! The four OAuth 2.0 grants that Salesforce offers to a server.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::error::{Error, Result};

/// The lifetime of an assertion, in seconds. Salesforce accepts at most five minutes, and clocks differ.
const ASSERTION_LIFE: u64 = 180;
/// The credentials for a sign-in. <https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flows.htm>
#[derive(Debug, Clone)]
pub enum Grant {
    /// Signs in as the app's run-as user. Works only on the org's My Domain.
    ClientCredentials {
        /// The consumer secret.
        client_secret: SecretString,
    },
    /// Signs in with an assertion signed by the key whose certificate the app knows.
    JwtBearer {
        /// The user to act as. It is a person's address, so that `Debug` does not show it.
        username: SecretString,
        /// The RSA private key, in PEM format.
        private_key: SecretString,
        /// The host at which the user signs in: `https://login.salesforce.com` or `https://test.salesforce.com`.
        audience: String,
    },
    /// Signs in with a refresh token from a person's earlier sign-in.
    RefreshToken {
        /// The consumer secret, if the app requires it.
        client_secret: Option<SecretString>,
    },
    /// Signs in with a user's name and password. Newer orgs block this grant.
    Password {
        /// The consumer secret.
        client_secret: SecretString,
        /// The user's name, a person's address.
        username: SecretString,
        /// The password, followed by the security token.
        password: SecretString,
    },
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: u64,
}

/// The fields of a form by their names.
type Form = Vec<(&'static str, SecretString)>;

/// Returns the form of the sign-in request.
pub(super) fn form(client_id: &str, grant: &Grant, refresh_token: Option<&SecretString>) -> Result<Form> {
    let text = |text: &str| SecretString::from(text);
    let mut form = match grant {
        Grant::ClientCredentials { client_secret } => {
            vec![("grant_type", text("client_credentials")), ("client_secret", client_secret.clone())]
        }
        Grant::JwtBearer { username, private_key, audience } => {
            let assertion = assertion(client_id, username, audience, private_key)?;
            let grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
            return Ok(vec![("grant_type", text(grant_type)), ("assertion", assertion)]);
        }
        Grant::RefreshToken { client_secret } => {
            let missing = || Error::Configuration("salesforce.refresh_token is not set".into());
            let token = refresh_token.ok_or_else(missing)?.clone();
            let secret = client_secret.iter().map(|secret| ("client_secret", secret.clone()));
            [("grant_type", text("refresh_token")), ("refresh_token", token)].into_iter().chain(secret).collect()
        }
        Grant::Password { client_secret, username, password } => vec![
            ("grant_type", text("password")),
            ("client_secret", client_secret.clone()),
            ("username", username.clone()),
            ("password", password.clone()),
        ],
    };
    form.push(("client_id", text(client_id)));
    Ok(form)
}

/// Signs an RFC 7523 assertion in the form that Salesforce requires: with RS256, for one user, for a few minutes.
fn assertion(client_id: &str, username: &SecretString, audience: &str, key: &SecretString) -> Result<SecretString> {
    let unusable = |why: &str| Error::Configuration(format!("salesforce.private_key {why}"));
    let key = EncodingKey::from_rsa_pem(key.expose_secret().as_bytes())
        .map_err(|_| unusable("is not a private RSA key in PEM form"))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = Claims { iss: client_id, sub: username.expose_secret(), aud: audience, exp: now + ASSERTION_LIFE };
    let signed = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key);
    signed.map(SecretString::from).map_err(|_| unusable("cannot sign"))
}
