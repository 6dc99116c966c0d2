//! The core of crm_sync: reads Salesforce and Zendesk, matches records, and decides what has to change.
//!
//! All modules build on [`rows`]. [`salesforce`] and [`zendesk`] (over [`http`]) read and write rows. [`contacts`] and
//! [`organizations`] (over [`compare`] and [`decision`]) decide, and do no I/O. Only [`reading`] uses both sides: it
//! fills the tables on which a decision is made. This crate knows nothing of Ruby; the binding in `ext/crm_sync` knows
//! nothing of HTTP and rules.
#![forbid(unsafe_code)]

pub mod compare;
pub mod contacts;
pub mod decision;
pub mod digest;
pub mod engine;
pub mod error;
pub mod events;
pub mod http;
pub mod organizations;
pub mod reading;
mod redact;
pub mod rows;
pub mod salesforce;
mod unkept;
pub mod zendesk;

pub use error::{Error, RemoteError, Result};
