//! Addresses of services, which are HTTPS or on this machine, and URLs from responses, which are untrusted data until
//! their origin is checked.

use url::Url;

use crate::error::{Error, Result};

/// Parses the address of a service, which a setting gives as a host name or a URL. It must be HTTPS or on this machine.
///
/// # Errors
/// Returns [`Error::Configuration`], which names the setting and suggests `example`, for any other text.
pub(crate) fn base_url(setting: &str, text: &str, example: &str) -> Result<Url> {
    let unusable = |why: &str| Err(Error::Configuration(format!("{setting} {why}; give {example}")));
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    match Url::parse(&text) {
        Ok(url) if url.host().is_none() => unusable("names no host"),
        Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) => Ok(url),
        Ok(_) => unusable("must be https"),
        Err(_) => unusable("is not a host name"),
    }
}

/// Returns whether a URL is on this machine.
#[must_use]
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Resolves a URL from a response against `from`, and returns it if it has the same origin.
pub(crate) fn same_origin(from: &Url, told: &str) -> std::result::Result<Url, String> {
    let url = from.join(told).ok().filter(|url| url.origin() == from.origin() && !names_a_user(url));
    url.ok_or_else(|| "it sends us to another host for its next page".into())
}

/// Returns whether a URL contains credentials: a request to it would send somebody else's name and password.
pub(crate) fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
