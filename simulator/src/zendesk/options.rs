//! The options of a simulator's start.

use super::fault::Fault;
use super::Record;
use serde::Deserialize;

/// The account to simulate. Seconds are simulated ones, except where real ones are named.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Organizations as the API writes them. A field that one does not name gets the value of a new organization; one
    /// that it names is kept as it is, whether the API would have taken it or not.
    pub organizations: Vec<Record>,
    /// The custom fields. Any other key is unknown.
    pub organization_fields: Vec<OrganizationField>,
    /// The most organizations on a page, from 1 to 100, however many a request wants.
    pub page_size: usize,
    /// Drives everything that looks random.
    pub seed: u64,
    /// Simulated seconds per real second.
    pub clock_speed: f64,
    /// The time that a job takes; it is queued for the first fifth.
    pub job_seconds: f64,
    /// The most jobs that are queued or working.
    pub job_limit: usize,
    /// The HTTP status of the refusal of more jobs, which nobody has seen.
    pub too_many_jobs_status: u16,
    /// The time for which the status of a job can be read after its end.
    pub job_status_seconds: f64,
    /// The number of jobs, counted from the newest, whose status can be read.
    pub job_statuses_kept: usize,
    /// The time for which a new organization's name and external id are not seen by the check for duplicates.
    pub uniqueness_delay: f64,
    /// The time for which a new organization is not found by its name or external id: the index of the search lags.
    pub search_delay: f64,
    /// Squeezes blanks in names and texts that are written: outer ones go, runs of inner ones become one.
    pub squeezes_blanks: bool,
    /// Attributes and keys of custom fields that a trigger puts back: a write to them is a success and changes nothing.
    pub puts_back: Vec<String>,
    /// A text that spoils the whole request of a bulk update in which it stands, or the whole job.
    pub poison: Option<Poison>,
    /// The most bytes that the request of a job may have; more are a 413 of the gateway.
    pub max_job_bytes: Option<usize>,
    /// Requests per minute.
    pub per_minute: u64,
    /// The names that the headers of the rate limits have.
    pub rate_headers: RateHeaders,
    /// The life of every token, whatever the client asks for; 0 is no end. None means what it asks for, or else 1,800.
    pub token_seconds: Option<u64>,
    /// The only client id that is accepted; none accepts any.
    pub client_id: Option<String>,
    /// The only client secret that is accepted; none accepts any.
    pub client_secret: Option<String>,
    /// The only e-mail address that is accepted; none accepts any.
    pub email: Option<String>,
    /// The only API token that is accepted; none accepts any.
    pub api_token: Option<String>,
    /// Answers with gzip where the client allows it.
    pub gzip: bool,
    /// The real time before every answer.
    pub latency_ms: u64,
    /// The faults that shall happen.
    pub faults: Vec<Fault>,
}

/// A row that takes its whole job along.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poison {
    /// The text in the row.
    pub text: String,
    /// The status with which the request is refused; none: the job is accepted, and fails as a whole, without results.
    #[serde(default)]
    pub status: Option<u16>,
    /// The message of the job that failed, or of the refusal.
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
    /// The title; none means the key.
    #[serde(default)]
    pub title: Option<String>,
    /// The tag of an organization whose checkbox is set.
    #[serde(default)]
    pub tag: Option<String>,
    /// The options of a drop-down or a multi-select.
    #[serde(default)]
    pub custom_field_options: Vec<FieldOption>,
    /// The pattern of the values of a `regexp` field.
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
    /// A line of text.
    #[default]
    Text,
    /// Lines of text.
    Textarea,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// true or false.
    Checkbox,
    /// A day.
    Date,
    /// One of the options; ticket fields call it `tagger`.
    #[serde(alias = "tagger")]
    Dropdown,
    /// Some of the options.
    Multiselect,
    /// A text that a regular expression describes.
    Regexp,
}

/// An option of a drop-down: in short the value alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum FieldOption {
    /// The value, which is the name too.
    Value(String),
    /// Both.
    Named {
        /// The name that people see.
        name: String,
        /// The value that the API reads and writes, and the tag of the organization.
        value: String,
    },
}

/// The names of the rate limits' headers, by the year in which they were seen.
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
    /// Returns the option that makes no sense, and what would.
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
