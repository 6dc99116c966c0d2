//! The errors, with messages that say what to do. No message contains a secret or a person's address.

use std::fmt;
use std::time::Duration;

/// The result of every fallible operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of this crate.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing or invalid.
    #[error("{0}")]
    Configuration(String),
    /// The remote side refused the sign-in.
    #[error("{0}")]
    Authentication(Box<RemoteError>),
    /// The quota of the remote side does not allow the call.
    #[error("{0}")]
    Quota(Box<RemoteError>),
    /// The remote side failed, or gave an invalid response.
    #[error("{0}")]
    Remote(Box<RemoteError>),
    /// A file cannot be read or written, or has invalid content.
    #[error("{path}: {problem}")]
    File {
        /// The path of the file.
        path: String,
        /// The problem with the file. If it is with a record, this includes the record's number, counted from 1.
        problem: String,
    },
    /// A file has changed since a stage gathered it.
    #[error("{path}: {}; run {stage} again", Self::CHANGED)]
    NotAsGathered {
        /// The path of the file.
        path: String,
        /// The stage that gathers it, as a method of a sync: `gather_accounts`.
        stage: &'static str,
    },
    /// A call cannot go on here: its process is the parent of this one, or it has ended.
    #[error("{0}")]
    NotHere(String),
    /// A bug in this crate.
    #[error("crm_sync has a fault: {0}; please report it")]
    Internal(String),
}

/// A failure of a remote service, with the facts that are known about it.
#[derive(Debug, Clone, Default)]
pub struct RemoteError {
    /// The service that failed, such as `Salesforce`.
    pub service: &'static str,
    /// The action that failed, such as `the query on Contact`. Empty if `message` is a whole one, with the service, the
    /// action and all facts, as that of an error which has been an exception of the gem in between.
    pub action: String,
    /// The description of the failure.
    pub message: String,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// The error code of the service, such as `REQUEST_LIMIT_EXCEEDED`.
    pub code: Option<String>,
    /// The service's id of the request, if it gave one.
    pub request_id: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
    /// The duration of all attempts together.
    pub elapsed: Duration,
    /// True if the action may have taken effect in spite of the error, because no response says that it was refused.
    pub may_be_done: bool,
}

impl Error {
    /// The problem of [`Error::NotAsGathered`].
    pub const CHANGED: &'static str = "it is not as it was gathered";

    /// Returns whether the failed action may have taken effect all the same.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Remote(error) if error.may_be_done)
    }

    /// Returns the error, of an action that cannot have taken effect.
    #[must_use]
    pub(crate) fn without_effect(mut self) -> Self {
        if let Self::Remote(error) = &mut self {
            error.may_be_done = false;
        }
        self
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.action.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {} failed: {}", self.service, self.action, self.message)?;
        let mut facts = Vec::new();
        if let Some(status) = self.status {
            facts.push(format!("HTTP {status}"));
        }
        if let Some(code) = &self.code {
            facts.push(code.clone());
        }
        if let Some(id) = &self.request_id {
            facts.push(format!("request {id}"));
        }
        let tries = if self.attempts == 1 { "try" } else { "tries" };
        facts.push(format!("{} {tries} in {:.1} s", self.attempts, self.elapsed.as_secs_f64()));
        write!(f, " ({})", facts.join(", "))
    }
}

/// Returns external text in a form fit for a message: one line of limited length, without control characters, our
/// secrets and people's addresses.
#[must_use]
pub fn presentable(text: &str) -> String {
    const LIMIT: usize = 300;
    let line = crate::redact::line(text);
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Returns a count with its noun, for a message: `1 user`, `2 users`.
pub(crate) fn counted<N: fmt::Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Returns items after their noun, for a message: `user 7`, `users 7, 8`.
pub(crate) fn named<T: ToString>(noun: &str, items: &[T]) -> String {
    let plural = if items.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", list(items))
}

/// Returns a duration in seconds, for a message: `60 s`, `0.5 s`.
pub(crate) fn seconds(time: std::time::Duration) -> String {
    let tenths = (time.as_secs_f64() * 10.0).round() as u64;
    match (tenths / 10, tenths % 10) {
        (whole, tenth) if whole < 10 && tenth > 0 => format!("{whole}.{tenth} s"),
        // Saturates, because a service may ask for a longer wait than `u64` can count in tenths of a second.
        _ => format!("{} s", tenths.saturating_add(5) / 10),
    }
}

/// Returns the first ten items and the number of the others, for a message.
pub(crate) fn list<T: ToString>(items: &[T]) -> String {
    const SHOWN: usize = 10;
    let mut list = items.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if let Some(more) = items.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        list.push_str(&format!(" and {more} more"));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_long_waits_saturate() {
        assert_eq!(seconds(std::time::Duration::from_secs(86_400)), "86400 s");
        assert_ne!(seconds(std::time::Duration::MAX), "0 s");
    }

    #[test]
    fn text_from_outside_cannot_carry_escapes_or_addresses_into_a_message() {
        assert_eq!(presentable("\u{1b}[31mno\nsuch\tfield x@y.edu!"), "[31mno such field [address]");
        assert_eq!(presentable("(a@b.edu), x@@y.edu"), "[address] [address]");
        assert_eq!(presentable("from 8 @ noon, (@user), a@"), "from 8 @ noon, (@user), a@");
        assert_eq!(presentable(&"a".repeat(500)).chars().count(), 301);
    }

    #[test]
    fn counts_and_times_read_well() {
        assert_eq!([0_usize, 1, 2].map(|count| counted(count, "user")), ["0 users", "1 user", "2 users"]);
        assert_eq!((named("user", &[7]), named("user", &[7, 8])), ("user 7".into(), "users 7, 8".into()));
        let times = [(0, "0 s"), (40, "0 s"), (500, "0.5 s"), (2_000, "2 s"), (9_960, "10 s"), (60_400, "60 s")];
        for (milliseconds, text) in times {
            assert_eq!(seconds(std::time::Duration::from_millis(milliseconds)), text);
        }
    }
}
