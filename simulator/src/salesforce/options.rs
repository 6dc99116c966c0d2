//! The options of a simulator's start.

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
    /// Records by the name of their object; their keys are API field names. One without an `Id` gets one.
    pub records: BTreeMap<String, Vec<Record>>,
    /// The fields of an object. When given, only these and `Id` exist; otherwise an unknown field reads as null.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Fields by object without which no record is created, besides those that Salesforce always asks for.
    pub required: BTreeMap<String, Vec<String>>,
    /// The fields of an object by which records can be upserted. When given, only these; otherwise any field that it has.
    pub external_ids: BTreeMap<String, Vec<String>>,
    /// The fields of an object of which no two records have the same value.
    pub unique: BTreeMap<String, Vec<String>>,
    /// The values of pick lists, by object and field.
    pub picklists: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Records per page: the server's choice, as in the real thing.
    pub page_size: usize,
    /// The sizes of the pages of a query, where given, instead: each request for one takes the next, from the start
    /// again after the last.
    pub page_sizes: Vec<usize>,
    /// The beginning of the locators of pages.
    pub locator_prefix: String,
    /// The greatest number of rows of a query; one of more is refused because it runs too long. Aggregates never are.
    pub query_timeout_rows: Option<usize>,
    /// The number of reads of the status of a job that find it unfinished.
    pub bulk_polls: u32,
    /// The real time before which a job is not complete.
    pub bulk_ms: u64,
    /// Rows per page of the results of a query job, where the client asks for no number.
    pub bulk_page_size: usize,
    /// The form of the addresses of the results of a query job.
    pub bulk_result_pages: ResultPages,
    /// True if something between the client and the org takes the `Sforce-…` headers out of each answer.
    pub strip_headers: bool,
    /// The permission to see all records, as the org tells it of whoever signs in. Records that are hidden from
    /// somebody who may not are simply not there.
    pub view_all_data: ViewAllData,
    /// Drives everything that looks random.
    pub seed: u64,
    /// The time at which the clock begins, such as `2026-11-28T00:00:00Z`; none means the present.
    pub clock: Option<String>,
    /// Simulated seconds per real second: stamps of records, `Date` headers, the log and the days of the quota go by them.
    pub clock_speed: f64,
    /// Gives the rows of a query without ORDER BY in an order that depends on the seed.
    pub shuffle: bool,
    /// Answers with gzip where the client allows it.
    pub gzip: bool,
    /// The time before every answer.
    pub latency_ms: u64,
    /// The only client id that is accepted; none accepts any.
    pub client_id: Option<String>,
    /// The only client secret that is accepted; none accepts any.
    pub client_secret: Option<String>,
    /// The ways to sign in; none given means all.
    pub grants: Vec<Grant>,
    /// True if this is the org's own host. The common login hosts refuse client credentials.
    pub my_domain: bool,
    /// The `instance_url` that a login tells, such as that of a relay in front; otherwise the simulator's own.
    pub instance_url: Option<String>,
    /// The only user name that is accepted, in a password login as in an assertion; none accepts any.
    pub username: Option<String>,
    /// The only password that is accepted, with the security token as a part of it; none accepts any.
    pub password: Option<String>,
    /// The RSA key in PEM that has to have signed an assertion; without it no signature is verified.
    pub jwt_public_key: Option<String>,
    /// The only refresh token that is accepted; none accepts any.
    pub refresh_token: Option<String>,
    /// Gives a new refresh token for each that is used; one that comes again ends everything.
    pub rotate_refresh_tokens: bool,
    /// The number of logins that succeed before the rate is exceeded, for good.
    pub login_limit: Option<u64>,
    /// The calls of a day.
    pub quota: Quota,
    /// The faults that shall happen.
    pub faults: Vec<Fault>,
}

/// The forms of an answer of `resultPages`. Nobody knows for certain which of them an org gives.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ResultPages {
    /// The names in the table of Salesforce's reference: `resultPages`, `resultUrl`, `nextRecordUrl`.
    Table,
    /// The name in its example: `nextRecordsUrl`.
    Example,
    /// The answers that live orgs are reported to give: `resultChunks`, `resultLink`, `nextRecordsUrl`, which is null
    /// at the end, and addresses that begin below the version.
    Chunks,
    /// None of these forms.
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
    /// Returns the option that makes no sense, and what would.
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
