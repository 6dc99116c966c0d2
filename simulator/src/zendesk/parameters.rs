//! The parameters of a query string.

use super::error::Refusal;
use super::secret;

/// Names and values, decoded, in their order.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn new(query: &str) -> Parameters {
        Parameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(crate) fn get(&self, wanted: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<Result<usize, Refusal>> {
        let number =
            |text: &str| text.parse().map_err(|_| Refusal::attribute(name, &format!("{name} must be an integer")));
        self.get(name).map(number)
    }

    /// Returns the parts of a list such as `1,2,3`.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let parts = self.get(name)?.split(',').map(str::trim);
        Some(parts.filter(|part| !part.is_empty()).collect())
    }

    /// Returns a list of ids.
    pub(crate) fn ids(&self, name: &str) -> Option<Result<Vec<u64>, Refusal>> {
        let id = |text: &str| text.parse().map_err(|_| Refusal::attribute(name, &format!("{text} is not an id")));
        self.list(name).map(|parts| parts.into_iter().map(id).collect())
    }

    /// Returns the form for the log.
    pub(crate) fn masked(&self) -> Option<String> {
        let shown = |(name, value): &(String, String)| format!("{name}={}", secret::shown(name, value));
        (!self.0.is_empty()).then(|| self.0.iter().map(shown).collect::<Vec<_>>().join("&"))
    }
}
