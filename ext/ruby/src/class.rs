//! The classes of what this library hands to Ruby.

use magnus::{Error, Module, RClass, RModule, Ruby, TypedData};

use crate::gvl::check_interrupts;

/// Defines the class of a wrapped type, and looks it up for magnus at once. Left to itself, magnus does that at the type's
/// first use, by a call of Ruby in which a signal, a `Timeout` or `Thread#raise` would become a panic, and so a `fatal`.
pub fn define<T: TypedData>(ruby: &Ruby, native: RModule, name: &str) -> Result<RClass, Error> {
    let class = native.define_class(name, ruby.class_object())?;
    // Raises here what is waiting already: here it is an error like any other.
    check_interrupts()?;
    T::class(ruby);
    Ok(class)
}
