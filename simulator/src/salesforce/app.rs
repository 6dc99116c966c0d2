//! The connected app, and the user that signs in through it.

use super::grant::{Denied, Grant};
use super::options::Options;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use std::collections::HashMap;

/// The credentials that a sign-in must have; `None` accepts any value.
pub(crate) struct App {
    client_id: Option<String>,
    client_secret: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// A login form.
pub(crate) struct Form(HashMap<String, String>);

impl App {
    pub(crate) fn new(options: &Options) -> App {
        App {
            client_id: options.client_id.clone(),
            client_secret: options.client_secret.clone(),
            username: options.username.clone(),
            password: options.password.clone(),
        }
    }

    /// Checks that the app may use a grant. An assertion names the app itself, and a refresh needs no secret.
    pub(crate) fn check(&self, grant: Grant, form: &Form) -> Result<(), Denied> {
        if grant == Grant::JwtBearer {
            return Ok(());
        }
        if !self.is_client(form.get("client_id")) {
            return Err(Denied::client_id());
        }
        let secret = form.get("client_secret");
        let spared = grant == Grant::RefreshToken && secret.is_empty();
        match spared || fits(&self.client_secret, secret) {
            true => Ok(()),
            false => Err(Denied::client()),
        }
    }

    pub(crate) fn check_password(&self, form: &Form) -> Result<(), Denied> {
        match self.is_user(form.get("username")) && fits(&self.password, form.get("password")) {
            true => Ok(()),
            false => Err(Denied::grant("authentication failure")),
        }
    }

    pub(crate) fn is_client(&self, client_id: &str) -> bool {
        fits(&self.client_id, client_id)
    }

    pub(crate) fn is_user(&self, username: &str) -> bool {
        fits(&self.username, username)
    }
}

fn fits(wanted: &Option<String>, given: &str) -> bool {
    match wanted {
        Some(wanted) => wanted == given,
        None => !given.is_empty(),
    }
}

impl Form {
    /// Parses a form, and adds the id and secret of the client if they are in the header instead (RFC 6749, section
    /// 2.3.1).
    pub(crate) fn new(body: &[u8], authorization: &str) -> Result<Form, Denied> {
        let mut form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        if let Some(encoded) = basic(authorization) {
            let (id, secret) = credentials(encoded).ok_or_else(Denied::client)?;
            // Section 2.3: a request must use only one way to authenticate.
            if form.contains_key("client_secret") || form.get("client_id").is_some_and(|other| *other != id) {
                return Err(Denied::new("invalid_request", "client credentials in the header and in the form"));
            }
            form.insert("client_id".into(), id);
            form.insert("client_secret".into(), secret);
        }
        Ok(Form(form))
    }

    /// Returns a value of the form; empty if it is missing.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Returns the encoded credentials of a Basic authentication header.
fn basic(authorization: &str) -> Option<&str> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Basic").then_some(encoded.trim())
}

/// Decodes the id and the secret. Each is form-encoded by itself, so the first colon ends the id.
fn credentials(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decoded(id), decoded(secret)))
}

/// Decodes form-encoded text. Clients that do not encode it send `&` and `=` as they are.
fn decoded(encoded: &str) -> String {
    let one = encoded.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(one.as_bytes()).map(|(text, _)| text.into_owned()).collect()
}
