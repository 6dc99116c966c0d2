//! Opens sessions: signs in with OAuth client credentials, or uses the configured access token or API token.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::account::Account;
use super::answer::{BadAnswer, SERVICE};
use super::credentials::Credentials;
use super::session::Session;
use crate::error::Result;
use crate::http::{is_bearer, Answer, Failure, Repeat};
use crate::redact;

const ACTION: &str = "the sign-in";
/// The margin, in seconds of the account's clock: a token that ends sooner is renewed before it is used.
const MARGIN: f64 = 60.0;

/// Returns the session of this process. Opens another one if there is none, if it is the session that has `ended`, or
/// if it is about to end.
///
/// # Errors
/// [`Authentication`](crate::Error::Authentication) if Zendesk refuses, [`Remote`](crate::Error::Remote) if there is no
/// response or none that makes sense.
pub(super) async fn session(account: &Account, ended: Option<&Arc<Session>>) -> Result<Arc<Session>> {
    let opening = async { open(account).await.inspect(|session| redact::remember(session.token())) };
    account.current.session(&account.turns, ended, Session::is_fresh, opening).await
}

async fn open(account: &Account) -> Result<Session> {
    redact::remember(account.credentials.secret());
    match &account.credentials {
        Credentials::ClientCredentials { client_id, client_secret } => sign_in(account, client_id, client_secret).await,
        Credentials::Token(token) => Ok(Session::Bearer { token: token.clone(), until: None }),
        Credentials::ApiToken { email, token } => {
            let user = format!("{}/token", email.expose_secret().trim().trim_end_matches("/token"));
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

/// Exchanges client credentials for an access token.
/// <https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/>
async fn sign_in(account: &Account, client_id: &str, client_secret: &SecretString) -> Result<Session> {
    let mut url = account.base.clone();
    url.set_path("/oauth/tokens");
    // Built for each attempt, because a body that is kept would keep the secret in memory.
    let body = || {
        json!({"grant_type": "client_credentials", "client_id": client_id,
               "client_secret": client_secret.expose_secret(), "scope": "read write"})
    };
    let request = || account.http.client().post(url.clone()).header("Accept", "application/json").json(&body());
    let asked = Instant::now();
    let granted =
        account.http.send(ACTION, Repeat::Always, request, |answer| async move { read(account, answer) }).await;
    let granted = granted.map_err(|failure| failure.into_refusal(SERVICE, ACTION))?;
    if !is_bearer(granted.access_token.expose_secret()) {
        let why = "the answer gives an access token with characters that no token has";
        return Err(Failure::lasting(why.into()).into_error(SERVICE, ACTION));
    }
    tracing::info!("Zendesk: signed in");
    // A token with a very short life is used only for the first half of it.
    let life = granted.expires_in.map(|seconds| (seconds as f64 - MARGIN).max(seconds as f64 / 2.0));
    Ok(Session::Bearer { token: granted.access_token, until: life.map(|seconds| asked + account.clock.span(seconds)) })
}

fn read(account: &Account, answer: Answer) -> std::result::Result<Granted, Failure> {
    let status = Some(answer.status);
    if answer.status == 200 {
        let granted = serde_json::from_slice(&answer.body);
        let unreadable = |_| Failure { status, ..Failure::passing("the answer is not what a sign-in gives".into()) };
        return granted.map_err(unreadable);
    }
    let retry_after = account.asked_to_wait(&answer.headers);
    let told = BadAnswer::of(ACTION, answer);
    let failure = match status {
        Some(429 | 500..=504) => Failure { retry_after, ..Failure::passing(told.message) },
        Some(400 | 401 | 403) => Failure::lasting(format!("{}{}", told.message, account.credentials.advice())),
        Some(404) => Failure::lasting(format!("{}; check zendesk.host", told.message)),
        _ => Failure::lasting(told.message),
    };
    Err(Failure { status, code: told.code, request_id: told.request_id, ..failure })
}
