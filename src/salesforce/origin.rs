//! URLs from responses: untrusted data until their origin is checked.

use url::Url;

/// Resolves a URL from a response against `from`, and returns it if it has the same origin.
pub(super) fn same_origin(from: &Url, told: &str) -> std::result::Result<Url, String> {
    let url = from.join(told).ok().filter(|url| url.origin() == from.origin() && !names_a_user(url));
    url.ok_or_else(|| "it sends us to another host for its next page".into())
}

/// Returns whether a URL contains credentials: a request to it would send somebody else's name and password.
pub(super) fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
