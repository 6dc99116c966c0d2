//! What a caller can say at the start.

use super::fault::Fault;
use super::Record;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The org to simulate.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Records by the name of their object; their keys are API field names. One without an `Id` gets one.
    pub records: BTreeMap<String, Vec<Record>>,
    /// The fields of an object. When given, only these and `Id` exist; otherwise an unknown field reads as null.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Records per page: the server's choice, as in the real thing.
    pub page_size: usize,
    /// Drives everything that looks random.
    pub seed: u64,
    /// Gives the rows of a query without ORDER BY in an order that depends on the seed.
    pub shuffle: bool,
    /// Answers with gzip where the client allows it.
    pub gzip: bool,
    /// The time before every answer.
    pub latency_ms: u64,
    /// When given, another client id is refused.
    pub client_id: Option<String>,
    /// When given, another client secret is refused.
    pub client_secret: Option<String>,
    /// What shall go wrong.
    pub faults: Vec<Fault>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            records: BTreeMap::new(),
            fields: BTreeMap::new(),
            page_size: 2000,
            seed: 0,
            shuffle: false,
            gzip: true,
            latency_ms: 0,
            client_id: None,
            client_secret: None,
            faults: Vec::new(),
        }
    }
}
