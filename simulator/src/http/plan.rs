//! Planned faults: what goes wrong, and when.

use super::fault::{wire_or_own, WireFault};
use serde::de::DeserializeOwned;
use serde::Deserialize;

/// Something that goes wrong: of the requests that match, `skip` pass and the next `times` are hit. `O` says which objects
/// a fault can be about; a service without objects has `()`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    deserialize = "K: Deserialize<'de>, A: From<WireFault> + DeserializeOwned, O: Default + Deserialize<'de>"
))]
pub struct Fault<K, A, O> {
    /// The requests that match.
    pub on: K,
    /// The number of them that pass first.
    #[serde(default)]
    pub skip: u32,
    /// The number that are hit; none means all that follow.
    #[serde(default)]
    pub times: Option<u32>,
    /// Only requests about this object.
    #[serde(default)]
    pub object: O,
    /// The answer that they get.
    #[serde(deserialize_with = "wire_or_own")]
    pub answer: A,
}

/// The kinds of requests that a service has.
pub trait RequestKind: Copy + PartialEq {
    /// Every request.
    const ANY: Self;
}

impl<K: RequestKind, A, O> Fault<K, A, O> {
    /// Returns whether requests of a kind match.
    pub(crate) fn is_on(&self, kind: Option<K>) -> bool {
        self.on == K::ANY || Some(self.on) == kind
    }
}
