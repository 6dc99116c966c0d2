//! Credentials: an OAuth client, a bearer token, or an e-mail address with an API token.
//! <https://developer.zendesk.com/api-reference/introduction/security-and-auth/>

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::http::is_bearer;

/// The credentials for an account.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A confidential OAuth client, which acts as the user who created it. Its tokens are renewed before they end.
    ClientCredentials {
        /// The client's unique identifier.
        client_id: String,
        /// The client's secret.
        client_secret: SecretString,
    },
    /// An access token from elsewhere, which cannot be renewed.
    Token(SecretString),
    /// An API token. New accounts cannot have any since July 2026, and all API tokens end on 2027-04-30.
    ApiToken {
        /// The e-mail address of the token's user, with or without `/token` after it. `Debug` does not show it.
        email: SecretString,
        /// The API token.
        token: SecretString,
    },
}

impl Credentials {
    pub(super) fn check(&self) -> Result<()> {
        let blank = |text: &str| text.trim().is_empty();
        let missing = match self {
            Self::ClientCredentials { client_id, .. } if blank(client_id) => Some("zendesk.client_id"),
            Self::ClientCredentials { client_secret, .. } if blank(client_secret.expose_secret()) => {
                Some("zendesk.client_secret")
            }
            Self::Token(token) if blank(token.expose_secret()) => Some("zendesk.token"),
            Self::ApiToken { email, .. } if blank(email.expose_secret()) => Some("zendesk.email"),
            Self::ApiToken { token, .. } if blank(token.expose_secret()) => Some("zendesk.api_token"),
            _ => None,
        };
        if let Some(name) = missing {
            return Err(Error::Configuration(format!("{name} is not set")));
        }
        match self {
            Self::Token(token) if !is_bearer(token.expose_secret()) => Err(Error::Configuration(
                "zendesk.token has characters that no token has, such as a blank or the end of a line".into(),
            )),
            _ => Ok(()),
        }
    }

    /// Returns the secret, which must not appear in any message.
    pub(super) fn secret(&self) -> &SecretString {
        let (Self::ClientCredentials { client_secret: secret, .. }
        | Self::Token(secret)
        | Self::ApiToken { token: secret, .. }) = self;
        secret
    }

    /// Returns whether the credentials can be exchanged for another token.
    pub(super) fn can_renew(&self) -> bool {
        matches!(self, Self::ClientCredentials { .. })
    }

    /// Returns advice for credentials that Zendesk refuses.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => {
                "; check zendesk.client_id and zendesk.client_secret, and that the client is a confidential one"
            }
            Self::Token(_) => {
                "; zendesk.token has ended or was revoked: get another one, or set client credentials, which are renewed"
            }
            Self::ApiToken { .. } => {
                "; check zendesk.email and zendesk.api_token: API tokens that are not used for 30 days are switched off, \
                 and all end on 2027-04-30; client credentials take their place"
            }
        }
    }
}
