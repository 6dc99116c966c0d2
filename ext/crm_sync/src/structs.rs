//! The Structs of `lib/crm_sync/native/structs.rb`, in which Ruby hears what happened: their members have the same names on
//! both sides.

use std::sync::OnceLock;

use magnus::value::Opaque;
use magnus::{Class, Error, KwArgs, Module, RClass, RModule, Ruby, Value};

/// Items of a run of writes that a job has.
pub(crate) static ACCEPTED: Struct = Struct::new("Accepted");
/// An item of a run of writes that has come to its end.
pub(crate) static FINISHED: Struct = Struct::new("Finished");
/// A value that stands in an organization after a write.
pub(crate) static STORED: Struct = Struct::new("Stored");
/// A field of an object of Salesforce's.
pub(crate) static DESCRIBED: Struct = Struct::new("Described");
/// The end of a row that was written to Salesforce.
pub(crate) static WRITTEN: Struct = Struct::new("Written");

/// A Struct, looked up when the library is loaded: nothing of Ruby's has to be asked for it later.
pub(crate) struct Struct {
    name: &'static str,
    class: OnceLock<Opaque<RClass>>,
}

impl Struct {
    const fn new(name: &'static str) -> Self {
        Self { name, class: OnceLock::new() }
    }

    /// Makes one of these. An error names the member that the Struct does not have.
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
        // A library is loaded once.
        let _ = form.class.set(class.into());
    }
    Ok(())
}
