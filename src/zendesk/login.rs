//! Signing in: OAuth client credentials, a bearer token, or an e-mail address with an API token.
//! <https://developer.zendesk.com/api-reference/introduction/security-and-auth/>

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::account::{Account, SERVICE};
use super::answer::Told;
use crate::error::{Error, Result};
use crate::http::{is_bearer, Answer, Failure, Repeat};
use crate::redact;

/// A token with less than this left of it, in seconds of the account, is changed for another one before it is used.
const MARGIN: f64 = 60.0;

/// How we prove who we are.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A confidential OAuth client, which acts as the user who created it. Its tokens are renewed as they end.
    ClientCredentials {
        /// The client's unique identifier.
        client_id: String,
        /// The client's secret.
        client_secret: SecretString,
    },
    /// An access token from elsewhere, which cannot be renewed.
    Token(SecretString),
    /// An API token. New accounts can have none since July 2026, and all end on 2027-04-30.
    ApiToken {
        /// The e-mail address of its user, with or without `/token` behind it.
        email: String,
        /// The API token.
        token: SecretString,
    },
}

impl Credentials {
    pub(super) fn check(&self) -> Result<()> {
        let blank = |text: &str| text.trim().is_empty();
        let missing = match self {
            Self::ClientCredentials { client_id, .. } if blank(client_id) => Some("zendesk.client_id"),
            Self::ClientCredentials { client_secret, .. } if blank(client_secret.expose_secret()) => {
                Some("zendesk.client_secret")
            }
            Self::Token(token) if blank(token.expose_secret()) => Some("zendesk.token"),
            Self::ApiToken { email, .. } if blank(email) => Some("zendesk.email"),
            Self::ApiToken { token, .. } if blank(token.expose_secret()) => Some("zendesk.api_token"),
            _ => None,
        };
        if let Some(name) = missing {
            return Err(Error::Configuration(format!("{name} is not set")));
        }
        match self {
            Self::Token(token) if !is_bearer(token.expose_secret()) => Err(Error::Configuration(
                "zendesk.token has characters that no token has, such as a blank or the end of a line".into(),
            )),
            _ => Ok(()),
        }
    }

    /// What no message may repeat.
    fn secret(&self) -> &SecretString {
        let (Self::ClientCredentials { client_secret: secret, .. }
        | Self::Token(secret)
        | Self::ApiToken { token: secret, .. }) = self;
        secret
    }

    /// Whether there is another token to be had.
    pub(super) fn can_renew(&self) -> bool {
        matches!(self, Self::ClientCredentials { .. })
    }

    /// What to do when they are refused.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => {
                "; check zendesk.client_id and zendesk.client_secret, and that the client is a confidential one"
            }
            Self::Token(_) => {
                "; zendesk.token has ended or was revoked: get another one, or set client credentials, which are renewed"
            }
            Self::ApiToken { .. } => {
                "; check zendesk.email and zendesk.api_token: API tokens that are not used for 30 days are switched off, \
                 and all end on 2027-04-30; client credentials take their place"
            }
        }
    }
}

/// What goes into the header of a request.
#[derive(Clone)]
pub(super) enum Session {
    Bearer { token: SecretString, until: Option<Instant> },
    Basic { user: String, token: SecretString },
}

impl Session {
    pub(super) fn authorize(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match self {
            Self::Bearer { token, .. } => request.bearer_auth(token.expose_secret()),
            Self::Basic { user, token } => request.basic_auth(user, Some(token.expose_secret())),
        }
    }

    fn token(&self) -> &SecretString {
        match self {
            Self::Bearer { token, .. } | Self::Basic { token, .. } => token,
        }
    }

    fn secret(&self) -> &str {
        self.token().expose_secret()
    }

    fn is_fresh(&self) -> bool {
        !matches!(self, Self::Bearer { until: Some(until), .. } if *until <= Instant::now())
    }
}

/// The session of one process.
#[derive(Default)]
pub(super) struct Current(tokio::sync::Mutex<Option<Session>>);

impl Current {
    /// The session; a new one if there is none, if it is about to end, or if it is the one that has `ended`. However many
    /// ask, one renews.
    pub(super) async fn session(&self, account: &Account, ended: Option<&Session>) -> Result<Session> {
        let mut current = self.0.lock().await;
        let has_ended = |session: &Session| ended.is_some_and(|ended| ended.secret() == session.secret());
        if let Some(session) = current.as_ref().filter(|session| session.is_fresh() && !has_ended(session)) {
            return Ok(session.clone());
        }
        redact::remember(account.credentials.secret());
        let session = open(account).await?;
        redact::remember(session.token());
        Ok(current.insert(session).clone())
    }
}

async fn open(account: &Account) -> Result<Session> {
    match &account.credentials {
        Credentials::ClientCredentials { client_id, client_secret } => sign_in(account, client_id, client_secret).await,
        Credentials::Token(token) => Ok(Session::Bearer { token: token.clone(), until: None }),
        Credentials::ApiToken { email, token } => {
            let user = format!("{}/token", email.trim().trim_end_matches("/token"));
            Ok(Session::Basic { user, token: token.clone() })
        }
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Option<u64>,
}

/// <https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/>
async fn sign_in(account: &Account, client_id: &str, client_secret: &SecretString) -> Result<Session> {
    const ACTION: &str = "the sign-in";
    let mut url = account.base.clone();
    url.set_path("/oauth/tokens");
    // In the sender's hands only: a body that is kept would keep the secret.
    let body = || {
        json!({"grant_type": "client_credentials", "client_id": client_id,
               "client_secret": client_secret.expose_secret(), "scope": "read write"})
    };
    let request = || account.http.client().post(url.clone()).header("Accept", "application/json").json(&body());
    let asked = Instant::now();
    let granted =
        account.http.send(ACTION, Repeat::Always, request, |answer| async move { read(account, &answer) }).await;
    let granted = granted.map_err(|failure| refusal(failure, ACTION))?;
    if !is_bearer(granted.access_token.expose_secret()) {
        let why = "the answer gives an access token with characters that no token has";
        return Err(refusal(Failure::lasting(why.into()), ACTION));
    }
    tracing::info!("Zendesk: signed in");
    // A life shorter than the margin is used for its first half.
    let life = granted.expires_in.map(|seconds| (seconds as f64 - MARGIN).max(seconds as f64 / 2.0));
    Ok(Session::Bearer { token: granted.access_token, until: life.map(|seconds| asked + account.clock.span(seconds)) })
}

fn read(account: &Account, answer: &Answer) -> std::result::Result<Granted, Failure> {
    let status = Some(answer.status);
    if answer.status == 200 {
        let granted = serde_json::from_slice(&answer.body);
        let unreadable = |_| Failure { status, ..Failure::passing("the answer is not what a sign-in gives".into()) };
        return granted.map_err(unreadable);
    }
    let told = Told::of(answer);
    let failure = match answer.status {
        429 | 500..=504 => {
            Failure { retry_after: account.asked_to_wait(&answer.headers), ..Failure::passing(told.message) }
        }
        400 | 401 | 403 => Failure::lasting(format!("{}{}", told.message, account.credentials.advice())),
        404 => Failure::lasting(format!("{}; check zendesk.host", told.message)),
        _ => Failure::lasting(told.message),
    };
    Err(Failure { status, code: told.code, request_id: told.request_id, ..failure })
}

fn refusal(failure: Failure, action: &str) -> Error {
    let refused = matches!(failure.status, Some(400 | 401 | 403));
    match failure.into_error(SERVICE, action) {
        Error::Remote(error) if refused => Error::Authentication(error),
        other => other,
    }
}
