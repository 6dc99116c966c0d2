//! Signs in with OAuth 2.0.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::answer::SERVICE;
use super::grant::{form, Grant};
use super::org::Org;
use super::session::Session;
use crate::error::{presentable, Result};
use crate::http::{is_transient, retry_after, Answer, Failure, Repeat};
use crate::redact;

const ACTION: &str = "the sign-in";
/// The form fields whose values no message may show.
const SECRETS: [&str; 5] = ["assertion", "client_secret", "password", "refresh_token", "username"];

/// The result of a sign-in.
#[derive(Deserialize)]
pub struct Granted {
    /// The access token.
    pub access_token: SecretString,
    /// The URL at which the token is valid. It is untrusted until it has been checked.
    pub instance_url: String,
    /// A refresh token that replaces the one that was used.
    #[serde(default)]
    pub refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Signs in once, within the deadline. Only [`Grant::RefreshToken`] uses `refresh_token`.
///
/// # Errors
/// Returns [`Authentication`](crate::Error::Authentication) if Salesforce refuses,
/// [`Configuration`](crate::Error::Configuration) if the key cannot be used, and [`Remote`](crate::Error::Remote) if
/// there is no usable response.
pub async fn sign_in(org: &Org, refresh_token: Option<&SecretString>) -> Result<Granted> {
    org.http.within_deadline(ACTION, sign_in_by_grant(org, refresh_token)).await
}

async fn sign_in_by_grant(org: &Org, refresh_token: Option<&SecretString>) -> Result<Granted> {
    let mut url = org.base.clone();
    url.set_path("/services/oauth2/token");
    let form = || form(&org.client_id, &org.grant, refresh_token);
    // An unusable key is found before anything is sent.
    form()?;
    // A refresh token may be valid for a single use, and using it again may revoke everything.
    let repeat = if matches!(org.grant, Grant::RefreshToken { .. }) { Repeat::IfRefused } else { Repeat::Always };
    // Built for each attempt, because an assertion ends after a few minutes, and the pause may be longer.
    let request = || {
        let form = form().unwrap_or_default();
        form.iter().filter(|(name, _)| SECRETS.contains(name)).for_each(|(_, value)| redact::remember(value));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.expose_secret())).collect();
        org.http.client().post(url.clone()).form(&form)
    };
    let granted = org.http.send(ACTION, repeat, request, |answer| async { read(answer) }).await;
    let granted = granted.map_err(|failure| failure.into_refusal(SERVICE, ACTION))?;
    // Checked before the result is stored, because an unusable session would stay in the store for hours.
    Session::new(&org.base, granted.access_token.clone(), &granted.instance_url)?;
    granted.refresh_token.iter().for_each(redact::remember);
    tracing::info!("Salesforce: signed in");
    Ok(granted)
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
            let advice = advice(&code, &text);
            Err(Failure { status, code: Some(code), ..Failure::lasting(format!("{text}{advice}")) })
        }
        (code, refused) if is_transient(code, refused.is_none()) => {
            let failure = Failure::passing("no sign-in at the moment".into());
            Err(Failure { status, retry_after: retry_after(&answer.headers), ..failure })
        }
        (300..=399 | 404, _) => {
            let message = "nobody signs in there; the org may have moved: check salesforce.host";
            Err(Failure { status, ..Failure::lasting(message.into()) })
        }
        _ => Err(Failure { status, ..Failure::lasting("the answer is not what a sign-in gives".into()) }),
    }
}

/// Returns advice on the refusals that people meet.
fn advice(code: &str, text: &str) -> &'static str {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match code.to_ascii_lowercase().as_str() {
        "invalid_client" | "invalid_client_id" | "invalid_client_credentials" => {
            "; check salesforce.client_id and salesforce.client_secret: the secret may have expired or been rotated"
        }
        "inactive_user" => "; the user is inactive or locked out: an administrator of the org has to unlock it",
        "inactive_org" => "; the org is locked, closed or suspended",
        "unsupported_grant_type" => {
            "; check that the app allows this grant, and that salesforce.host is the org's My Domain"
        }
        "login_rate_exceeded" | "rate_limit_exceeded" => RATE,
        _ if says(&["rate exceeded", "rate_exceeded", "number of login attempts"]) => RATE,
        _ if says(&["locked"]) => "; the user is locked out: wait, or let an administrator of the org unlock it",
        _ if says(&["not supported on this domain"]) => {
            "; salesforce.host must be the org's My Domain, not a login host"
        }
        _ if says(&["hasn't approved", "not approved"]) => {
            "; an administrator has to pre-authorize the app for the user"
        }
        _ if says(&["expired access/refresh token"]) => {
            "; the refresh token was revoked or used by somebody else: sign in again and set salesforce.refresh_token"
        }
        _ if says(&["assertion", "audience"]) => {
            "; check salesforce.private_key, salesforce.username, salesforce.audience and this machine's clock"
        }
        _ if says(&["authentication failure"]) => {
            "; check salesforce.username and salesforce.password (with the security token), and whether the org still \
             allows this flow"
        }
        "invalid_grant" => "; check that the app may use this grant and has a user to run as",
        _ => "",
    }
}

const RATE: &str =
    "; the user has signed in too often (3,600 times in an hour): wait, and share sessions between processes";
