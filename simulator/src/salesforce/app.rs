//! The connected app, and the user that signs in through it.

use super::grant::{Denied, Grant};
use super::options::Options;
use std::collections::HashMap;

/// What has to come with a sign-in; anything does where nothing is given.
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

    /// Whether the app may use a grant. In an assertion it names itself, and a refresh needs no secret.
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
            false => Err(Denied::new("invalid_client", "invalid client credentials")),
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
    pub(crate) fn new(body: &[u8]) -> Form {
        Form(form_urlencoded::parse(body).into_owned().collect())
    }

    /// A part of it; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}
