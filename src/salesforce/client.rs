//! Requests that carry a token.

use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use url::Url;

use super::answer::{accept, session_is_useless, SERVICE};
use super::org::Org;
use super::session::{open, Session, Sessions};
use crate::error::{Error, Result};
use crate::http::{date, Answer, Failure, Repeat};

/// The number of times that a session that has ended is changed for another one, from one good answer to the next: a store
/// may have one that has ended too.
const RENEWALS: u32 = 2;
/// The time by which our clock may be ahead of Salesforce's: half of what reads overlap unless they are told otherwise.
const AHEAD: Duration = Duration::from_secs(300);

/// The care that a request takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// Sends again as long as that may help.
    Again,
    /// Sends what must not be done twice.
    Once,
    /// Sends again, and without a look at the quota: for asking what is left of it, and for ending what was begun.
    AtAnyRate,
}

/// Returns whether an answer is one that only a good session gets: also a refusal for a reason of Salesforce's own, such as a
/// query that takes too long.
fn shows_a_good_session<T>(answer: &std::result::Result<T, Failure>) -> bool {
    match answer {
        Ok(_) => true,
        Err(failure) => failure.code.is_some() && !session_is_useless(failure),
    }
}

/// A client for one org; it may be used from many tasks at once.
#[derive(Clone)]
pub struct Client {
    pub(super) org: Arc<Org>,
    sessions: Arc<dyn Sessions>,
    /// The renewals since the last good answer, which all tasks share: each of many requests that go side by side would
    /// otherwise sign in twice at an org that has moved.
    renewals: Arc<AtomicU32>,
    /// Salesforce's time at the first answer, in seconds since 1970.
    first_date: Arc<AtomicU64>,
    /// The seconds by which the machine's clock is ahead of Salesforce's, by the answer that took the least time.
    ahead: Arc<AtomicU64>,
}

impl Client {
    /// Creates a client that gets its sessions from `sessions`.
    #[must_use]
    pub fn new(org: Arc<Org>, sessions: Arc<dyn Sessions>) -> Self {
        let unknown = || Arc::new(AtomicU64::new(u64::MAX));
        Self { org, sessions, renewals: Arc::default(), first_date: unknown(), ahead: unknown() }
    }

    /// Opens a session, where there is none yet.
    ///
    /// # Errors
    /// Those of a sign-in.
    pub async fn prepare(&self) -> Result<()> {
        self.session(None).await.map(|_| ())
    }

    /// Returns the address of a resource of the data API.
    pub(super) async fn resource(&self, path: &str) -> Result<Url> {
        let mut url = self.session(None).await?.instance.clone();
        url.set_path(&format!("/services/data/v{}/{path}", self.org.version));
        Ok(url)
    }

    /// Returns whether the API version is at least `major`.
    pub(super) fn speaks(&self, major: u32) -> bool {
        self.org.version.split('.').next().and_then(|own| own.parse::<u32>().ok()).is_some_and(|own| own >= major)
    }

    /// Sends a request with a token, unless the reserve of the quota is reached. There is one deadline for all tries and
    /// sign-ins of a request together: a body may trickle for ever, and a try may be asked to come back tomorrow.
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
                self.note_date(&answer);
                read(accept(answer)?).await
            };
            self.org.http.send(action, repeat, request, read).await
        };
        let exchange = async {
            let mut session = self.session(None).await?;
            let mut answer = send(&session).await;
            for _ in 0..RENEWALS {
                match &answer {
                    Err(failure) if session_is_useless(failure) => {
                        let Some(another) = self.another(&session).await? else { break };
                        session = another;
                        answer = send(&session).await;
                    }
                    _ => break,
                }
            }
            if shows_a_good_session(&answer) {
                self.renewals.store(0, Ordering::Relaxed);
            }
            answer.map_err(|failure| failure.into_error(SERVICE, action))
        };
        self.org.within_deadline(action, exchange).await
    }

    /// Returns whether a time that was taken before the first answer, in seconds since 1970, is so far ahead of Salesforce's
    /// that what changes there now would seem to be older. The machine's clock has to be ahead as well: an app's own tests
    /// travel in time, with Salesforce or without.
    pub(crate) fn is_behind(&self, time: u64) -> bool {
        let ahead = |seconds: u64| (AHEAD.as_secs()..u64::MAX).contains(&seconds);
        ahead(self.ahead.load(Ordering::Relaxed)) && ahead(time.saturating_sub(self.first_date.load(Ordering::Relaxed)))
    }

    fn note_date(&self, answer: &Answer) {
        let Some(date) = date(&answer.headers) else { return };
        let seconds = |from: SystemTime, to: SystemTime| to.duration_since(from).unwrap_or_default().as_secs();
        self.first_date.fetch_min(seconds(SystemTime::UNIX_EPOCH, date), Ordering::Relaxed);
        self.ahead.fetch_min(seconds(date, SystemTime::now()), Ordering::Relaxed);
    }

    /// Returns another session than the one that has ended; nothing where as many have been opened in vain as may be.
    async fn another(&self, ended: &Arc<Session>) -> Result<Option<Arc<Session>>> {
        let session = self.session(Some(ended)).await;
        let too_many = self.renewals.load(Ordering::Relaxed) > RENEWALS;
        if session.is_err() && too_many {
            Ok(None)
        } else {
            session.map(Some)
        }
    }

    async fn session(&self, ended: Option<&Arc<Session>>) -> Result<Arc<Session>> {
        let opening = async {
            if ended.is_some() {
                self.renew()?;
            }
            open(&self.org.base, &*self.sessions, ended.map(|ended| &**ended)).await
        };
        let session = self.org.current.session(ended, |_| true, opening);
        self.org.within_deadline("the sign-in", session).await
    }

    /// Counts a renewal, unless there have been enough.
    fn renew(&self) -> Result<()> {
        if self.renewals.fetch_add(1, Ordering::Relaxed) >= RENEWALS {
            return Err(Error::Internal("no session has been of use".into()));
        }
        tracing::info!("Salesforce: the session is of no use any more; another one is opened");
        Ok(())
    }
}
