//! Access tokens and their sources.

use futures_util::future::BoxFuture;
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::answer::SERVICE;
use crate::error::Result;
use crate::http::{is_bearer, names_a_user, Failure};
use crate::redact;

/// A source of sessions: a store that processes share, or a sign-in.
pub trait Sessions: Send + Sync {
    /// Returns the access token and the instance URL of a session other than the one whose token is `ended`.
    fn open(&self, ended: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String)>>;
}

/// An access token, and the instance on which it may be used.
pub(super) struct Session {
    token: SecretString,
    pub(super) instance: Url,
}

impl Session {
    /// Creates a session. Returns an error if the token cannot be sent in a header, or if the instance is not on the
    /// configured origin. If the configured host is below `salesforce.com`, the instance may be any other host there.
    pub(super) fn new(base: &Url, token: SecretString, instance_url: &str) -> Result<Self> {
        let unusable = |why: &str| Err(Failure::lasting(why.into()).into_error(SERVICE, "the sign-in"));
        if !is_bearer(token.expose_secret()) {
            return unusable("the answer gives an access token with characters that no token has");
        }
        match instance(instance_url, base) {
            Some(instance) => {
                redact::remember(&token);
                Ok(Self { token, instance })
            }
            None => unusable("the answer sends us to a host that is not the org's"),
        }
    }

    /// Adds the token to a request, and redirects the request to the instance of the token: the URL may have been built
    /// for a session that has ended since, and the org may have moved meanwhile.
    pub(super) fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.bearer_auth(self.token.expose_secret());
        match request.try_clone().map(RequestBuilder::build_split) {
            Some((client, Ok(mut built))) => {
                let mut url = self.instance.clone();
                url.set_path(built.url().path());
                url.set_query(built.url().query());
                *built.url_mut() = url;
                RequestBuilder::from_parts(client, built)
            }
            // An invalid request returns its error when it is sent.
            _ => request,
        }
    }
}

/// Opens a session other than the one that has `ended`.
pub(super) async fn open(base: &Url, from: &dyn Sessions, ended: Option<&Session>) -> Result<Session> {
    let (token, instance_url) = from.open(ended.map(|ended| ended.token.clone())).await?;
    match Session::new(base, token.clone(), &instance_url) {
        // An unusable session can only come from a store. It is reported as ended, in exchange for a new one.
        Err(_) => {
            let (token, instance_url) = from.open(Some(token)).await?;
            Session::new(base, token, &instance_url)
        }
        session => session,
    }
}

fn instance(told: &str, base: &Url) -> Option<Url> {
    let url = Url::parse(told).ok()?;
    let of_salesforce =
        |url: &Url| url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".salesforce.com"));
    // Credentials in the URL would be sent with every request, and appear in messages.
    let plain = !names_a_user(&url) && url.query().is_none() && url.fragment().is_none();
    (plain && (url.origin() == base.origin() || (of_salesforce(&url) && of_salesforce(base)))).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_to_where_its_session_is_good() {
        let url = |text: &str| Url::parse(text).unwrap();
        let token = SecretString::from("00D!token");
        let base = url("https://acme.my.salesforce.com");
        let session = Session::new(&base, token, "https://new.my.salesforce.com").ok().unwrap();
        let old = "https://old.my.salesforce.com/services/data/v66.0/query?q=SELECT+Id%2C+Name";
        let request = session.authorize(reqwest::Client::new().post(old).body("{}")).build().unwrap();
        assert_eq!(request.url().as_str(), old.replace("old", "new"));
        assert_eq!(request.headers()["authorization"], "Bearer 00D!token");
        assert_eq!(request.body().and_then(|body| body.as_bytes()), Some(&b"{}"[..]));
    }

    #[test]
    fn an_instance_is_an_address_and_nothing_else() {
        let base = Url::parse("https://acme.my.salesforce.com").unwrap();
        for told in ["https://acme.my.salesforce.com", "https://acme.my.salesforce.com/", "https://eu1.salesforce.com"]
        {
            assert!(instance(told, &base).is_some(), "{told}");
        }
        for told in [
            "https://user:pass@acme.my.salesforce.com",
            "https://user@acme.my.salesforce.com",
            "https://:pass@acme.my.salesforce.com",
            "https://acme.my.salesforce.com/?sid=1",
            "https://acme.my.salesforce.com/#sid",
            "https://acme.my.salesforce.com@elsewhere.example",
            "http://eu1.salesforce.com",
        ] {
            assert!(instance(told, &base).is_none(), "{told}");
        }
    }
}
