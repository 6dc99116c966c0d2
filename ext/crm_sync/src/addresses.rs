//! Addresses and keys from Ruby, and the forms in which they are compared.

use crm_sync::contacts::{normalize, AddressLists, Form, KeyName};
use crm_sync::Error as CoreError;
use magnus::encoding::{Coderange, EncodingCapable};
use magnus::value::ReprValue;
use magnus::{function, Error, Integer, Object, RArray, RHash, RModule, RString, Ruby, Value};

use crate::errors;
use crate::gvl::with_bytes;
use crate::source::KINDS;

/// Appends a list of addresses.
pub(crate) fn push_list(ruby: &Ruby, lists: &mut AddressLists, list: Value) -> Result<(), Error> {
    each_address(ruby, list, |address| lists.push(address))?;
    lists.end_list();
    Ok(())
}

/// Gives `read` each address of a list in UTF-8, or what claims to be. A list is an address, nil for none, or an Array,
/// in which Arrays are made flat. `read` must not call Ruby.
pub(crate) fn each_address(ruby: &Ruby, list: Value, mut read: impl FnMut(&[u8])) -> Result<(), Error> {
    let mut one = |address| with_utf8(ruby, address, &mut read).map(|_| ());
    let Some(list) = RArray::from_value(list) else { return one(list) };
    // Asked for one by one, because an `encode` of the host's may change the Array; what is gone then is nil.
    for place in 0..list.len() {
        let address: Value = list.entry(place as isize)?;
        match RArray::from_value(address) {
            Some(nested) => nested.funcall::<_, _, RArray>("flatten", ())?.into_iter().try_for_each(&mut one)?,
            None => one(address)?,
        }
    }
    Ok(())
}

/// Gives `read` what tells a key from others, in the way of a Hash. `ordinals` gives a number to each key that is neither
/// String nor Integer. `read` must not call Ruby.
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

/// Gives `read` an address in UTF-8, or what claims to be; nothing of one that cannot be had so, and of nil. `read` must
/// not call Ruby.
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

/// Returns the form in which a value of a key of this kind is compared; nil for what is none.
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
