//! The errors, in words that tell a person what to do. No message holds a secret or a person's address.

use std::fmt;
use std::time::Duration;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The reason why something could not be done.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing or cannot be right.
    #[error("{0}")]
    Configuration(String),
    /// The remote side refused to sign us in.
    #[error("{0}")]
    Authentication(Box<RemoteError>),
    /// The remote side's quota does not allow the call.
    #[error("{0}")]
    Quota(Box<RemoteError>),
    /// The remote side failed, or answered what it must not answer.
    #[error("{0}")]
    Remote(Box<RemoteError>),
    /// A file cannot be read or written, or says what it must not say.
    #[error("{path}: {problem}")]
    File {
        /// The path of the file.
        path: String,
        /// The problem with it; of a record, with its number, counted from 1.
        problem: String,
    },
    /// A fault of ours.
    #[error("crm_sync has a fault: {0}. Nothing was written; please report it")]
    Internal(String),
}

/// A failure of a remote side, with what is known of it.
#[derive(Debug, Clone, Default)]
pub struct RemoteError {
    /// The service that failed, such as `Salesforce`.
    pub service: &'static str,
    /// The action that failed, such as `the query on Contact`.
    pub action: String,
    /// The description of what happened.
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The remote side's own code, such as `REQUEST_LIMIT_EXCEEDED`.
    pub code: Option<String>,
    /// The remote side's name for the request, where it gave one.
    pub request_id: Option<String>,
    /// The number of tries.
    pub attempts: u32,
    /// The time that it took, all tries together.
    pub elapsed: Duration,
    /// True if it may have been done all the same: the answer was lost.
    pub may_be_done: bool,
}

impl Error {
    /// Returns whether what failed may have been done all the same.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Remote(error) if error.may_be_done)
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

/// Returns text from outside, made fit for a message: one line, no control characters, no secret of ours, no address of
/// a person, bounded.
#[must_use]
pub fn presentable(text: &str) -> String {
    const LIMIT: usize = 300;
    let line = crate::redact::line(text);
    match line.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Returns a number of things, for a message: `1 user`, `2 users`.
pub(crate) fn counted<N: fmt::Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Things by their names, for a message: `user 7`, `users 7, 8`.
pub(crate) fn named<T: ToString>(noun: &str, items: &[T]) -> String {
    let plural = if items.len() == 1 { "" } else { "s" };
    format!("{noun}{plural} {}", list(items))
}

/// Returns a time, for a message: `60 s`, `0.5 s`.
pub(crate) fn seconds(time: std::time::Duration) -> String {
    let tenths = (time.as_secs_f64() * 10.0).round() as u64;
    match (tenths / 10, tenths % 10) {
        (whole, tenth) if whole < 10 && tenth > 0 => format!("{whole}.{tenth} s"),
        // A service may ask to wait for longer than there are tenths.
        _ => format!("{} s", tenths.saturating_add(5) / 10),
    }
}

/// Returns the first ten, for a message, and how many more there are.
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
    fn a_wait_that_is_longer_than_can_be_counted_is_no_short_one() {
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
