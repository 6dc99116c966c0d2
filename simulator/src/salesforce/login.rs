//! The token endpoint and the tokens that it issued.

use super::app::{App, Form};
use super::assertion::Verifier;
use super::grant::{Denied, Grant};
use super::id;
use super::options::Options;
use super::refresh::{Misuse, RefreshTokens};
use super::StartError;
use crate::http::reply::Reply;
use crate::lock;
use crate::random::Random;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// The address to which `foreign_instance` sends a client.
const FOREIGN: &str = "https://evil.invalid";

/// The accepted credentials, and the valid tokens.
pub(crate) struct Login {
    grants: Vec<Grant>,
    my_domain: bool,
    app: App,
    verifier: Verifier,
    limit: Option<u64>,
    url: String,
    instance_url: String,
    org: String,
    sessions: Mutex<Sessions>,
}

/// The sessions of earlier logins.
struct Sessions {
    /// The valid tokens by client and user. A login during a session returns the token of that session.
    live: HashMap<String, String>,
    logins: u64,
    refresh: RefreshTokens,
}

/// The tokens of a login.
struct Tokens {
    grant: Grant,
    access: String,
    refresh: Option<String>,
}

impl Login {
    pub(crate) fn new(options: &Options, url: &str, random: &mut Random) -> Result<Login, StartError> {
        Ok(Login {
            grants: options.grants.clone(),
            my_domain: options.my_domain,
            app: App::new(options),
            verifier: Verifier::new(options.jwt_public_key.as_deref())?,
            limit: options.login_limit,
            url: url.to_owned(),
            instance_url: options.instance_url.clone().unwrap_or_else(|| url.to_owned()),
            org: format!("00D{}", random.text(12)),
            sessions: Mutex::new(Sessions { live: HashMap::new(), logins: 0, refresh: RefreshTokens::new(options) }),
        })
    }

    pub(crate) fn login(&self, form: &[u8], authorization: &str, foreign: bool, random: &mut Random) -> Reply {
        let tokens = Form::new(form, authorization).and_then(|form| self.tokens(&form, random));
        match tokens {
            Ok(tokens) => self.welcome(&tokens, foreign, random),
            Err(denied) => denied.reply(),
        }
    }

    fn tokens(&self, form: &Form, random: &mut Random) -> Result<Tokens, Denied> {
        let grant = self.grant(form.get("grant_type"))?;
        self.app.check(grant, form)?;
        let mut sessions = lock(&self.sessions);
        if self.limit.is_some_and(|limit| sessions.logins >= limit) {
            return Err(Denied::grant("login rate exceeded"));
        }
        let refresh = match grant {
            Grant::ClientCredentials => None,
            Grant::JwtBearer => self.verifier.check(form.get("assertion"), &self.app).map(|()| None)?,
            Grant::Password => self.app.check_password(form).map(|()| None)?,
            Grant::RefreshToken => sessions.refresh(form.get("refresh_token"), random)?,
        };
        sessions.logins += 1;
        let whose = format!("{} {}", form.get("client_id"), form.get("username"));
        let access = sessions.live.entry(whose).or_insert_with(|| format!("{}!{}", self.org, random.text(96))).clone();
        Ok(Tokens { grant, access, refresh })
    }

    fn grant(&self, grant_type: &str) -> Result<Grant, Denied> {
        let allowed = |grant: &Grant| self.grants.is_empty() || self.grants.contains(grant);
        match Grant::named(grant_type).filter(allowed) {
            None => Err(Denied::new("unsupported_grant_type", "grant type not supported")),
            Some(Grant::ClientCredentials) if !self.my_domain => {
                Err(Denied::grant("request not supported on this domain"))
            }
            Some(grant) => Ok(grant),
        }
    }

    fn welcome(&self, tokens: &Tokens, foreign: bool, random: &mut Random) -> Reply {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let user = id::long(&format!("005{}", random.text(12)));
        let mut answer = json!({
            "access_token": tokens.access,
            "signature": random.text(43) + "=",
            "instance_url": if foreign { FOREIGN } else { &self.instance_url },
            "id": format!("{}/id/{}/{user}", self.url, id::long(&self.org)),
            "token_type": "Bearer",
            "issued_at": now.as_millis().to_string(),
        });
        if let Some(scope) = tokens.grant.scope() {
            answer["scope"] = scope.into();
        }
        if let Some(refresh) = &tokens.refresh {
            answer["refresh_token"] = refresh.as_str().into();
        }
        Reply::json(200, &answer).header("Cache-Control", "no-cache, no-store")
    }

    /// Returns whether an `Authorization` header contains a valid token.
    pub(crate) fn knows(&self, authorization: &str) -> bool {
        let Some((scheme, token)) = authorization.split_once(' ') else {
            return false;
        };
        let scheme = ["Bearer", "OAuth"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
        scheme && lock(&self.sessions).live.values().any(|live| live == token)
    }

    /// Invalidates all tokens.
    pub(crate) fn expire(&self) {
        lock(&self.sessions).live.clear();
    }
}

impl Sessions {
    /// Uses a refresh token, which may return another. The reuse of a replaced token ends all sessions.
    fn refresh(&mut self, token: &str, random: &mut Random) -> Result<Option<String>, Denied> {
        let taken = self.refresh.take(token, random);
        if taken == Err(Misuse::Replayed) {
            self.live.clear();
        }
        taken.map_err(|_| Denied::grant("expired access/refresh token"))
    }
}
