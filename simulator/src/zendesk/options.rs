//! The options of a simulator.

use super::fault::Fault;
use super::Record;
use serde::Deserialize;

/// The account to simulate. Seconds are simulated, unless described as real.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Organizations in the format of the API. An attribute that is omitted gets the value of a new organization; any
    /// other is kept as it is, even if the API would not accept it.
    pub organizations: Vec<Record>,
    /// The custom fields. All other keys are undefined.
    pub organization_fields: Vec<OrganizationField>,
    /// The maximum number of organizations on a page, from 1 to 100, whatever a request asks for.
    pub page_size: usize,
    /// The seed of everything that looks random.
    pub seed: u64,
    /// The number of simulated seconds per real second.
    pub clock_speed: f64,
    /// The duration of a job. It is queued for the first fifth.
    pub job_seconds: f64,
    /// The maximum number of jobs that are queued or working.
    pub job_limit: usize,
    /// The HTTP status for refusing a job. That of the real service has not been observed.
    pub too_many_jobs_status: u16,
    /// How long the status of a job can be read after its end.
    pub job_status_seconds: f64,
    /// The number of most recent jobs whose status can be read.
    pub job_statuses_kept: usize,
    /// How long the check for duplicates does not see the name and external id of a new organization.
    pub uniqueness_delay: f64,
    /// How long a new organization is not found by its name or external id, because the search index lags behind.
    pub search_delay: f64,
    /// True to normalize white space in written texts: trimmed at both ends, and each inner run reduced to one space.
    pub squeezes_blanks: bool,
    /// Attributes and keys of custom fields that a trigger restores: writing them succeeds and changes nothing.
    pub puts_back: Vec<String>,
    /// A text that spoils the whole request of a bulk job in which it occurs, or the whole job.
    pub poison: Option<Poison>,
    /// The maximum size of the request for a job, in bytes. A larger one gets a 413 from the gateway.
    pub max_job_bytes: Option<usize>,
    /// The number of requests allowed per minute.
    pub per_minute: u64,
    /// The names of the rate limit headers.
    pub rate_headers: RateHeaders,
    /// The lifetime of every token; 0 for no expiry. `None` for the lifetime that the client asks for, by default
    /// 1,800.
    pub token_seconds: Option<u64>,
    /// The only accepted client id; `None` accepts any.
    pub client_id: Option<String>,
    /// The only accepted client secret; `None` accepts any.
    pub client_secret: Option<String>,
    /// The only accepted e-mail address; `None` accepts any.
    pub email: Option<String>,
    /// The only accepted API token; `None` accepts any.
    pub api_token: Option<String>,
    /// True to compress responses with gzip for clients that accept it.
    pub gzip: bool,
    /// The delay of every response, in real milliseconds.
    pub latency_ms: u64,
    /// The planned faults.
    pub faults: Vec<Fault>,
}

/// A text that makes a whole job fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poison {
    /// The text to look for in the request.
    pub text: String,
    /// The status with which the request is refused; `None` to accept the job and let it fail as a whole, without
    /// results.
    #[serde(default)]
    pub status: Option<u16>,
    /// The message of the failed job, or of the refusal.
    #[serde(default = "fatal")]
    pub message: String,
}

/// The definition of a custom field.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationField {
    /// The key in `organization_fields`.
    pub key: String,
    /// The type.
    #[serde(default, rename = "type")]
    pub kind: FieldType,
    /// The title; `None` for the key.
    #[serde(default)]
    pub title: Option<String>,
    /// The tag of organizations whose checkbox is set.
    #[serde(default)]
    pub tag: Option<String>,
    /// The options of a drop-down or a multi-select.
    #[serde(default)]
    pub custom_field_options: Vec<FieldOption>,
    /// The pattern for values of a `regexp` field.
    #[serde(default)]
    pub regexp_for_validation: Option<String>,
    /// True if the field is in use.
    #[serde(default = "yes")]
    pub active: bool,
}

/// The types of custom fields.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A single line of text.
    #[default]
    Text,
    /// Several lines of text.
    Textarea,
    /// An integer.
    Integer,
    /// A decimal number.
    Decimal,
    /// A boolean.
    Checkbox,
    /// A date.
    Date,
    /// One of the options. Ticket fields call this type `tagger`.
    #[serde(alias = "tagger")]
    Dropdown,
    /// Any number of the options.
    Multiselect,
    /// A text that matches a regular expression.
    Regexp,
}

/// An option of a drop-down. Its value alone suffices.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum FieldOption {
    /// The value, which is also the name.
    Value(String),
    /// A name and a value.
    Named {
        /// The name that people see.
        name: String,
        /// The value that the API reads and writes, which is also the tag of the organization.
        value: String,
    },
}

/// The names of the rate limit headers, by the year in which they were observed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum RateHeaders {
    /// `rate-limit-remaining`, `zendesk-rate-limit-…`.
    #[serde(rename = "2023")]
    Of2023,
    /// `ratelimit-remaining`, `zendesk-ratelimit-…`.
    #[default]
    #[serde(rename = "2024")]
    Of2024,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            organizations: Vec::new(),
            organization_fields: Vec::new(),
            page_size: 100,
            seed: 0,
            clock_speed: 1.0,
            job_seconds: 5.0,
            job_limit: 30,
            too_many_jobs_status: 429,
            job_status_seconds: 3600.0,
            job_statuses_kept: 100,
            uniqueness_delay: 0.0,
            search_delay: 0.0,
            squeezes_blanks: false,
            puts_back: Vec::new(),
            poison: None,
            max_job_bytes: None,
            per_minute: 700,
            rate_headers: RateHeaders::default(),
            token_seconds: None,
            client_id: None,
            client_secret: None,
            email: None,
            api_token: None,
            gzip: true,
            latency_ms: 0,
            faults: Vec::new(),
        }
    }
}

impl Options {
    /// Returns the rule that an invalid option breaks, if any.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let time = |seconds: f64| seconds.is_finite() && seconds >= 0.0;
        let checks = [
            ((1..=100).contains(&self.page_size), "page_size must be from 1 to 100"),
            (time(self.clock_speed) && self.clock_speed > 0.0, "clock_speed must be a number above 0"),
            (time(self.job_seconds), "job_seconds must be a number, 0 or more"),
            (time(self.job_status_seconds), "job_status_seconds must be a number, 0 or more"),
            (time(self.uniqueness_delay), "uniqueness_delay must be a number, 0 or more"),
            (time(self.search_delay), "search_delay must be a number, 0 or more"),
            (self.per_minute > 0, "per_minute must be at least 1"),
        ];
        checks.into_iter().find(|(right, _)| !right).map(|(_, wanted)| wanted)
    }
}

impl FieldOption {
    pub(crate) fn name(&self) -> &str {
        match self {
            FieldOption::Value(value) => value,
            FieldOption::Named { name, .. } => name,
        }
    }

    pub(crate) fn value(&self) -> &str {
        match self {
            FieldOption::Value(value) | FieldOption::Named { value, .. } => value,
        }
    }
}

fn fatal() -> String {
    "The job could not be completed".into()
}

fn yes() -> bool {
    true
}
