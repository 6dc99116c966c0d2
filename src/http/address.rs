//! Addresses of services, which are HTTPS or on this machine.

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
