//! Zendesk's Support API, as far as the organization sync needs it: reading organizations, and writing them.
//!
//! Decides nothing. The outcome of a write comes back item by item, and one that is not known is said to be unknown.

mod account;
mod answer;
mod client;
mod clock;
mod create;
mod credentials;
mod fields;
mod job;
mod jobs;
mod lenient;
mod login;
mod lookup;
mod organizations;
mod outcome;
mod pages;
mod queue;
mod rate;
mod results;
mod session;
mod warning;
mod write;

pub use account::{Account, Budget, Settings};
pub use client::Client;
pub use create::{create, Created};
pub use credentials::Credentials;
pub use fields::{organization_fields, FieldOption, FieldType, OrganizationField};
pub use job::{job, Job, JobStatus};
pub use organizations::{organizations, show_many, Batches, Consumer, Page};
pub use outcome::{Attributes, Changes, Finished, Outcome, Progress, Reason, Refusal, RowUpdate, Stage, Written};
pub use write::{update_many, write};
