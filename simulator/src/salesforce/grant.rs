//! The grants for a sign-in, and the refusals of the token endpoint.

use crate::http::reply::Reply;
use serde::Deserialize;
use serde_json::json;

/// A grant for a sign-in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// The app signs in as its run-as user.
    ClientCredentials,
    /// The app signs in as a user, with an assertion that it signed.
    JwtBearer,
    /// The app continues an earlier sign-in.
    RefreshToken,
    /// A user signs in with a name and a password.
    Password,
}

impl Grant {
    /// Returns the grant of a `grant_type`.
    pub(crate) fn named(grant_type: &str) -> Option<Grant> {
        match grant_type {
            "client_credentials" => Some(Grant::ClientCredentials),
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => Some(Grant::JwtBearer),
            "refresh_token" => Some(Grant::RefreshToken),
            "password" => Some(Grant::Password),
            _ => None,
        }
    }

    /// Returns the scope in the response to the grant.
    pub(crate) fn scope(self) -> Option<&'static str> {
        matches!(self, Grant::ClientCredentials | Grant::JwtBearer).then_some("api")
    }
}

/// A refusal in the format of OAuth.
#[derive(Debug)]
pub(crate) struct Denied {
    error: &'static str,
    description: &'static str,
}

impl Denied {
    pub(crate) fn new(error: &'static str, description: &'static str) -> Denied {
        Denied { error, description }
    }

    /// Creates the refusal of the credentials of a sign-in.
    pub(crate) fn grant(description: &'static str) -> Denied {
        Denied::new("invalid_grant", description)
    }

    /// Creates the refusal of the client's secret.
    pub(crate) fn client() -> Denied {
        Denied::new("invalid_client", "invalid client credentials")
    }

    pub(crate) fn client_id() -> Denied {
        Denied::new("invalid_client_id", "client identifier invalid")
    }

    pub(crate) fn reply(&self) -> Reply {
        Reply::json(400, &json!({"error": self.error, "error_description": self.description}))
    }
}
