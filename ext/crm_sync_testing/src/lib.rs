//! The simulators of both services for `CrmSync::Testing`. They are in a library of their own, so that no production
//! process contains them. Arguments and results are passed as JSON, which keeps this code for tests simple.
#![allow(missing_docs, reason = "nothing is public but the entry point, which magnus generates")]

mod salesforce;
mod started;
mod zendesk;

use magnus::{Error, Module, Ruby};

#[magnus::init]
fn init(ruby: &Ruby) -> Result<(), Error> {
    let native = ruby.define_module("CrmSync")?.define_module("Testing")?.define_module("Native")?;
    salesforce::init(ruby, native)?;
    zendesk::init(ruby, native)
}
