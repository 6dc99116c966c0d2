//! An HTTP client with limits on time, size and attempts. It follows no redirects, and uses only HTTPS unless the
//! service is on this machine.

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

pub(crate) use address::{base_url, is_loopback};
pub use body::Body;
pub(crate) use failure::Failure;
pub use limits::Limits;
pub(crate) use pace::Pace;
pub(crate) use session::{Current, Turns};
pub(crate) use transient::{date, is_transient, retry_after};

use self::body::Scale;
use crate::error::{seconds, Error, RemoteError, Result};

/// The environment variables that name a proxy for HTTPS.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The maximum total size of the bodies that a client holds at once, in multiples of the largest body. It covers bodies
/// that are being received, and those that wait to be processed.
const HELD: usize = 4;

/// A complete response.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, unpacked.
    pub(crate) body: Body,
}

/// The cases in which a failed request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Whenever another attempt may help: the request does no harm if it is carried out twice.
    Always,
    /// Only if it is certain that the request was not carried out.
    IfRefused,
}

/// A client for one service.
pub(crate) struct Http {
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
    /// `ca_file` are trusted in addition to those of the system.
    ///
    /// # Errors
    /// Returns [`Error::Configuration`] if TLS, the file or the proxy settings of the environment cannot be used.
    pub(crate) fn new(service: &'static str, base: &Url, limits: Limits, ca_file: Option<&Path>) -> Result<Self> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("crm_sync/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .gzip(true)
            .connect_timeout(limits.open_timeout)
            .read_timeout(limits.read_timeout);
        // A proxy cannot reach services on this machine.
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

    /// Returns the same client, with its requests limited by `pace`.
    #[must_use]
    pub(crate) fn paced(self, pace: Arc<Pace>) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// Returns the limits.
    #[must_use]
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the client that builds requests.
    #[must_use]
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends the request that `request` builds, and returns what `read` makes of the response. Sends it again while the
    /// failure may be temporary and `repeat` allows it.
    ///
    /// # Errors
    /// Returns the failure of the last attempt. Its `attempts` and `elapsed` cover all attempts.
    pub(crate) async fn send<T, F>(
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
            .adjust(|failure, pause| pause.map(|pause| failure.pause(pause)))
            .notify(|failure, pause| {
                tracing::warn!(
                    "{}: {action}: {}; next try in {}{}",
                    self.service,
                    failure.message,
                    seconds(pause),
                    if failure.asks_to_wait() { ", as the answer asks" } else { "" }
                )
            })
            .await;
        answer.map_err(|mut failure| {
            failure.attempts = tries.load(std::sync::atomic::Ordering::Relaxed);
            failure.elapsed = started.elapsed();
            failure
        })
    }

    /// Returns the pause after this number of failed attempts; `None` if no further attempt is allowed.
    #[must_use]
    pub(crate) fn pause_after(&self, tries: u32) -> Option<Duration> {
        self.pauses().build().nth((tries as usize).checked_sub(1)?)
    }

    fn pauses(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.limits.retry_delay)
            .with_max_delay(Duration::from_secs(30).max(self.limits.retry_delay))
            .with_max_times(self.limits.attempts.saturating_sub(1) as usize)
            .with_jitter()
    }

    /// Runs `work` with the deadline as its time limit.
    ///
    /// # Errors
    /// Returns [`Error::Remote`] if the deadline passes, and otherwise the errors of `work`.
    pub(crate) async fn within_deadline<T>(&self, action: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
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

    /// Makes one attempt when it is its turn. The future is boxed, so that the code below it is compiled once and not
    /// for each type of result.
    fn exchange(&self, request: reqwest::RequestBuilder) -> BoxFuture<'_, std::result::Result<Answer, Failure>> {
        let exchanging = async move {
            // Held only while the request is in flight: a request that waits for its next attempt does not hold up
            // others.
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

/// Returns whether a token is valid in a header after `Bearer`. An invalid one would break every request, or add
/// another header.
#[must_use]
pub(crate) fn is_bearer(token: &str) -> bool {
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
