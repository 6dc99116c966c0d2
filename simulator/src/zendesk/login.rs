//! The token endpoint with the tokens that it issued, and the older login with an API token.

use super::error::Refusal;
use super::options::Options;
use crate::http::reply::Reply;
use crate::lock;
use crate::random::Random;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use hyper::Method;
use serde_json::{json, Value};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Mutex;

/// The token lifetimes that a client can ask for, in seconds.
const LIFE: RangeInclusive<u64> = 300..=172_800;
/// The token lifetime if the client does not ask for one, in seconds.
const USUAL_LIFE: u64 = 1800;
const INVALID_TOKEN: &str = "The access token provided is expired, revoked, malformed or invalid for other reasons.";

/// The accepted credentials and the valid tokens.
pub(crate) struct Login {
    client_id: Option<String>,
    client_secret: Option<String>,
    email: Option<String>,
    api_token: Option<String>,
    life: Option<u64>,
    live: Mutex<HashMap<String, Token>>,
}

struct Token {
    /// The time at which the token expires, if it does.
    until: Option<f64>,
    writes: bool,
}

impl Login {
    pub(crate) fn new(options: &Options) -> Login {
        Login {
            client_id: options.client_id.clone(),
            client_secret: options.client_secret.clone(),
            email: options.email.clone(),
            api_token: options.api_token.clone(),
            life: options.token_seconds,
            live: Mutex::default(),
        }
    }

    /// Issues a token.
    pub(crate) fn token(&self, body: &Value, now: f64, random: &mut Random) -> Reply {
        let given = |name: &str| body[name].as_str().unwrap_or_default();
        if given("grant_type") != "client_credentials" {
            let description = "The authorization grant type is not supported by the authorization server.";
            return refused(400, "unsupported_grant_type", description);
        }
        if !fits(&self.client_id, given("client_id")) || !fits(&self.client_secret, given("client_secret")) {
            let description = "Client authentication failed due to unknown client, no client authentication included, \
                               or unsupported authentication method.";
            return refused(401, "invalid_client", description);
        }
        let asked = match &body["expires_in"] {
            Value::Null => USUAL_LIFE,
            wanted => match wanted.as_u64().filter(|seconds| LIFE.contains(seconds)) {
                Some(seconds) => seconds,
                None => return refused(400, "invalid_request", "expires_in must be from 300 to 172800"),
            },
        };
        let life = Some(self.life.unwrap_or(asked)).filter(|seconds| *seconds > 0);
        let scope = body["scope"].as_str().unwrap_or("read");
        let token = Token {
            until: life.map(|seconds| now + seconds as f64),
            writes: scope.split_whitespace().any(|word| word == "write"),
        };
        let name = random.text(64).to_lowercase();
        lock(&self.live).insert(name.clone(), token);
        let answer = json!({"access_token": name, "token_type": "bearer", "scope": scope, "expires_in": life});
        Reply::json(200, &answer).header("Cache-Control", "no-store")
    }

    /// Checks that an `Authorization` header allows a request.
    pub(crate) fn check(&self, authorization: &str, method: &Method, now: f64) -> Result<(), Reply> {
        let (scheme, secret) = authorization.split_once(' ').unwrap_or_default();
        if scheme.eq_ignore_ascii_case("Bearer") {
            return self.check_token(secret, method, now);
        }
        if scheme.eq_ignore_ascii_case("Basic") && self.knows(secret) {
            return Ok(());
        }
        Err(Reply::json(401, &json!({"error": "Couldn't authenticate you"})))
    }

    /// Invalidates all tokens.
    pub(crate) fn expire(&self) {
        lock(&self.live).clear();
    }

    fn check_token(&self, name: &str, method: &Method, now: f64) -> Result<(), Reply> {
        let live = lock(&self.live);
        let token = live.get(name).filter(|token| token.until.is_none_or(|until| now < until));
        match token {
            Some(token) if token.writes || *method == Method::GET => Ok(()),
            Some(_) => Err(Refusal::forbidden().reply()),
            None => Err(refused(401, "invalid_token", INVALID_TOKEN).header(
                "WWW-Authenticate",
                format!(
                    "Bearer realm=\"Zendesk::OAuth Bearer Token Authentication\", error=\"invalid_token\", \
                     error_description=\"{INVALID_TOKEN}\""
                ),
            )),
        }
    }

    /// Returns whether the decoded text is `{email}/token:{api_token}`. Without `/token` it would be a password, which
    /// is no longer accepted.
    fn knows(&self, encoded: &str) -> bool {
        let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((user, token)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
            return false;
        };
        user.strip_suffix("/token").is_some_and(|email| fits(&self.email, email)) && fits(&self.api_token, token)
    }
}

fn fits(wanted: &Option<String>, given: &str) -> bool {
    match wanted {
        Some(wanted) => wanted == given,
        None => !given.is_empty(),
    }
}

fn refused(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": description}))
}
