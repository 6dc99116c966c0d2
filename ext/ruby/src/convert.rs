//! Converts Ruby values to Rust and back. All values are copied.

use std::collections::BTreeMap;
use std::ops::Range;

use crm_sync::contacts::Key;
use crm_sync::rows::Cell;
use magnus::value::{ReprValue, StaticSymbol};
use magnus::{Error, IntoValue, RArray, RHash, Ruby, TryConvert, Value};

use crate::gvl::{in_turns, PIECE};

/// A list from a Ruby Array. Magnus creates a `Vec` from the Array's own memory, which moves as soon as the `to_str`
/// of an element adds to the Array. This type reads a copy of the Array.
pub struct List<T>(pub Vec<T>);

impl<T: TryConvert> TryConvert for List<T> {
    fn try_convert(value: Value) -> Result<Self, Error> {
        RArray::try_convert(value)?.into_iter().map(T::try_convert).collect::<Result<_, _>>().map(Self)
    }
}

/// Returns the elements of an Array of the length `N`. Does not use magnus' tuples, for the same reason as [`List`].
/// The elements must stay on the stack, where Ruby finds them.
pub fn elements<const N: usize>(value: Value) -> Result<[Value; N], Error> {
    let array = RArray::try_convert(value)?;
    if array.len() != N {
        let wrong = Ruby::get_with(value).exception_type_error();
        return Err(Error::new(wrong, format!("expected Array of length {N}")));
    }
    let mut elements = [Ruby::get_with(value).qnil().as_value(); N];
    for (place, element) in (0..).zip(&mut elements) {
        *element = array.entry(place)?;
    }
    Ok(elements)
}

/// Converts a user's key from Ruby.
pub fn key(value: Value) -> Result<Key, Error> {
    match i64::try_convert(value) {
        Ok(number) => Ok(Key::Integer(number)),
        Err(_) => String::try_convert(value).map(Key::Text),
    }
}

/// Converts a user's key to Ruby.
pub fn key_value(ruby: &Ruby, key: &Key) -> Value {
    match key {
        Key::Integer(number) => number.into_value_with(ruby),
        Key::Text(text) => text.as_str().into_value_with(ruby),
    }
}

/// Returns a name of this library or of a declaration as a Symbol. The Symbol is never freed, so that using it many
/// times allocates nothing.
pub fn symbol(ruby: &Ruby, name: &str) -> Value {
    StaticSymbol::from(ruby.intern(name)).as_value()
}

/// Converts a cell to nil, true, false, an Integer, a Float or a String. An unknown cell becomes `:unknown`.
pub fn cell_value(ruby: &Ruby, cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Null => ruby.qnil().as_value(),
        Cell::Unknown => symbol(ruby, "unknown"),
        Cell::Bool(value) => value.into_value_with(ruby),
        Cell::Text(text) => text.as_ref().into_value_with(ruby),
        Cell::Number(text) => match (text.parse::<i64>(), text.parse::<u64>()) {
            (Ok(number), _) => number.into_value_with(ruby),
            (_, Ok(number)) => number.into_value_with(ruby),
            _ => text.parse::<f64>().ok().into_value_with(ruby),
        },
    }
}

/// Converts a book of the ledger to a Hash.
pub fn book_value(
    ruby: &Ruby,
    rows: usize,
    buckets: &BTreeMap<&'static str, usize>,
    notes: &BTreeMap<&'static str, usize>,
) -> Result<RHash, Error> {
    let counts = |counts: &BTreeMap<&'static str, usize>| {
        let hash = ruby.hash_new();
        for (name, count) in counts {
            hash.aset(ruby.to_symbol(*name), *count)?;
        }
        Ok::<_, Error>(hash)
    };
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("rows"), rows)?;
    hash.aset(ruby.to_symbol("buckets"), counts(buckets)?)?;
    hash.aset(ruby.to_symbol("notes"), counts(notes)?)?;
    Ok(hash)
}

/// Returns an Array with one Ruby value for each item.
pub fn array<T>(
    ruby: &Ruby,
    items: impl IntoIterator<Item = T>,
    value: impl Fn(T) -> Result<Value, Error>,
) -> Result<RArray, Error> {
    let array = ruby.ary_new();
    for item in items {
        array.push(value(item)?)?;
    }
    Ok(array)
}

/// Returns an Array with one Ruby value for each number below `count`, which may be very large.
pub fn long_array(
    ruby: &Ruby,
    count: usize,
    mut value: impl FnMut(usize) -> Result<Value, Error>,
) -> Result<RArray, Error> {
    let array = ruby.ary_new_capa(count);
    in_turns(count, |numbers| append(ruby, array, numbers, &mut value))?;
    Ok(array)
}

/// Appends a Ruby value for each of the numbers. The values are collected on the stack, where Ruby sees them, and
/// appended in pieces: appending each value by itself takes several times as long.
pub fn append(
    ruby: &Ruby,
    array: RArray,
    numbers: Range<usize>,
    mut value: impl FnMut(usize) -> Result<Value, Error>,
) -> Result<(), Error> {
    let mut values = [ruby.qnil().as_value(); PIECE];
    for start in numbers.clone().step_by(PIECE) {
        let numbers = start..numbers.end.min(start + PIECE);
        for (place, number) in values.iter_mut().zip(numbers.clone()) {
            *place = value(number)?;
        }
        array.cat(&values[..numbers.len()])?;
    }
    Ok(())
}
