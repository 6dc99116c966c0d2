//! The Ruby binding. Everything below `CrmSync::Native` is private: `lib/` wraps it in documented Ruby.
//!
//! See `README.md` of the crate `crm_sync_ruby` for how a blocking call, Ruby's interrupts and the core's threads go
//! together.
#![allow(missing_docs, reason = "nothing is public but the entry point, which magnus generates")]

mod address_index;
mod addresses;
mod contact_budgets;
mod contact_changes;
mod contact_decision;
mod contact_phase;
mod contact_session;
mod diff;
mod digest;
mod id;
mod organizations;
mod query;
mod refusals;
mod rows;
mod rules;
mod salesforce;
mod salesforce_writing;
mod snapshot;
mod source;
mod structs;
mod zendesk;
mod zendesk_query;
mod zendesk_writing;

use crm_sync_ruby::{class, convert, errors, gvl, host, job, options, process, under_way};
use magnus::{Error, Module, Ruby};

#[magnus::init]
fn init(ruby: &Ruby) -> Result<(), Error> {
    let native = ruby.define_module("CrmSync")?.define_module("Native")?;
    errors::init(ruby)?;
    structs::init(ruby, native)?;
    addresses::init(native)?;
    id::init(native)?;
    address_index::init(ruby, native)?;
    diff::init(ruby, native)?;
    digest::init(ruby, native)?;
    job::init(native)?;
    salesforce::init(ruby, native)?;
    refusals::init(native)?;
    query::init(ruby, native)?;
    snapshot::init(ruby, native)?;
    contact_budgets::init(native)?;
    contact_changes::init(ruby, native)?;
    contact_session::init(ruby, native)?;
    zendesk::init(ruby, native)?;
    zendesk_query::init(ruby, native)?;
    zendesk_writing::init(ruby, native)?;
    organizations::init(ruby, native)
}
