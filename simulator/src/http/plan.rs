//! Planned faults: what goes wrong, and when.

use super::fault::{wire_or_own, WireFault};
use serde::de::DeserializeOwned;
use serde::Deserialize;

/// A planned fault: of the matching requests, `skip` pass and the next `times` are hit. `O` selects the objects that a
/// fault concerns; it is `()` for a service without objects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    deserialize = "K: Deserialize<'de>, A: From<WireFault> + DeserializeOwned, O: Default + Deserialize<'de>"
))]
pub struct Fault<K, A, O> {
    /// The kind of requests that match.
    pub on: K,
    /// The number of matching requests that pass first.
    #[serde(default)]
    pub skip: u32,
    /// The number of requests that are hit; `None` for all that follow.
    #[serde(default)]
    pub times: Option<u32>,
    /// Limits the match to requests about this object.
    #[serde(default)]
    pub object: O,
    /// The response to the requests that are hit.
    #[serde(deserialize_with = "wire_or_own")]
    pub answer: A,
}

/// The kind of a request to a service.
pub trait RequestKind: Copy + PartialEq {
    /// Matches every request.
    const ANY: Self;
}

impl<K: RequestKind, A, O> Fault<K, A, O> {
    /// Returns whether requests of this kind match.
    pub(crate) fn is_on(&self, kind: Option<K>) -> bool {
        self.on == K::ANY || Some(self.on) == kind
    }
}
