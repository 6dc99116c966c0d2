//! The options of a simulator.

use super::fault::Fault;
use super::grant::Grant;
use super::quota::Quota;
use super::soql::instant::instant;
use super::Record;
use crate::clock::Clock;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The org to simulate.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Records by the name of their object, with API field names as keys. A record without an `Id` gets one.
    pub records: BTreeMap<String, Vec<Record>>,
    /// The fields of each object. If given, only these and `Id` exist; otherwise an unknown field reads as null.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The required fields of each object, in addition to those that Salesforce always requires.
    pub required: BTreeMap<String, Vec<String>>,
    /// The fields of each object by which records can be upserted. If given, only these; otherwise any field of the
    /// object.
    pub external_ids: BTreeMap<String, Vec<String>>,
    /// The fields of each object whose values are unique.
    pub unique: BTreeMap<String, Vec<String>>,
    /// The values of picklists, by object and field.
    pub picklists: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// The number of records per page. As in a real org, the server decides it.
    pub page_size: usize,
    /// The sizes of consecutive pages of a query, instead of `page_size`. Each request takes the next one, and starts
    /// again after the last.
    pub page_sizes: Vec<usize>,
    /// The prefix of page locators.
    pub locator_prefix: String,
    /// The maximum number of rows of a query. A larger one is refused because it runs too long; aggregates never are.
    pub query_timeout_rows: Option<usize>,
    /// The number of reads of a job's status that find it unfinished.
    pub bulk_polls: u32,
    /// The minimum duration of a job, in real milliseconds.
    pub bulk_ms: u64,
    /// The number of rows per page of a query job's results, unless the client asks for another number.
    pub bulk_page_size: usize,
    /// The format of the list of a query job's result pages.
    pub bulk_result_pages: ResultPages,
    /// True if something between the client and the org removes the `Sforce-…` headers from responses.
    pub strip_headers: bool,
    /// Whether the signed-in user has the permission to view all data, as reported by the org. To simulate records that
    /// are hidden from a user without it, omit them.
    pub view_all_data: ViewAllData,
    /// The seed of everything that looks random.
    pub seed: u64,
    /// The time at which the clock starts, such as `2026-11-28T00:00:00Z`; `None` for the present.
    pub clock: Option<String>,
    /// The number of simulated seconds per real second, for record stamps, `Date` headers, the log and the days of the
    /// quota.
    pub clock_speed: f64,
    /// True to return the rows of a query without `ORDER BY` in an order that depends on the seed.
    pub shuffle: bool,
    /// True to compress responses with gzip for clients that accept it.
    pub gzip: bool,
    /// The delay of every response, in real milliseconds.
    pub latency_ms: u64,
    /// The only accepted client id; `None` accepts any.
    pub client_id: Option<String>,
    /// The only accepted client secret; `None` accepts any.
    pub client_secret: Option<String>,
    /// The accepted grants; empty for all of them.
    pub grants: Vec<Grant>,
    /// True if this is the org's own host. The common login hosts refuse client credentials.
    pub my_domain: bool,
    /// The `instance_url` in the response to a login, such as that of a relay in front; `None` for the simulator's own
    /// URL.
    pub instance_url: Option<String>,
    /// The only accepted user name, in a password login and in an assertion; `None` accepts any.
    pub username: Option<String>,
    /// The only accepted password, including the security token; `None` accepts any.
    pub password: Option<String>,
    /// The RSA public key, in PEM format, that verifies assertions; `None` to verify no signature.
    pub jwt_public_key: Option<String>,
    /// The only accepted refresh token; `None` accepts any.
    pub refresh_token: Option<String>,
    /// True to replace each refresh token that is used. The reuse of a replaced one ends all sessions.
    pub rotate_refresh_tokens: bool,
    /// The number of logins after which all further ones are refused because of their rate.
    pub login_limit: Option<u64>,
    /// The API calls of a day.
    pub quota: Quota,
    /// The planned faults.
    pub faults: Vec<Fault>,
}

/// The formats of a `resultPages` response. It is not known for certain which of them an org uses.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ResultPages {
    /// The names in the table of Salesforce's reference: `resultPages`, `resultUrl`, `nextRecordUrl`.
    Table,
    /// The name in the example of the reference: `nextRecordsUrl`.
    Example,
    /// The format that live orgs are reported to use: `resultChunks`, `resultLink`, `nextRecordsUrl` (null at the end),
    /// and URLs without the part up to the version.
    Chunks,
    /// None of these formats.
    Other,
}

/// The possible results of a query for the permission "View All Data".
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ViewAllData {
    /// The permission is granted.
    #[default]
    Granted,
    /// The permission is not granted.
    Withheld,
    /// The query is refused, because the org has no `UserPermissionAccess`.
    Unreadable,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            records: BTreeMap::new(),
            fields: BTreeMap::new(),
            required: BTreeMap::new(),
            external_ids: BTreeMap::new(),
            unique: BTreeMap::new(),
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
            clock: None,
            clock_speed: 1.0,
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

impl Options {
    /// Returns the rule that an invalid option breaks, if any.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let checks = [
            (self.page_size > 0, "page_size must be at least 1"),
            (!self.page_sizes.contains(&0), "page_sizes must be at least 1"),
            (self.bulk_page_size > 0, "bulk_page_size must be at least 1"),
            (
                self.clock.is_none() || self.beginning().is_some(),
                "clock must be a time after 1970, as 2026-11-28T00:00:00Z",
            ),
            (self.clock_speed.is_finite() && self.clock_speed > 0.0, "clock_speed must be a number above 0"),
        ];
        checks.into_iter().find(|(right, _)| !right).map(|(_, wanted)| wanted)
    }

    pub(crate) fn clock(&self) -> Clock {
        match self.beginning() {
            Some(epoch) => Clock::from(epoch, self.clock_speed),
            None => Clock::new(self.clock_speed),
        }
    }

    fn beginning(&self) -> Option<Duration> {
        let millis = instant(self.clock.as_deref()?)?;
        u64::try_from(millis).ok().map(Duration::from_millis)
    }
}
