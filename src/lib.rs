//! The core of crm_sync: reads Salesforce, matches contacts to users, and decides what has to change.
//!
//! Everything stands on [`rows`]. [`salesforce`] and [`zendesk`] (over [`http`]) bring rows and write some; [`contacts`] and
//! [`organizations`] (over [`compare`] and [`decision`]) decide and do no more. Only [`reading`] knows both sides: it fills
//! the tables that are decided on. This crate knows no Ruby; the binding in `ext/crm_sync` knows no HTTP and no rules.
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
pub mod redact;
pub mod rows;
pub mod salesforce;
mod unkept;
pub mod zendesk;

pub use error::{Error, RemoteError, Result};
