//! The session that a sign-in gives, renewed once at a time.

use std::future::Future;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::error::Result;
use crate::redact;

/// The login in the header of a request.
#[derive(Clone)]
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

    fn token(&self) -> &SecretString {
        match self {
            Self::Bearer { token, .. } | Self::Basic { token, .. } => token,
        }
    }

    fn secret(&self) -> &str {
        self.token().expose_secret()
    }

    fn is_fresh(&self) -> bool {
        !matches!(self, Self::Bearer { until: Some(until), .. } if *until <= Instant::now())
    }
}

/// The session of one process.
#[derive(Default)]
pub(super) struct Current(tokio::sync::Mutex<Option<Session>>);

impl Current {
    /// The session; the one that `opening` gives if there is none, if it is about to end, or if it is the one that has
    /// `ended`. However many ask, one renews.
    pub(super) async fn session(
        &self,
        ended: Option<&Session>,
        opening: impl Future<Output = Result<Session>>,
    ) -> Result<Session> {
        let mut current = self.0.lock().await;
        let has_ended = |session: &Session| ended.is_some_and(|ended| ended.secret() == session.secret());
        if let Some(session) = current.as_ref().filter(|session| session.is_fresh() && !has_ended(session)) {
            return Ok(session.clone());
        }
        let session = opening.await?;
        redact::remember(session.token());
        Ok(current.insert(session).clone())
    }
}
