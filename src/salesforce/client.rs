//! Sends requests with an access token.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::Arc;

use url::Url;

use super::answer::{accept, may_have_moved, session_is_useless, SERVICE};
use super::clock::Clock;
use super::org::Org;
use super::session::{open, Session, Sessions};
use crate::error::{Error, Result};
use crate::http::{Answer, Failure, Repeat, Turns};

/// The number of times that an ended session is replaced between two responses that show a good one. The first
/// replacement, from a store, may have ended too.
const RENEWALS: u32 = 2;

/// How a request is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// Is retried whenever that may help.
    Again,
    /// Must not be carried out twice: is retried only if it is certain that it was not carried out.
    Once,
    /// Is retried, and sent without a check of the quota: to ask how much of it is left, and to clean up.
    AtAnyRate,
}

/// Returns whether a response is one that only a good session gets. This includes a refusal with an error code, such as
/// that of a query that takes too long.
fn shows_a_good_session<T>(answer: &std::result::Result<T, Failure>) -> bool {
    match answer {
        Ok(_) => true,
        Err(failure) => failure.code.is_some() && !session_is_useless(failure),
    }
}

/// A client for one org. It may be used from many tasks at once.
#[derive(Clone)]
pub struct Client {
    pub(super) org: Arc<Org>,
    sessions: Arc<dyn Sessions>,
    /// Not shared with other clients of the org: `sessions` may have to wait for the host's own code, and that for
    /// another client.
    turns: Arc<Turns>,
    /// The renewals since the last response that showed a good session. All tasks share this count: if an org has
    /// moved, each of many concurrent requests would otherwise sign in twice.
    renewals: Arc<AtomicU32>,
    /// True once it is known that the org is where it is asked: a refusal without a reason is not about the session then.
    stays: Arc<AtomicBool>,
    clock: Arc<Clock>,
}

impl Client {
    /// Creates a client that gets its sessions from `sessions`.
    #[must_use]
    pub fn new(org: Arc<Org>, sessions: Arc<dyn Sessions>) -> Self {
        Self {
            org,
            sessions,
            turns: Arc::default(),
            renewals: Arc::default(),
            stays: Arc::default(),
            clock: Arc::default(),
        }
    }

    /// Returns the same client, which nobody has told yet that the org stays where it is.
    pub(super) fn anew(&self) -> Self {
        Self { stays: Arc::default(), ..self.clone() }
    }

    /// Notes that the org has not moved. Each refusal without a reason would be worth another session otherwise.
    pub(super) fn rule_out_a_move(&self) {
        self.stays.store(true, Ordering::Relaxed);
    }

    /// Opens a session if there is none yet.
    ///
    /// # Errors
    /// Returns the errors of a [sign-in](fn@super::sign_in).
    pub async fn prepare(&self) -> Result<()> {
        self.session().await.map(|_| ())
    }

    /// Returns the URL of a resource of the data API.
    pub(super) async fn resource(&self, path: &str) -> Result<Url> {
        let mut url = self.session().await?.instance.clone();
        url.set_path(&format!("/services/data/v{}/{path}", self.org.version));
        Ok(url)
    }

    /// Returns whether the configured API version is at least `major`.
    pub(super) fn speaks(&self, major: u32) -> bool {
        self.org.version.split('.').next().and_then(|own| own.parse::<u32>().ok()).is_some_and(|own| own >= major)
    }

