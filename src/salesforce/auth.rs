//! Signing in with OAuth 2.0 client credentials.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::client::{Client, SERVICE};
use crate::error::{presentable, Error, Result};
use crate::http::{Answer, Failure};

/// A token and where it may be used.
#[derive(Clone)]
pub(super) struct Token {
    secret: SecretString,
    pub(super) instance: Url,
    generation: u64,
}

impl Token {
    pub(super) fn authorize(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.bearer_auth(self.secret.expose_secret())
    }
}

/// Credentials, and the token that they last gave.
pub(super) struct SignIn {
    client_id: String,
    client_secret: SecretString,
    current: Mutex<Option<Token>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    instance_url: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl SignIn {
    pub(super) fn new(client_id: String, client_secret: SecretString) -> Self {
        Self { client_id, client_secret, current: Mutex::new(None) }
    }

    /// The token, from a sign-in if there is none yet. However many ask, one signs in.
    pub(super) async fn token(&self, client: &Client) -> Result<Token> {
        let mut current = self.current.lock().await;
        match &*current {
            Some(token) => Ok(token.clone()),
            None => Ok(current.insert(self.sign_in(client, 0).await?).clone()),
        }
    }

    /// A token newer than the one that `failed`.
    pub(super) async fn renew(&self, client: &Client, failed: &Token) -> Result<Token> {
        let mut current = self.current.lock().await;
        match &*current {
            Some(token) if token.generation > failed.generation => Ok(token.clone()),
            _ => Ok(current.insert(self.sign_in(client, failed.generation + 1).await?).clone()),
        }
    }

    async fn sign_in(&self, client: &Client, generation: u64) -> Result<Token> {
        const ACTION: &str = "the sign-in";
        let mut url = client.base.clone();
        url.set_path("/services/oauth2/token");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
        ];
        let request = || client.http.client().post(url.clone()).form(&form);
        let granted = client.http.send(ACTION, request, read).await.map_err(|failure| refusal(failure, ACTION))?;
        let instance = instance(&granted.instance_url, &client.base).ok_or_else(|| {
            let message = "the answer sends us to a host that is not the org's".to_owned();
            Failure::lasting(message).into_error(SERVICE, ACTION)
        })?;
        tracing::debug!("Salesforce: signed in");
        Ok(Token { secret: granted.access_token, instance, generation })
    }
}

fn read(answer: Answer) -> std::result::Result<Granted, Failure> {
    if answer.status == 200 {
        let granted = serde_json::from_slice(&answer.body);
        return granted.map_err(|_| Failure::passing("the answer is not what a sign-in gives".into()));
    }
    let refused = serde_json::from_slice::<Refused>(&answer.body).ok();
    let status = Some(answer.status);
    match (answer.status, refused) {
        (400 | 401 | 403, Some(refused)) => {
            let (code, text) = (presentable(&refused.error), presentable(&refused.error_description));
            Err(Failure { status, code: Some(code), ..Failure::lasting(format!("{text}{}", advice(&refused.error))) })
        }
        (420 | 429 | 500..=504, _) => Err(Failure { status, ..Failure::passing("no sign-in at the moment".into()) }),
        _ => Err(Failure { status, ..Failure::lasting("the answer is not what a sign-in gives".into()) }),
    }
}

fn advice(code: &str) -> &'static str {
    match code {
        "invalid_client" | "invalid_client_id" => "; check salesforce.client_id and salesforce.client_secret",
        "invalid_grant" => "; check that the app may use client credentials and has a run-as user",
        "unsupported_grant_type" => "; check that salesforce.host is the org's My Domain, not login.salesforce.com",
        _ => "",
    }
}

fn refusal(failure: Failure, action: &str) -> Error {
    let refused = matches!(failure.status, Some(400 | 401 | 403));
    match failure.into_error(SERVICE, action) {
        Error::Remote(error) if refused => Error::Authentication(error),
        other => other,
    }
}

/// The instance, if it is the host that was configured, or another one of Salesforce's where that was configured.
fn instance(told: &str, base: &Url) -> Option<Url> {
    let url = Url::parse(told).ok()?;
    let of_salesforce =
        |url: &Url| url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".salesforce.com"));
    (url.origin() == base.origin() || (of_salesforce(&url) && of_salesforce(base))).then_some(url)
}
