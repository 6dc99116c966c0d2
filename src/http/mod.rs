//! HTTP with limits: on time, on size, on tries. Follows no redirect and speaks only to the origin it was given.

mod address;
mod body;
pub(crate) mod damage;
mod failure;
mod limits;
mod pace;
mod session;
mod transient;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use futures_util::future::BoxFuture;
use futures_util::FutureExt;
use reqwest::header::HeaderMap;
use tokio::sync::Semaphore;
use url::Url;

pub use address::{base_url, is_loopback};
pub use body::Body;
pub use failure::Failure;
pub use limits::Limits;
pub use pace::Pace;
pub use session::Current;
pub use transient::{date, is_transient, retry_after};

use self::body::Scale;
use crate::error::{seconds, Error, RemoteError, Result};

/// The environment variables that name a proxy for HTTPS.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The number of the largest bodies that a client holds at once, at most: those that are on their way, and those that
/// wait to be taken.
const HELD: usize = 4;

/// A whole answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Body,
}

/// The cases in which a request that failed may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Every case in which it may help: it does no harm twice.
    Always,
    /// The cases in which it is certain that it was not carried out.
    IfRefused,
}

/// A client for one service at one origin.
pub struct Http {
    service: &'static str,
    client: reqwest::Client,
    limits: Limits,
    proxied: bool,
    turns: Semaphore,
    scale: Arc<Scale>,
    pace: Option<Arc<Pace>>,
}

impl Http {
    /// Creates a client for the service at `base`, which is HTTPS or on this machine. Certificates in the PEM file
    /// `ca_file` are trusted beside those of the system.
    ///
    /// # Errors
    /// [`Error::Configuration`] when TLS, the file or the proxy settings of the environment cannot be used.
    pub fn new(service: &'static str, base: &Url, limits: Limits, ca_file: Option<&Path>) -> Result<Self> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("crm_sync/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .gzip(true)
            .connect_timeout(limits.open_timeout)
            .read_timeout(limits.read_timeout);
        // A proxy cannot reach what is on this machine.
        builder = if is_loopback(base) { builder.no_proxy() } else { builder.https_only(true) };
        if let Some(path) = ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
        let client = builder.build().map_err(|error| {
            Error::Configuration(format!("{service} cannot be spoken to: {}", failure::causes(&error.without_url())))
        })?;
        let turns = Semaphore::new(limits.concurrency.max(1));
        let proxied = !is_loopback(base) && PROXIES.iter().any(|name| std::env::var_os(name).is_some());
        let scale = Scale::new(limits.max_body.saturating_mul(HELD));
        Ok(Self { service, client, limits, proxied, turns, scale, pace: None })
    }

    /// Returns the same client, with no more requests than `pace` allows.
    #[must_use]
    pub fn paced(self, pace: Arc<Pace>) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the client that builds requests.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends what `request` builds, again as long as the failure may pass, and gives what `read` makes of the answer.
    ///
    /// # Errors
    /// Of the last try; its `attempts` and `elapsed` are of all.
    pub async fn send<T, F>(
        &self,
        action: &str,
        repeat: Repeat,
        request: impl Fn() -> reqwest::RequestBuilder,
        read: impl Fn(Answer) -> F,
    ) -> std::result::Result<T, Failure>
    where
        F: Future<Output = std::result::Result<T, Failure>>,
    {
        let started = Instant::now();
        let tries = std::sync::atomic::AtomicU32::new(0);
        let once = || async {
            tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let answer = self.exchange(request()).await?;
            read(answer).await.map_err(|failure| failure.within(self.limits.deadline))
        };
        let answer = once
            .retry(self.pauses())
            .sleep(tokio::time::sleep)
            .when(|failure| failure.passing && (repeat == Repeat::Always || failure.was_refused()))
            .adjust(|failure, pause| pause.map(|pause| failure.retry_after.unwrap_or(pause)))
            .notify(|failure, pause| {
                tracing::warn!(
                    "{}: {action}: {}; next try in {}{}",
                    self.service,
                    failure.message,
                    seconds(pause),
                    if failure.retry_after.is_some() { ", as the answer asks" } else { "" }
                )
            })
            .await;
        answer.map_err(|mut failure| {
            failure.attempts = tries.load(std::sync::atomic::Ordering::Relaxed);
            failure.elapsed = started.elapsed();
            failure
        })
    }

    /// Returns the pause after so many tries that failed; `None` where there were enough of them.
    #[must_use]
    pub fn pause_after(&self, tries: u32) -> Option<Duration> {
        self.pauses().build().nth((tries as usize).checked_sub(1)?)
    }

    fn pauses(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.limits.retry_delay)
            .with_max_delay(Duration::from_secs(30).max(self.limits.retry_delay))
            .with_max_times(self.limits.attempts.saturating_sub(1) as usize)
            .with_jitter()
    }

    /// Gives `work` the time that the deadline allows.
    ///
    /// # Errors
    /// [`Error::Remote`] when the deadline passes, else those of `work`.
    pub async fn within_deadline<T>(&self, action: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout(self.limits.deadline, work).await.unwrap_or_else(|_| {
            Err(Error::Remote(Box::new(RemoteError {
                service: self.service,
                action: action.into(),
                message: "it did not end before the deadline; raise `deadline` if it may take longer".into(),
                attempts: 1,
                elapsed: self.limits.deadline,
                may_be_done: true,
                ..RemoteError::default()
            })))
        })
    }

    fn failure(&self, error: reqwest::Error) -> Failure {
        Failure::transport(error, self.service, self.proxied)
    }

    /// Makes one try, in its turn. Boxed, so that what is below it is compiled once and not for each kind of answer.
    fn exchange(&self, request: reqwest::RequestBuilder) -> BoxFuture<'_, std::result::Result<Answer, Failure>> {
        let exchanging = async move {
            // Only while it is on the wire: who waits before the next try takes nobody's turn.
            let _turn = self.turns.acquire().await;
            let _place = match &self.pace {
                Some(pace) => Some(pace.place().await),
                None => None,
            };
            self.receive(request).await
        };
        exchanging.boxed()
    }

    async fn receive(&self, request: reqwest::RequestBuilder) -> std::result::Result<Answer, Failure> {
        let mut response = request.send().await.map_err(|error| self.failure(error))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mut body = Body::on(&self.scale);
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(error))? {
            if body.len() + chunk.len() > self.limits.max_body {
                let limit = self.limits.max_body >> 20;
                return Err(Failure::lasting(format!("the answer unpacks to more than {limit} MiB")));
            }
            if !body.add(&chunk) {
                let limit = (self.limits.max_body >> 20) * HELD;
                let message = format!("the answers that are held at once unpack to more than {limit} MiB");
                return Err(Failure::lasting(message));
            }
        }
        Ok(Answer { status, headers, body })
    }
}

/// Returns whether a token can stand in a header behind `Bearer`. One that cannot would spoil every request, or be
/// another header.
#[must_use]
pub fn is_bearer(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn certificates(path: &Path) -> Result<Vec<reqwest::Certificate>> {
    let unusable = |why: String| Error::Configuration(format!("ca_file {}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    match reqwest::Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(unusable("it holds no certificate in PEM form".into())),
    }
}
