//! Zendesk's Support API, as far as the organization sync needs it: reading organizations, and writing them.
//!
//! This module decides nothing. It returns the outcome of a write item by item, and reports an outcome that is not
//! known as unknown.

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
