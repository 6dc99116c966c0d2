//! Addresses and keys from Ruby, and their normalized forms.

use crm_sync::contacts::{normalize, AddressLists, Form, KeyName};
use crm_sync::Error as CoreError;
use magnus::encoding::{Coderange, EncodingCapable};
use magnus::value::ReprValue;
use magnus::{function, Error, Integer, Object, RArray, RHash, RModule, RString, Ruby, Value};

use crate::errors;
use crate::gvl::with_bytes;
use crate::source::KINDS;

/// Appends a list of addresses to `lists`.
pub(crate) fn push_list(ruby: &Ruby, lists: &mut AddressLists, list: Value) -> Result<(), Error> {
    each_address(ruby, list, |address| lists.push(address))?;
    lists.end_list();
    Ok(())
}

/// Calls `read` with each address of a list. The bytes are UTF-8, or at least marked as UTF-8 in Ruby. A list is an
/// address, nil for none, or an Array, whose nested Arrays are flattened. `read` must not call Ruby.
pub(crate) fn each_address(ruby: &Ruby, list: Value, mut read: impl FnMut(&[u8])) -> Result<(), Error> {
    let mut one = |address| with_utf8(ruby, address, &mut read).map(|_| ());
    let Some(list) = RArray::from_value(list) else { return one(list) };
    // Reads the elements one by one, because the host's `encode` may change the Array; a removed element reads as nil.
    for place in 0..list.len() {
        let address: Value = list.entry(place as isize)?;
        match RArray::from_value(address) {
            Some(nested) => nested.funcall::<_, _, RArray>("flatten", ())?.into_iter().try_for_each(&mut one)?,
            None => one(address)?,
        }
    }
    Ok(())
}

/// Calls `read` with the name of a key, which tells keys apart as a Hash does. `ordinals` returns a number for each key
/// that is neither a String of UTF-8 or ASCII nor an Integer of 64 bits. `read` must not call Ruby.
pub(crate) fn with_key<T>(
    ruby: &Ruby,
    ordinals: RHash,
    key: Value,
    read: impl FnOnce(KeyName<'_>) -> T,
) -> Result<T, Error> {
    if let Some(text) = RString::from_value(key).filter(|text| text.is_empty() || is_utf8(ruby, *text)) {
        return Ok(with_bytes(&text, |bytes| read(KeyName::Text(bytes))));
    }
    if let Some(number) = Integer::from_value(key).and_then(|number| number.to_i64().ok()) {
        return Ok(read(KeyName::Integer(number)));
    }
    ordinals.aref(key).map(|number| read(KeyName::Ordinal(number)))
}

/// Calls `read` with an address. The bytes are UTF-8, or at least marked as UTF-8 in Ruby. Does not call `read` for
/// nil, nor for a String that cannot be encoded as UTF-8. `read` must not call Ruby.
fn with_utf8<T>(ruby: &Ruby, address: Value, read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>, Error> {
    let Some(text) = RString::from_value(address) else {
        return match address.is_nil() {
            true => Ok(None),
            false => Err(not_an_address(ruby, address)),
        };
    };
    if is_utf8(ruby, text) {
        return Ok(Some(with_bytes(&text, read)));
    }
    match text.funcall::<_, _, RString>("encode", ("UTF-8",)) {
        Ok(text) => Ok(Some(with_bytes(&text, read))),
        Err(error) if error.is_kind_of(ruby.exception_encoding_error()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_utf8(ruby: &Ruby, text: RString) -> bool {
    text.enc_get() == ruby.utf8_encindex() || text.enc_coderange_scan() == Coderange::SevenBit
}

fn not_an_address(ruby: &Ruby, value: Value) -> Error {
    Error::new(ruby.exception_type_error(), format!("an address must be a String, not {}", value.class()))
}

fn normalize_address(ruby: &Ruby, address: Value) -> Result<Option<String>, Error> {
    let normalized =
        |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(normalize).map(std::borrow::Cow::into_owned);
    with_utf8(ruby, address, normalized).map(Option::flatten)
}

/// Returns the normalized form of a value of a key of this kind; nil if the value is blank or malformed.
fn normalize_value(ruby: &Ruby, kind: String, value: Value) -> Result<Option<String>, Error> {
    let unknown = || errors::raise(ruby, CoreError::Internal(format!("there is no kind of keys {kind}")));
    let kind = KINDS.iter().find(|(name, _)| *name == kind).ok_or_else(unknown)?.1;
    let normalized = |bytes: &[u8]| match kind.form(std::str::from_utf8(bytes).ok()?) {
        Form::Value(value) => Some(value.into_owned()),
        Form::Blank | Form::Malformed => None,
    };
    with_utf8(ruby, value, normalized).map(Option::flatten)
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("normalize_address", function!(normalize_address, 1))?;
    native.define_singleton_method("normalize_value", function!(normalize_value, 2))
}
