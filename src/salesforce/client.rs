//! One org: where it is, how we sign in, and requests that carry a token.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::auth::SignIn;
use crate::error::{presentable, Error, Result};
use crate::http::{is_loopback, Answer, Failure, Http, Limits};

pub(super) const SERVICE: &str = "Salesforce";

/// How to reach an org. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The org's My Domain, as a host name or an `https://` URL.
    pub host: String,
    /// The connected app's consumer key.
    pub client_id: String,
    /// The connected app's consumer secret.
    pub client_secret: SecretString,
    /// The version of the API, such as `66.0`.
    pub api_version: String,
    /// Limits on time, size and tries.
    pub limits: Limits,
}

impl Settings {
    fn base(&self) -> Result<Url> {
        let text = match self.host.contains("://") {
            true => self.host.clone(),
            false => format!("https://{}", self.host),
        };
        let unusable = |why: &str| {
            Err(Error::Configuration(format!(
                "salesforce.host {why}; give the org's My Domain, such as example.my.salesforce.com"
            )))
        };
        match Url::parse(&text) {
            Ok(url) if url.host().is_none() => unusable("names no host"),
            Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => Ok(url),
            Ok(_) => unusable("must be https"),
            Err(_) => unusable("is no host name"),
        }
    }
}

/// A client for one org; it signs in when it has to, and may be used from many tasks at once.
pub struct Client {
    pub(super) http: Http,
    pub(super) base: Url,
    pub(super) sign_in: SignIn,
    version: String,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the settings cannot be right.
    pub fn new(settings: Settings) -> Result<Self> {
        let base = settings.base()?;
        Ok(Self {
            http: Http::new(SERVICE, &base, settings.limits.clone())?,
            base,
            version: settings.api_version,
            sign_in: SignIn::new(settings.client_id, settings.client_secret),
        })
    }

    /// The path of a resource of the data API.
    pub(super) fn data_path(&self, resource: &str) -> String {
        format!("/services/data/v{}/{resource}", self.version)
    }

    /// Where the org's data is.
    pub(super) async fn instance(&self) -> Result<Url> {
        Ok(self.sign_in.token(self).await?.instance)
    }

    /// Sends a request with a token; a session that has ended is renewed once.
    pub(super) async fn send<T, R>(
        &self,
        action: &str,
        request: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder,
        read: R,
    ) -> Result<T>
    where
        R: Fn(Answer) -> std::result::Result<T, Failure>,
    {
        let token = self.sign_in.token(self).await?;
        let send = |token: super::auth::Token| {
            let request = &request;
            let read = &read;
            async move {
                let request = || token.authorize(request(self.http.client()));
                self.http.send(action, request, |answer| read(accept(answer)?)).await
            }
        };
        match send(token.clone()).await {
            Err(failure) if session_ended(&failure) => {
                tracing::info!("Salesforce: the session has ended; signing in again");
                let renewed = self.sign_in.renew(self, &token).await?;
                send(renewed).await.map_err(|failure| failure.into_error(SERVICE, action))
            }
            other => other.map_err(|failure| failure.into_error(SERVICE, action)),
        }
    }
}

/// Two texts say that no new session will help; clients that signed in again went round for ever.
fn session_ended(failure: &Failure) -> bool {
    const FINAL: [&str; 2] = ["not valid for use with the REST API", "not attached to Agent"];
    failure.status == Some(401) && !FINAL.iter().any(|text| failure.message.contains(text))
}

#[derive(Deserialize)]
struct ErrorBody {
    message: String,
    #[serde(rename = "errorCode")]
    code: String,
}

/// What is wrong with a query comes after a piece of the query, which would leave no room for it in a message.
fn gist(message: &str) -> &str {
    message.find("ERROR at Row:").map_or(message, |at| &message[at..])
}

/// The answer, if it is a good one; else the failure that its body tells of.
fn accept(answer: Answer) -> std::result::Result<Answer, Failure> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let told = serde_json::from_slice::<Vec<ErrorBody>>(&answer.body).ok().and_then(|errors| errors.into_iter().next());
    let (message, code) = match told {
        Some(error) => (presentable(gist(&error.message)), Some(presentable(&error.code))),
        None => (format!("the answer was HTTP {} without a reason", answer.status), None),
    };
    let message = match (answer.status, code.as_deref()) {
        (410, _) => {
            format!("{message}; set salesforce.api_version to a version that is still supported")
        }
        (403, Some("REQUEST_LIMIT_EXCEEDED")) => {
            format!("{message}; wait, or raise the org's limit")
        }
        _ => message,
    };
    let passing = match answer.status {
        420 | 429 | 500 | 502 | 503 | 504 => true,
        403 => code.as_deref() == Some("REQUEST_LIMIT_EXCEEDED") && message.contains("Concurrent"),
        _ => false,
    };
    let failure = if passing { Failure::passing(message) } else { Failure::lasting(message) };
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let retry_after = header("retry-after").and_then(|value| value.parse().ok()).map(Duration::from_secs);
    let request_id = header("x-sfdc-request-id").map(presentable);
    Err(Failure { status: Some(answer.status), code, retry_after, request_id, ..failure })
}
