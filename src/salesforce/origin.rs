//! Addresses that an answer gives: data, and not yet where a request may go.

use url::Url;

/// Returns an address that an answer gave, if it is on the same origin.
pub(super) fn same_origin(from: &Url, told: &str) -> std::result::Result<Url, String> {
    let url = from.join(told).ok().filter(|url| url.origin() == from.origin() && !names_a_user(url));
    url.ok_or_else(|| "it sends us to another host for its next page".into())
}

/// Returns whether an address says who asks: with that, a request would say somebody else's name and password.
pub(super) fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
