//! Reading: fetches rows from the services and puts them into the tables for a decision.
//!
//! This is the only module that uses both services and decisions.

pub mod contacts;
pub mod gathering;
pub mod incremental;
pub mod organizations;
