//! Reading: what a service gives is put into the tables that a decision is made on.
//!
//! The only place that stands on both services and decisions.

pub mod contacts;
pub mod gathering;
pub mod incremental;
pub mod organizations;
