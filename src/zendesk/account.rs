//! One account: where it is, who we are there, and how much of it we may use.

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
use crate::http::{base_url, is_transient, retry_after, Answer, Current, Failure, Http, Limits, Pace};

/// The window of the account's limit, in seconds.
const MINUTE: u64 = 60;
/// The limit of the smallest Suite plan, which holds until an answer tells the account's own.
const ASSUMED_LIMIT: u64 = 200;
/// The most jobs that an account may have queued or running.
pub(super) const JOB_LIMIT: usize = 30;

/// The number of requests per minute that are ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// This share of what the account has, as the answers tell it, from above 0 to 1.
    Share(f64),
    /// This number, and never more than the account has.
    Requests(u32),
}

/// The settings for reaching an account. Their `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account, as a host name such as `example.zendesk.com` or an `https://` URL.
    pub host: String,
    /// The credentials with which we sign in.
    pub credentials: Credentials,
    /// The number of requests per minute that are ours; the rest is left to others.
    pub budget: Budget,
    /// The number of our jobs that are queued or running at once, from 1 to 30.
    pub jobs: usize,
    /// The time that a job may take before it is given up, by the account's clock.
    pub job_patience: Duration,
    /// The length of a second of the account's clock: a real second, but for a simulator whose clock runs faster. All
    /// waits that the account asks for, its minutes, and the lives of tokens and jobs are measured with it; `limits`
    /// are not.
    pub second: Duration,
    /// A PEM file with certificates that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Limits on time, size and tries.
    pub limits: Limits,
}

impl Settings {
    /// Returns the usual settings: half of the account's requests, up to 30 jobs.
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

/// An account: where it is, how we sign in, and what is known of it. One for all clients of a process.
pub struct Account {
    pub(super) http: Http,
    pub(super) base: Url,
    pub(super) credentials: Credentials,
    pub(super) current: Current<Session>,
    pub(super) clock: Clock,
    pub(super) pace: Arc<Pace>,
    pub(super) jobs: usize,
    pub(super) job_patience: Duration,
    budget: Budget,
}

impl Account {
    /// Creates an account; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the settings cannot be right.
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
            clock,
            pace,
            jobs: settings.jobs,
            job_patience: clock.span(settings.job_patience.as_secs_f64()),
            budget: settings.budget,
        })
    }

    /// Returns the answer, if it is a good one; else the failure that it tells of.
    pub(super) fn accept(&self, answer: Answer) -> std::result::Result<Answer, Failure> {
        self.note(&answer.headers);
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let told = BadAnswer::of(&answer);
        let jobs = told.code.as_deref() == Some(TOO_MANY_JOBS);
        let passing = !jobs && is_transient(answer.status, told.silent);
        let retry_after = self.asked_to_wait(&answer.headers);
        let message = format!("{}{}", told.message, if jobs { "" } else { advice(answer.status) });
        let failure = if passing { Failure::passing(message) } else { Failure::lasting(message) };
        // The limit is the account's: nobody else of us needs to find it out for himself.
        let most = self.http.limits().deadline;
        if let Some(pause) = retry_after.filter(|pause| answer.status == 429 && *pause <= most) {
            self.pace.close_for(pause);
        }
        let (code, request_id) = (told.code, told.request_id);
        Err(Failure { status: Some(answer.status), code, request_id, retry_after, ..failure })
    }

    /// Returns the time that an answer asks to wait.
    pub(super) fn asked_to_wait(&self, headers: &HeaderMap) -> Option<Duration> {
        retry_after(headers).map(|pause| self.clock.span(pause.as_secs_f64()))
    }

    /// Keeps what an answer tells of the account's limit.
    fn note(&self, headers: &HeaderMap) {
        let rate = Rate::of(headers);
        if let Some(limit) = rate.limit {
            self.pace.set_budget(requests(self.budget, limit));
        }
        // Others have used up the minute: whoever asks now is refused.
        if let (Some(0), Some(reset)) = (rate.remaining, rate.reset) {
            self.pace.close_for(self.clock.span(reset.min(MINUTE) as f64));
        }
    }
}

/// Returns what to do, for the errors that people meet. A 401 gets its own where the credentials are known.
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

/// Returns the number of requests per minute that are ours, of so many.
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
