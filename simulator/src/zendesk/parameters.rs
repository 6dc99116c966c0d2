//! Parses the parameters of a query string by the rules of the API.

use super::error::Refusal;
use crate::http::parameters::Parameters;

impl Parameters {
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
}
