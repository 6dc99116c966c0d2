//! One org: where it is, how we sign in, and requests that carry a token.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use url::Url;

use super::grant::Grant;
use super::quota::Quota;
use super::session::{Current, Session, Sessions};
use crate::error::{presentable, Result};
use crate::http::{base_url, is_transient, retry_after, Answer, Failure, Http, Limits, Repeat};

pub(super) const SERVICE: &str = "Salesforce";
/// Codes of failures that pass, whatever the HTTP status is.
const TRANSIENT: [&str; 4] =
    ["SERVER_UNAVAILABLE", "TXN_SECURITY_METERING_ERROR", "UNABLE_TO_LOCK_ROW", "UNKNOWN_EXCEPTION"];
/// How often a session that has ended is changed for another one: a store may have one that has ended too.
const RENEWALS: u32 = 2;
/// How long cleaning up may take.
pub(super) const CLEANUP: Duration = Duration::from_secs(5);

/// How to reach an org. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The org's My Domain, as a host name or an `https://` URL.
    pub host: String,
    /// The connected app's consumer key.
    pub client_id: String,
    /// How we sign in.
    pub grant: Grant,
    /// The version of the API, such as `66.0`.
    pub api_version: String,
    /// The share of the day's calls that is left to others, from 0 to 1.
    pub quota_reserve: f64,
    /// From so many rows on, a Bulk API job is considered.
    pub bulk_from: u64,
    /// Whether a write is saved that a duplicate rule only warns of.
    pub allow_duplicates: bool,
    /// A PEM file with certificates that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Limits on time, size and tries.
    pub limits: Limits,
}

impl Settings {
    fn base(&self) -> Result<Url> {
        base_url("salesforce.host", &self.host, "the org's My Domain, such as example.my.salesforce.com")
    }
}

/// An org: where it is, how we sign in, and what is known of it. One for all clients of a process.
pub struct Org {
    pub(super) http: Http,
    pub(super) base: Url,
    pub(super) client_id: String,
    pub(super) grant: Grant,
    pub(super) quota: Quota,
    pub(super) bulk_from: u64,
    pub(super) allow_duplicates: bool,
    version: String,
    current: Current,
    cleanups: TaskTracker,
}

impl Org {
    /// An org; nothing is sent yet.
    ///
    /// # Errors
    /// [`Configuration`](crate::Error::Configuration) when the settings cannot be right.
    pub fn new(settings: Settings) -> Result<Self> {
        let base = settings.base()?;
        let cleanups = TaskTracker::new();
        // It takes work all the same, and only a closed one can be waited for. Closing and opening it around each wait
        // would make a second one who waits wait for ever.
        cleanups.close();
        Ok(Self {
            http: Http::new(SERVICE, &base, settings.limits.clone(), settings.ca_file.as_deref())?,
            base,
            client_id: settings.client_id,
            grant: settings.grant,
            quota: Quota::new(settings.quota_reserve),
            bulk_from: settings.bulk_from,
            allow_duplicates: settings.allow_duplicates,
            version: settings.api_version,
            current: Current::default(),
            cleanups,
        })
    }

    /// Gives `work` the time that the deadline allows.
    ///
    /// # Errors
    /// [`Remote`](crate::Error::Remote) when the deadline passes, else those of `work`.
    pub async fn within_deadline<T>(&self, action: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.http.within_deadline(action, work).await
    }

    /// Runs what has to be done at the remote side although nobody waits for it any more, for a few seconds at most.
    /// Within the runtime only.
    pub(super) fn clean_up(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.cleanups.spawn(async move {
            // What does not end in time is left to the remote side's own limits.
            let _ = tokio::time::timeout(CLEANUP, work).await;
        })
    }

    /// Waits until everything is cleaned up: a few seconds at most.
    pub async fn cleaned_up(&self) {
        self.cleanups.wait().await;
    }
}

/// A client for one org; it may be used from many tasks at once.
#[derive(Clone)]
pub struct Client {
    pub(super) org: Arc<Org>,
    sessions: Arc<dyn Sessions>,
}

impl Client {
    /// A client that gets its sessions from `sessions`.
    #[must_use]
    pub fn new(org: Arc<Org>, sessions: Arc<dyn Sessions>) -> Self {
        Self { org, sessions }
    }

    /// Opens a session, where there is none yet.
    ///
    /// # Errors
    /// Those of a sign-in.
    pub async fn prepare(&self) -> Result<()> {
        self.session(None).await.map(|_| ())
    }

    /// The address of a resource of the data API.
    pub(super) async fn resource(&self, path: &str) -> Result<Url> {
        let mut url = self.session(None).await?.instance;
        url.set_path(&format!("/services/data/v{}/{path}", self.org.version));
        Ok(url)
    }

    /// Whether the API version is at least `major`.
    pub(super) fn speaks(&self, major: u32) -> bool {
        self.org.version.split('.').next().and_then(|own| own.parse::<u32>().ok()).is_some_and(|own| own >= major)
    }

