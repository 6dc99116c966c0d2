//! The core of crm_sync: reads Salesforce, matches contacts to users, and decides what has to change.
//!
//! Data walks one way: [`salesforce`] (over [`http`]) fills the tables of [`contacts`], whose decisions are pure;
//! [`zendesk`] reads organizations and writes them. This crate knows no Ruby; the binding in `ext/crm_sync` knows no
//! HTTP and no rules.
#![forbid(unsafe_code)]

pub mod columns;
pub mod contacts;
pub mod engine;
pub mod error;
pub mod events;
pub mod gather;
pub mod http;
pub mod incremental;
pub mod organizations;
pub mod redact;
pub mod salesforce;
pub mod zendesk;

pub use error::{Error, RemoteError, Result};
