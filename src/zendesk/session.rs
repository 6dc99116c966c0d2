//! The authorization of requests.

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// The contents of the `Authorization` header of each request.
pub(super) enum Session {
    Bearer { token: SecretString, until: Option<Instant> },
    Basic { user: String, token: SecretString },
}

impl Session {
    pub(super) fn authorize(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match self {
            Self::Bearer { token, .. } => request.bearer_auth(token.expose_secret()),
            Self::Basic { user, token } => request.basic_auth(user, Some(token.expose_secret())),
        }
    }

    pub(super) fn token(&self) -> &SecretString {
        match self {
            Self::Bearer { token, .. } | Self::Basic { token, .. } => token,
        }
    }

    /// Returns whether the session can still be used: false for a token that is about to end.
    pub(super) fn is_fresh(&self) -> bool {
        !matches!(self, Self::Bearer { until: Some(until), .. } if *until <= Instant::now())
    }
}
