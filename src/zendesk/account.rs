//! An account: its address, its credentials, and the share of its limits that this client may use.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use url::Url;

use super::answer::{BadAnswer, SERVICE, TOO_MANY_JOBS};
use super::clock::Clock;
use super::credentials::Credentials;
use super::rate::Rate;
use super::session::Session;
use crate::error::{Error, Result};
use crate::http::{base_url, is_transient, retry_after, Answer, Current, Failure, Http, Limits, Pace, Turns};

/// The window of the account's rate limit, in seconds.
const MINUTE: u64 = 60;
/// The rate limit of the smallest Suite plan, in requests per minute. It is assumed until a response tells the
/// account's own limit.
const ASSUMED_LIMIT: u64 = 200;
/// The maximum number of jobs that Zendesk lets an account have queued or running.
pub(super) const JOB_LIMIT: usize = 30;

/// The number of requests per minute that this client may send.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// A share of the account's rate limit, above 0 and at most 1.
    Share(f64),
    /// A number of requests per minute, which the account's rate limit caps.
    Requests(u32),
}

/// The settings of an account. `Debug` shows no secret and no address.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account, as a host name such as `example.zendesk.com` or an `https://` URL.
    pub host: String,
    /// The credentials to sign in with.
    pub credentials: Credentials,
    /// The number of requests per minute that this client may send. The rest is left to other clients.
    pub budget: Budget,
    /// The maximum number of jobs that this client has queued or running at once, from 1 to 30.
    pub jobs: usize,
    /// The time after which a job that has not ended is given up, by the account's clock.
    pub job_patience: Duration,
    /// The length of a second of the account's clock: a real second, except for a simulator whose clock runs faster. It
    /// applies to the waits that the account asks for, its minutes, and the lives of tokens and jobs, but not to
    /// `limits`.
    pub second: Duration,
    /// A PEM file with certificates that are trusted in addition to those of the system.
    pub ca_file: Option<PathBuf>,
    /// The limits on time, size and attempts.
    pub limits: Limits,
}

impl Settings {
    /// Returns the default settings: half of the account's rate limit, and up to 30 jobs.
    #[must_use]
    pub fn new(host: String, credentials: Credentials) -> Self {
        Self {
            host,
            credentials,
            budget: Budget::Share(0.5),
            jobs: JOB_LIMIT,
            job_patience: Duration::from_secs(300),
            second: Duration::from_secs(1),
            ca_file: None,
            limits: Limits::default(),
        }
    }

    fn base(&self) -> Result<Url> {
        base_url("zendesk.host", &self.host, "the account's host, such as example.zendesk.com")
    }

    fn check(&self) -> Result<()> {
        let share = |share: f64| share > 0.0 && share <= 1.0;
        let checks = [
            (
                !matches!(self.budget, Budget::Share(given) if !share(given)),
                "zendesk.share must be above 0 and at most 1",
            ),
            (self.budget != Budget::Requests(0), "zendesk.requests_per_minute must be at least 1"),
            ((1..=JOB_LIMIT).contains(&self.jobs), "zendesk.jobs must be from 1 to 30"),
            (
                !self.second.is_zero() && self.second <= Duration::from_secs(1),
                "a second must be above 0 and at most 1 s",
            ),
        ];
        match checks.into_iter().find(|(right, _)| !right) {
            Some((_, wanted)) => Err(Error::Configuration(wanted.into())),
            None => self.credentials.check(),
        }
    }
}

/// An account, with its current session and its known limits. All clients of a process share it.
pub struct Account {
    pub(super) http: Http,
    pub(super) base: Url,
    pub(super) credentials: Credentials,
    pub(super) current: Current<Session>,
    /// One for all clients, because the core signs in by itself.
    pub(super) turns: Turns,
    pub(super) clock: Clock,
    pub(super) pace: Arc<Pace>,
    pub(super) jobs: usize,
    pub(super) job_patience: Duration,
    budget: Budget,
}