    /// Sends a request with a token, unless the reserve of the quota is reached. All attempts with one session share a
    /// deadline, because a body may trickle in for ever, and a `Retry-After` may name tomorrow. A sign-in has a deadline
    /// of its own. There is none for the wait for a session, because the thread that has to open it may be busy in the
    /// block of a query for as long as the host's code likes.
    pub(super) async fn send<T, F>(
        &self,
        action: &str,
        sending: Sending,
        request: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder,
        read: impl Fn(Answer) -> F,
    ) -> Result<T>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        if sending != Sending::AtAnyRate {
            self.org.quota.check(action)?;
        }
        let repeat = if sending == Sending::Once { Repeat::IfRefused } else { Repeat::Always };
        let send = async |session: &Session| {
            let request = || session.authorize(request(self.org.http.client()));
            let read = |answer: Answer| async {
                self.org.quota.note(&answer.headers);
                self.clock.note(&answer.headers);
                read(accept(answer)?).await
            };
            let sending = async { Ok(self.org.http.send(action, repeat, request, read).await) };
            self.org.http.within_deadline(action, sending).await
        };
        // Boxed: otherwise each calling function up to the task would hold the size of this future on the stack.
        let exchange = Box::pin(async {
            let mut session = self.session().await?;
            let mut answer = send(&session).await?;
            for _ in 0..RENEWALS {
                match &answer {
                    Err(failure) if session_is_useless(failure) && !self.is_of_no_move(failure) => {
                        let Some(another) = self.another(&session).await? else { break };
                        session = another;
                        answer = send(&session).await?;
                    }
                    _ => break,
                }
            }
            if shows_a_good_session(&answer) {
                self.renewals.store(0, Ordering::Relaxed);
            }
            answer.map_err(|failure| failure.into_error(SERVICE, action))
        });
        exchange.await
    }

    /// Returns whether a time taken before the first response is unusable for later reads (see [`Clock::is_behind`]).
    pub(crate) fn is_behind(&self, time: u64) -> bool {
        self.clock.is_behind(time)
    }

    fn is_of_no_move(&self, failure: &Failure) -> bool {
        self.stays.load(Ordering::Relaxed) && may_have_moved(failure)
    }

    async fn session(&self) -> Result<Arc<Session>> {
        self.opened(None).await
    }

    /// Returns a session other than the one that has ended, or `None` if the limit of renewals is reached.
    async fn another(&self, ended: &Arc<Session>) -> Result<Option<Arc<Session>>> {
        match self.org.current.get(Some(ended), |_| true) {
            None if self.renewals.load(Ordering::Relaxed) >= RENEWALS => Ok(None),
            None => self.opened(Some(ended)).await.map(Some),
            another => Ok(another),
        }
    }

    async fn opened(&self, ended: Option<&Arc<Session>>) -> Result<Arc<Session>> {
        let opening = async {
            if ended.is_some() {
                tracing::info!("Salesforce: the session is of no use any more; another one is opened");
            }
            let session = open(&self.org.base, &*self.sessions, ended.map(|ended| &**ended)).await?;
            // Not counted if it failed: nothing was replaced, and the reason is the sign-in's, not that of the session.
            self.renewals.fetch_add(u32::from(ended.is_some()), Ordering::Relaxed);
            Ok(session)
        };
        let session = self.org.current.session(&self.turns, ended, |_| true, opening).await;
        // A sign-in writes nothing, even if its answer is lost.
        session.map_err(Error::without_effect)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;
    use secrecy::SecretString;

    use super::*;
    use crate::http::Limits;
    use crate::salesforce::{Grant, Settings};

    /// A sign-in that fails while other tasks have used up the renewals.
    struct Failing(Arc<AtomicU32>);

    impl Sessions for Failing {
        fn open(&self, ended: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String)>> {
            Box::pin(async move {
                if ended.is_none() {
                    return Ok((SecretString::from("00D!ended"), "https://acme.my.salesforce.com".into()));
                }
                self.0.store(RENEWALS + 1, Ordering::Relaxed);
                Err(Error::Configuration("no".into()))
            })
        }
    }

    #[tokio::test]
    async fn a_failed_sign_in_is_reported_even_after_many_renewals() {
        let settings = Settings {
            host: "acme.my.salesforce.com".into(),
            client_id: "id".into(),
            grant: Grant::RefreshToken { client_secret: None },
            api_version: "66.0".into(),
            quota_reserve: 0.05,
            bulk_from: 1,
            allow_duplicates: false,
            ca_file: None,
            limits: Limits::default(),
        };
        let renewals = Arc::new(AtomicU32::new(0));
        let org = Arc::new(Org::new(settings).unwrap());
        let client = Client { renewals: Arc::clone(&renewals), ..Client::new(org, Arc::new(Failing(renewals))) };
        let ended = client.session().await.unwrap();
        assert!(matches!(client.another(&ended).await, Err(Error::Configuration(_))));
        assert!(matches!(client.another(&ended).await, Ok(None)), "there were enough");
    }
}
