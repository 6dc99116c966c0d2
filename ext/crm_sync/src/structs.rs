//! The Structs of `lib/crm_sync/native/structs.rb`, in which events and results are passed to Ruby. Their members have
//! the same names on both sides.

use std::sync::OnceLock;

use magnus::value::Opaque;
use magnus::{Class, Error, KwArgs, Module, RClass, RModule, Ruby, Value};

/// The items of a write run that a job has accepted.
pub(crate) static ACCEPTED: Struct = Struct::new("Accepted");
/// An item of a write run, with its outcome.
pub(crate) static FINISHED: Struct = Struct::new("Finished");
/// A value of an organization after a write.
pub(crate) static STORED: Struct = Struct::new("Stored");
/// A field of a Salesforce object.
pub(crate) static DESCRIBED: Struct = Struct::new("Described");
/// The outcome of a row that was written to Salesforce.
pub(crate) static WRITTEN: Struct = Struct::new("Written");

/// A Struct class. It is looked up when the library is loaded, so that Ruby need not be asked for it later.
pub(crate) struct Struct {
    name: &'static str,
    class: OnceLock<Opaque<RClass>>,
}

impl Struct {
    const fn new(name: &'static str) -> Self {
        Self { name, class: OnceLock::new() }
    }

    /// Creates an instance.
    ///
    /// # Errors
    /// If the Struct does not have one of the members. The message names the member.
    pub(crate) fn make<const N: usize>(&self, ruby: &Ruby, members: [(&str, Value); N]) -> Result<Value, Error> {
        let hash = ruby.hash_new();
        for (name, value) in members {
            hash.aset(ruby.to_symbol(name), value)?;
        }
        let unloaded = || Error::new(ruby.exception_runtime_error(), "the library is not loaded");
        let class = ruby.get_inner(*self.class.get().ok_or_else(unloaded)?);
        class.new_instance((KwArgs(hash),))
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    for form in [&ACCEPTED, &DESCRIBED, &FINISHED, &STORED, &WRITTEN] {
        let class: RClass = native.const_get(form.name)?;
        ruby.gc_register_mark_object(class);
        // Never set before, because a library is loaded once.
        let _ = form.class.set(class.into());
    }
    Ok(())
}