impl Account {
    /// Creates an account. Sends nothing.
    ///
    /// # Errors
    /// [`Error::Configuration`] if a setting is out of range or missing, or if the `ca_file` cannot be used.
    pub fn new(settings: Settings) -> Result<Self> {
        settings.check()?;
        let base = settings.base()?;
        let clock = Clock { second: settings.second };
        let budget = requests(settings.budget, ASSUMED_LIMIT);
        let pace = Arc::new(Pace::new(budget, clock.span(MINUTE as f64)));
        let http = Http::new(SERVICE, &base, settings.limits.clone(), settings.ca_file.as_deref())?;
        Ok(Self {
            http: http.paced(Arc::clone(&pace)),
            base,
            credentials: settings.credentials,
            current: Current::default(),
            turns: Turns::default(),
            clock,
            pace,
            jobs: settings.jobs,
            job_patience: clock.span(settings.job_patience.as_secs_f64()),
            budget: settings.budget,
        })
    }

    /// Returns the response to `action` if it reports success, and otherwise the failure that it reports. Also adapts
    /// the pace of all requests to the account's limits in the response.
    pub(super) fn accept(&self, action: &str, answer: Answer) -> std::result::Result<Answer, Failure> {
        self.note(&answer.headers);
        let status = answer.status;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let retry_after = self.asked_to_wait(&answer.headers);
        let told = BadAnswer::of(action, answer);
        let jobs = told.code.as_deref() == Some(TOO_MANY_JOBS);
        let passing = !jobs && is_transient(status, told.silent);
        let message = format!("{}{}", told.message, if jobs { "" } else { advice(status) });
        let failure = if passing { Failure::passing(message) } else { Failure::lasting(message) };
        // The limit is for the whole account, so all requests wait, instead of being refused one by one.
        let most = self.http.limits().deadline;
        if let Some(pause) = retry_after.filter(|pause| status == 429 && *pause <= most) {
            self.pace.close_for(pause);
        }
        let (code, request_id) = (told.code, told.request_id);
        Err(Failure { status: Some(status), code, request_id, retry_after, ..failure })
    }

    /// Returns the time that a response asks to wait, by the account's clock.
    pub(super) fn asked_to_wait(&self, headers: &HeaderMap) -> Option<Duration> {
        retry_after(headers).map(|pause| self.clock.span(pause.as_secs_f64()))
    }

    /// Adapts the pace to the rate limit in the headers of a response.
    fn note(&self, headers: &HeaderMap) {
        let rate = Rate::of(headers);
        if let Some(limit) = rate.limit {
            self.pace.set_budget(requests(self.budget, limit));
        }
        // All requests of this minute are used up, so further ones are refused until the next minute.
        if let (Some(0), Some(reset)) = (rate.remaining, rate.reset) {
            self.pace.close_for(self.clock.span(reset.min(MINUTE) as f64));
        }
    }
}

/// Returns advice for the errors that users meet. [`Credentials::advice`] has the advice for a 401.
fn advice(status: u16) -> &'static str {
    match status {
        300..=399 => "; it sends us elsewhere: set zendesk.host to where the account is now",
        403 => "; the token needs the scope `read write`, and its user must be an administrator",
        404 => "; check zendesk.host, and whether it is still there",
        429 => "; wait, lower zendesk.share, or raise the account's limit",
        503 => "; see status.zendesk.com whether there is maintenance",
        _ => "",
    }
}

/// Returns the number of requests per minute that this client may send, given the account's rate limit.
fn requests(budget: Budget, limit: u64) -> usize {
    match budget {
        Budget::Share(share) => (limit as f64 * share) as usize,
        Budget::Requests(requests) => u64::from(requests).min(limit) as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_a_share_or_a_number_and_never_more_than_there_is() {
        assert_eq!(requests(Budget::Share(0.5), 2500), 1250);
        assert_eq!(requests(Budget::Requests(300), 2500), 300);
        assert_eq!(requests(Budget::Requests(300), 200), 200);
    }
}
