//! The simulators of both services for `CrmSync::Testing`, in a library of their own: no process in production carries
//! them. What is given and what is got crosses as JSON: it is for tests, and stays simple.
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
