//! The token endpoint, and the tokens that it gave out.

use super::id;
use super::options::Options;
use crate::http::reply::Reply;
use crate::lock;
use crate::random::Random;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where `foreign_instance` sends a client.
const FOREIGN: &str = "https://evil.invalid";
/// The parts of a form that no log may show.
const SECRETS: [&str; 6] = ["assertion", "client_assertion", "client_secret", "code", "password", "refresh_token"];

/// Who may log in, and the live tokens.
pub(crate) struct Login {
    client_id: Option<String>,
    client_secret: Option<String>,
    url: String,
    org: String,
    live: Mutex<HashSet<String>>,
}

impl Login {
    pub(crate) fn new(options: &Options, url: &str, random: &mut Random) -> Login {
        Login {
            client_id: options.client_id.clone(),
            client_secret: options.client_secret.clone(),
            url: url.to_owned(),
            org: format!("00D{}", random.text(12)),
            live: Mutex::default(),
        }
    }

    pub(crate) fn login(&self, form: &[u8], foreign: bool, random: &mut Random) -> Reply {
        let form: HashMap<_, _> = form_urlencoded::parse(form).collect();
        let given = |name: &str| form.get(name).map(|value| value.as_ref());
        let differs = |wanted: &Option<String>, name| match wanted {
            Some(wanted) => given(name) != Some(wanted.as_str()),
            None => given(name).unwrap_or_default().is_empty(),
        };
        if given("grant_type") != Some("client_credentials") {
            return refused("unsupported_grant_type", "grant type not supported");
        }
        if differs(&self.client_id, "client_id") {
            return refused("invalid_client_id", "client identifier invalid");
        }
        if differs(&self.client_secret, "client_secret") {
            return refused("invalid_client", "invalid client credentials");
        }
        let token = format!("{}!{}", self.org, random.text(96));
        lock(&self.live).insert(token.clone());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let user = id::long(&format!("005{}", random.text(12)));
        Reply::json(
            200,
            &json!({
                "access_token": token,
                "signature": random.text(43) + "=",
                "scope": "api",
                "instance_url": if foreign { FOREIGN } else { &self.url },
                "id": format!("{}/id/{}/{user}", self.url, id::long(&self.org)),
                "token_type": "Bearer",
                "issued_at": now.as_millis().to_string(),
            }),
        )
        .header("Cache-Control", "no-cache, no-store")
    }

    /// Whether an `Authorization` header has a live token.
    pub(crate) fn knows(&self, authorization: &str) -> bool {
        let Some((scheme, token)) = authorization.split_once(' ') else {
            return false;
        };
        let scheme = ["Bearer", "OAuth"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
        scheme && lock(&self.live).contains(token)
    }

    /// Forgets all tokens.
    pub(crate) fn expire(&self) {
        lock(&self.live).clear();
    }
}

/// A login form for the log.
pub(crate) fn masked(form: &[u8]) -> String {
    let mut masked = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(form) {
        let secret = SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(&name));
        masked.append_pair(&name, if secret { "***" } else { &value });
    }
    masked.finish()
}

fn refused(error: &str, description: &str) -> Reply {
    Reply::json(400, &json!({"error": error, "error_description": description}))
}
