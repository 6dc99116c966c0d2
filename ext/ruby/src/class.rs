//! Defines the classes of the values that this library passes to Ruby.

use magnus::{Error, Module, RClass, RModule, Ruby, TypedData};

use crate::gvl::check_interrupts;

/// Defines the class of a wrapped type, and makes magnus look it up at once. Otherwise, magnus looks it up when the
/// type is first used, by a call of Ruby in which a signal, a `Timeout` or `Thread#raise` would become a panic, and so
/// a `fatal`.
pub fn define<T: TypedData>(ruby: &Ruby, native: RModule, name: &str) -> Result<RClass, Error> {
    let class = native.define_class(name, ruby.class_object())?;
    // Raises a pending interrupt here, where it is an error like any other.
    check_interrupts()?;
    T::class(ruby);
    Ok(class)
}
