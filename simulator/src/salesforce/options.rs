//! What a caller can say at the start.

use super::fault::Fault;
use super::grant::Grant;
use super::quota::Quota;
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
    /// Fields by object without which no record is created, besides those that Salesforce always asks for.
    pub required: BTreeMap<String, Vec<String>>,
    /// The values of pick lists, by object and field.
    pub picklists: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Records per page: the server's choice, as in the real thing.
    pub page_size: usize,
    /// When given, the sizes of the pages of a query instead: each request for one takes the next, from the start again
    /// after the last.
    pub page_sizes: Vec<usize>,
    /// How the locators of pages begin.
    pub locator_prefix: String,
    /// When given, a query of more rows is refused because it runs too long. Aggregates never are.
    pub query_timeout_rows: Option<usize>,
    /// How many reads of the status of a query job find it unfinished.
    pub bulk_polls: u32,
    /// The time before which a query job is not complete.
    pub bulk_ms: u64,
    /// Rows per page of the results of a query job, where the client asks for no number.
    pub bulk_page_size: usize,
    /// In which form the addresses of the results of a query job come.
    pub bulk_result_pages: ResultPages,
    /// Whether something between the client and the org takes the `Sforce-…` headers out of each answer.
    pub strip_headers: bool,
    /// What the org says of the permission of whoever signs in to see all records. What is hidden from somebody who may
    /// not is what there is no record of.
    pub view_all_data: ViewAllData,
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
    /// The ways to sign in; none given means all.
    pub grants: Vec<Grant>,
    /// Whether this is the org's own host. The common login hosts refuse client credentials.
    pub my_domain: bool,
    /// The `instance_url` that a login tells, such as that of a relay in front; otherwise the simulator's own.
    pub instance_url: Option<String>,
    /// When given, another user name is refused, in a password login as in an assertion.
    pub username: Option<String>,
    /// When given, another password is refused. A security token is a part of it.
    pub password: Option<String>,
    /// The RSA key in PEM that has to have signed an assertion; without it no signature is verified.
    pub jwt_public_key: Option<String>,
    /// When given, another refresh token is refused.
    pub refresh_token: Option<String>,
    /// Gives a new refresh token for each that is used; one that comes again ends everything.
    pub rotate_refresh_tokens: bool,
    /// How many logins succeed before the rate is exceeded, for good.
    pub login_limit: Option<u64>,
    /// The calls of a day.
    pub quota: Quota,
    /// What shall go wrong.
    pub faults: Vec<Fault>,
}

/// The forms of an answer of `resultPages`. Nobody knows for certain which of them an org gives.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ResultPages {
    /// As in the table of Salesforce's reference: `resultPages`, `resultUrl`, `nextRecordUrl`.
    Table,
    /// As in its example: `nextRecordsUrl`.
    Example,
    /// As live orgs are reported to answer: `resultChunks`, `resultLink`, `nextRecordsUrl`, which is null at the end, and
    /// addresses that begin below the version.
    Chunks,
    /// Of none of these forms.
    Other,
}

/// The answers to the question whether whoever asks has the permission "View All Data".
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ViewAllData {
    /// It is granted.
    #[default]
    Granted,
    /// It is not.
    Withheld,
    /// Nobody can ask: the org has no `UserPermissionAccess`.
    Unreadable,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            records: BTreeMap::new(),
            fields: BTreeMap::new(),
            required: BTreeMap::new(),
            picklists: BTreeMap::new(),
            page_size: 2000,
            page_sizes: Vec::new(),
            locator_prefix: "0r8".into(),
            query_timeout_rows: None,
            bulk_polls: 2,
            bulk_ms: 0,
            bulk_page_size: 50_000,
            bulk_result_pages: ResultPages::Table,
            strip_headers: false,
            view_all_data: ViewAllData::default(),
            seed: 0,
            shuffle: false,
            gzip: true,
            latency_ms: 0,
            client_id: None,
            client_secret: None,
            grants: Vec::new(),
            my_domain: true,
            instance_url: None,
            username: None,
            password: None,
            jwt_public_key: None,
            refresh_token: None,
            rotate_refresh_tokens: false,
            login_limit: None,
            quota: Quota::default(),
            faults: Vec::new(),
        }
    }
}