    /// Sends a request with a token, again as long as that may help, unless the reserve of the quota is reached.
    pub(super) async fn send<T, F>(
        &self,
        action: &str,
        request: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder,
        read: impl Fn(Answer) -> F,
    ) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        self.org.quota.check(action)?;
        self.dispatch(action, Repeat::Always, request, read).await
    }

    /// The same for what must not be done twice.
    pub(super) async fn send_once<T, F>(
        &self,
        action: &str,
        request: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder,
        read: impl Fn(Answer) -> F,
    ) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        self.org.quota.check(action)?;
        self.dispatch(action, Repeat::IfRefused, request, read).await
    }

    /// The same without a look at the quota: for asking what is left of it, and for ending what was begun.
    pub(super) async fn send_at_any_rate<T, F>(
        &self,
        action: &str,
        request: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder,
        read: impl Fn(Answer) -> F,
    ) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        self.dispatch(action, Repeat::Always, request, read).await
    }

    /// All tries and sign-ins of a request together have the time of the deadline: a body may trickle for ever, and a try
    /// may be asked to come back tomorrow.
    async fn dispatch<T, F>(
        &self,
        action: &str,
        repeat: Repeat,
        request: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder,
        read: impl Fn(Answer) -> F,
    ) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        let send = async |session: &Session| {
            let request = || session.authorize(request(self.org.http.client()));
            let read = |answer: Answer| async {
                self.org.quota.note(&answer.headers);
                read(accept(answer)?).await
            };
            self.org.http.send(action, repeat, request, read).await
        };
        let sending = async {
            let mut session = self.session(None).await?;
            let mut answer = send(&session).await;
            for _ in 0..RENEWALS {
                match &answer {
                    Err(failure) if session_is_useless(failure) => {
                        tracing::info!("Salesforce: the session is of no use any more; another one is opened");
                        session = self.session(Some(&session)).await?;
                        answer = send(&session).await;
                    }
                    _ => break,
                }
            }
            answer.map_err(|failure| failure.into_error(SERVICE, action))
        };
        self.org.within_deadline(action, sending).await
    }

    async fn session(&self, ended: Option<&Session>) -> Result<Session> {
        let opening = self.org.current.session(&self.org, &*self.sessions, ended);
        self.org.within_deadline("the sign-in", opening).await
    }
}

/// Whether a session may be of no use any more, so that another one is worth a try: it has ended; or the org has moved,
/// and what answers at the old address is no REST API, which always says why it refuses something.
///
/// Two texts say that no other session will help; clients that signed in again went round for ever.
fn session_is_useless(failure: &Failure) -> bool {
    const FINAL: [&str; 2] = ["not valid for use with the REST API", "not attached to Agent"];
    match failure.status {
        Some(401) => !FINAL.iter().any(|text| failure.message.contains(text)),
        Some(status) => has_moved(status, failure.code.as_deref().unwrap_or_default()),
        None => false,
    }
}

/// Whether an answer is that of a place where the org was before.
fn has_moved(status: u16, code: &str) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308) || (code.is_empty() && matches!(status, 403 | 404))
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
    let message = format!("{message}{}", advice(answer.status, code.as_deref().unwrap_or_default()));
    let passing = is_transient(answer.status, code.is_none())
        || match code.as_deref() {
            Some("REQUEST_LIMIT_EXCEEDED") => message.contains("Concurrent"),
            Some(code) => TRANSIENT.contains(&code),
            None => false,
        };
    let failure = if passing { Failure::passing(message) } else { Failure::lasting(message) };
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let retry_after = retry_after(&answer.headers);
    let request_id = header("x-sfdc-request-id").map(presentable);
    Err(Failure { status: Some(answer.status), code, retry_after, request_id, ..failure })
}

/// What to do, for the errors that people meet.
fn advice(status: u16, code: &str) -> &'static str {
    match (status, code) {
        _ if has_moved(status, code) => {
            "; the org may have moved: check salesforce.host, and that the integration user may log in from here"
        }
        (401, _) => {
            "; sign-ins work, and their tokens do not: check the connected app and the integration user's rights"
        }
        (410, _) | (_, "UNSUPPORTED_API_VERSION" | "InvalidVersion") => {
            "; set salesforce.api_version to a version that is still supported"
        }
        (403, "REQUEST_LIMIT_EXCEEDED") => "; wait, or raise the org's limit",
        (_, "INVALID_FIELD" | "INVALID_TYPE") => "; correct the name, or let the integration user see it",
        (_, "INSUFFICIENT_ACCESS" | "INSUFFICIENT_ACCESS_OR_READONLY" | "INVALID_FIELD_FOR_INSERT_UPDATE") => {
            "; the integration user may not do that: give it the permission"
        }
        (_, "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED") => {
            "; the org's edition or the user's profile has no API"
        }
        (414 | 431, _) => "; the query is too long: name fewer fields, or bind its list as a value so that it is split",
        (_, "QUERY_TOO_COMPLICATED") => "; name fewer fields, or ask for fewer conditions",
        (_, "DUPLICATES_DETECTED") => {
            "; a duplicate rule of the org found another record like it: merge the two, change the rule, or set \
             salesforce.allow_duplicates, which saves it where the rule only warns"
        }
        (_, "QUERY_TIMEOUT") => "; narrow it with conditions on indexed fields",
        _ => "",
    }
}
