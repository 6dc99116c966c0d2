//! A request that failed, and whether trying again may help.

use std::error::Error as _;
use std::time::Duration;

use crate::error::{presentable, seconds, Error, RemoteError};

/// The reason why a request failed.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// The description of what happened, for a person.
    pub message: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The remote side's own code.
    pub code: Option<String>,
    /// The remote side's name for the request.
    pub request_id: Option<String>,
    /// The number of tries.
    pub attempts: u32,
    /// The time that they took.
    pub elapsed: Duration,
    /// The time that the remote side asked to wait.
    pub retry_after: Option<Duration>,
    /// True if another try may help.
    pub passing: bool,
    /// True if the request never got there.
    pub unsent: bool,
}

impl Failure {
    /// Returns a failure that stays the same however often one tries.
    #[must_use]
    pub fn lasting(message: String) -> Self {
        Self { message, attempts: 1, ..Self::default() }
    }

    /// Returns a failure that may be gone at the next try.
    #[must_use]
    pub fn passing(message: String) -> Self {
        Self { passing: true, ..Self::lasting(message) }
    }

    /// Returns a failure on the way: no connection, a reset, a cut body, silence. Where a proxy is set, it may be the
    /// one to blame.
    pub(super) fn transport(error: reqwest::Error, service: &str, proxied: bool) -> Self {
        let host = error.url().and_then(url::Url::host_str).unwrap_or_default().to_owned();
        let error = error.without_url();
        // Behind a proxy, the name that is not known may be the proxy's.
        if error.is_connect() && !proxied && is_no_name(&causes(&error)) {
            let setting = service.to_lowercase();
            let message = format!("there is no host {}; correct {setting}.host", presentable(&host));
            return Self { unsent: true, ..Self::lasting(format!("{message} ({})", causes(&error))) };
        }
        if error.is_connect() && causes(&error).contains("certificate") {
            let message = format!("its certificate is not trusted here; {}", distrust(&causes(&error)));
            return Self { unsent: true, ..Self::lasting(message) };
        }
        let what = if error.is_connect() && proxied {
            "no connection; the environment names a proxy (HTTPS_PROXY or ALL_PROXY): check it, or name the host in NO_PROXY"
        } else if error.is_connect() {
            "no connection"
        } else if error.is_timeout() {
            "no answer in time"
        } else {
            "the connection broke or the answer was cut short"
        };
        Self { unsent: error.is_connect(), ..Self::passing(format!("{what} ({})", causes(&error))) }
    }

    /// Returns the failure as the deadline sees it: where it asks to wait longer than `deadline` allows, it lasts.
    pub(super) fn within(mut self, deadline: Duration) -> Self {
        if let Some(pause) = self.retry_after.filter(|pause| self.passing && *pause > deadline) {
            let wait = seconds(pause);
            self.message +=
                &format!("; it asks to wait {wait}; that is longer than `deadline` allows: try again later");
            self.passing = false;
        }
        self
    }

    /// Returns whether it is certain that nothing was done. A bare 503 may come from a gateway that lost the answer.
    pub(crate) fn was_refused(&self) -> bool {
        let told = self.code.is_some() || self.retry_after.is_some();
        self.unsent || matches!(self.status, Some(420 | 429)) || (self.status == Some(503) && told)
    }

    /// Returns whether the request may have been carried out all the same.
    fn may_be_done(&self) -> bool {
        match self.status {
            Some(408) => true,
            // A whole answer that tells of a refusal.
            Some(200..=299) => self.code.is_none(),
            Some(300..=499) => false,
            _ => !self.was_refused(),
        }
    }

    /// Returns the error of a sign-in: what the service refuses is a matter of the credentials.
    #[must_use]
    pub fn into_refusal(self, service: &'static str, action: &str) -> Error {
        let refused = matches!(self.status, Some(400 | 401 | 403));
        match self.into_error(service, action) {
            Error::Remote(error) if refused => Error::Authentication(error),
            other => other,
        }
    }

    /// Returns the error for the one who asked.
    #[must_use]
    pub fn into_error(self, service: &'static str, action: &str) -> Error {
        let limited = self.code.as_deref() == Some("REQUEST_LIMIT_EXCEEDED");
        let refused = matches!(self.status, Some(401));
        let error = Box::new(RemoteError {
            may_be_done: self.may_be_done(),
            service,
            action: action.into(),
            message: self.message,
            status: self.status,
            code: self.code,
            request_id: self.request_id,
            attempts: self.attempts.max(1),
            elapsed: self.elapsed,
        });
        match () {
            () if limited => Error::Quota(error),
            () if refused => Error::Authentication(error),
            () => Error::Remote(error),
        }
    }
}

/// Returns whether a lookup was answered: there is no such name. Name servers that do not answer may do so at the next
/// try. The system gives only its words for it: those of glibc, musl and macOS.
fn is_no_name(causes: &str) -> bool {
    const ANSWERS: [&str; 5] = [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
        "Name has no usable address",
        "nodename nor servname provided, or not known",
    ];
    ANSWERS.iter().any(|answer| causes.contains(answer))
}

/// Returns what to do about a certificate.
fn distrust(causes: &str) -> String {
    let advice = match causes.contains("CaUsedAsEndEntity") {
        // Those that `openssl req -x509` makes unless it is told otherwise; naming them as ca_file is not enough.
        true => {
            "it says of itself that it is an authority's and no server's: make one with basicConstraints CA:FALSE, or \
             one that an authority of yours has signed, and name that as ca_file"
        }
        false => "if it is right, name a PEM file with the certificate that signed it as ca_file",
    };
    format!("{advice} ({causes})")
}

/// Returns an error and what caused it, on one line.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    presentable(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_known_is_told_from_a_name_server_that_does_not_answer() {
        let lookup = "client error (Connect): dns error: failed to lookup address information: ";
        for answer in ["Name or service not known", "nodename nor servname provided, or not known"] {
            assert!(is_no_name(&format!("{lookup}{answer}")));
        }
        for trouble in ["Temporary failure in name resolution", "Try again", "System error"] {
            assert!(!is_no_name(&format!("{lookup}{trouble}")));
        }
    }
}
