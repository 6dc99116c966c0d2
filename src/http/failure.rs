//! A failed request, and whether another attempt may help.

use std::error::Error as _;
use std::time::Duration;

use crate::error::{presentable, seconds, Error, RemoteError};

/// The reason why a request failed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure {
    /// The description of the failure, for people.
    pub(crate) message: String,
    /// The HTTP status, if there was a response.
    pub(crate) status: Option<u16>,
    /// The error code of the service.
    pub(crate) code: Option<String>,
    /// The id that the service gave the request.
    pub(crate) request_id: Option<String>,
    /// The number of attempts.
    pub(crate) attempts: u32,
    /// The time that all attempts took.
    pub(crate) elapsed: Duration,
    /// The time that the service asked to wait.
    pub(crate) retry_after: Option<Duration>,
    /// True if another attempt may help.
    pub(crate) passing: bool,
    /// True if the request never reached the service.
    pub(crate) unsent: bool,
    /// True if the service refused the request with a status that leaves it open whether the request was carried out.
    pub(crate) in_doubt: bool,
}

impl Failure {
    /// Creates a failure that no further attempt can fix.
    #[must_use]
    pub(crate) fn lasting(message: String) -> Self {
        Self { message, attempts: 1, ..Self::default() }
    }

    /// Creates a failure that may be temporary.
    #[must_use]
    pub(crate) fn passing(message: String) -> Self {
        Self { passing: true, ..Self::lasting(message) }
    }

    /// Creates a failure of the transport: no connection, a reset, a body that was cut short, or no response in time.
    /// If a proxy is configured, it may be the cause.
    pub(super) fn transport(error: reqwest::Error, service: &str, proxied: bool) -> Self {
        let host = error.url().and_then(url::Url::host_str).unwrap_or_default().to_owned();
        let error = error.without_url();
        // With a proxy, the unknown name may be that of the proxy.
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

    /// Makes a temporary failure permanent if the service asks to wait for longer than `deadline` allows.
    pub(super) fn within(mut self, deadline: Duration) -> Self {
        if let Some(pause) = self.retry_after.filter(|pause| self.passing && *pause > deadline) {
            let wait = seconds(pause);
            self.message +=
                &format!("; it asks to wait {wait}; that is longer than `deadline` allows: try again later");
            self.passing = false;
        }
        self
    }

    /// Returns the pause before the next attempt: the time that the service asks to wait, and the back-off on top. A
    /// service may ask for no wait at all, and it tells many requests the same time.
    pub(super) fn pause(&self, back_off: Duration) -> Duration {
        self.retry_after.unwrap_or_default().saturating_add(back_off)
    }

    /// Returns whether the service asks to wait.
    pub(super) fn asks_to_wait(&self) -> bool {
        self.retry_after.is_some_and(|pause| !pause.is_zero())
    }

    /// Returns whether it is certain that the request was not carried out. A 503 without a code or a wait may come from
    /// a gateway that lost the response.
    pub(crate) fn was_refused(&self) -> bool {
        let told = self.code.is_some() || self.retry_after.is_some();
        self.unsent || matches!(self.status, Some(420 | 429)) || (self.status == Some(503) && told)
    }

    /// Returns whether the request may have been carried out despite the failure.
    pub(crate) fn may_be_done(&self) -> bool {
        match self.status {
            _ if self.in_doubt => true,
            Some(408) => true,
            // A response with a code is complete, and reports a refusal.
            Some(200..=299) => self.code.is_none(),
            Some(300..=499) => false,
            _ => !self.was_refused(),
        }
    }

    /// Converts the failure of a sign-in into an error. If the service refused it, the credentials are the cause.
    #[must_use]
    pub(crate) fn into_refusal(self, service: &'static str, action: &str) -> Error {
        let refused = matches!(self.status, Some(400 | 401 | 403));
        match self.into_error(service, action) {
            Error::Remote(error) if refused => Error::Authentication(error),
            other => other,
        }
    }

    /// Converts the failure into the error for the caller.
    #[must_use]
    pub(crate) fn into_error(self, service: &'static str, action: &str) -> Error {
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

/// Returns whether a name server answered that the host name does not exist. Name servers that do not respond may do so
/// at the next attempt. The operating system reports the difference only in its message; these are the messages of
/// glibc, musl and macOS.
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

/// The reasons for which rustls does not trust a certificate, as they occur in its messages, and what to do.
const CERTIFICATE_ADVICE: [(&str, &str); 4] = [
    // `openssl req -x509` makes such certificates by default. Naming one as ca_file is not enough.
    (
        "CaUsedAsEndEntity",
        "it says of itself that it is an authority's and no server's: make one with basicConstraints CA:FALSE, or one \
         that an authority of yours has signed, and name that as ca_file",
    ),
    (
        "not valid for name",
        "it is for other hosts: correct the host in the settings, or let the server have one for it",
    ),
    ("certificate expired", "it has expired: let the server have a new one, or set this machine's clock right"),
    ("not valid yet", "it is not valid yet: set this machine's clock right, or let the server have another one"),
];
/// The advice for a certificate that is not trusted for any other reason.
const UNKNOWN_SIGNER: &str = "if it is right, name a PEM file with the certificate that signed it as ca_file";

/// Returns advice on a certificate that is not trusted, which depends on the reason that rustls gives.
fn distrust(causes: &str) -> String {
    let advice = CERTIFICATE_ADVICE
        .iter()
        .find(|(reason, _)| causes.contains(reason))
        .map_or(UNKNOWN_SIGNER, |(_, advice)| advice);
    format!("{advice} ({causes})")
}

/// Returns an error and its causes, on one line.
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
    fn a_service_cannot_ask_for_less_than_the_back_off() {
        let asked = |seconds| Failure { retry_after: seconds, ..Failure::default() };
        let (back_off, second) = (Duration::from_millis(700), Duration::from_secs(1));
        assert_eq!(asked(None).pause(back_off), back_off);
        assert_eq!(asked(Some(Duration::ZERO)).pause(back_off), back_off);
        assert_eq!(asked(Some(second)).pause(back_off), second + back_off, "not all at once");
        assert_eq!(asked(Some(Duration::MAX)).pause(back_off), Duration::MAX);
        assert!(asked(Some(second)).asks_to_wait() && !asked(Some(Duration::ZERO)).asks_to_wait());
    }

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
