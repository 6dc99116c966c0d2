//! The native part of `CrmSync.diff`: takes records in batches, and compares them on the core's thread pool.

use std::iter::once;
use std::sync::{Mutex, PoisonError};

use crm_sync::compare::{diff, Conflict, ConflictKind, Diff, Different, Field, Kind, Record};
use crm_sync::Error as CoreError;
use magnus::r_hash::ForEach;
use magnus::value::{Qfalse, Qtrue, ReprValue};
use magnus::{function, method, Error, Float, Integer, Module, Object, RArray, RHash, RModule, RString, Ruby};
use magnus::{TryConvert, Value};
use serde_json::{Map, Number, Value as Json};

use crate::class::define;
use crate::errors;
use crate::host::Host;
use crate::job::compute;
use crate::options::Given;

/// The name of a record's key. The names of fields are their numbers: only the Ruby side knows the real ones.
const KEY: &str = "key";
/// The kinds of fields, by their names in Ruby.
const KINDS: [(&str, Kind); 6] = [
    ("any", Kind::Any),
    ("text", Kind::Text),
    ("number", Kind::Number),
    ("checkbox", Kind::Checkbox),
    ("date", Kind::Date),
    ("drop_down", Kind::DropDown),
];

#[magnus::wrap(class = "CrmSync::Native::Comparison", free_immediately, size)]
struct Comparison {
    fields: Vec<Field>,
    sides: Mutex<[Vec<Record>; 2]>,
}

impl Comparison {
    /// Creates a comparison of fields of these kinds.
    fn new(kinds: Value) -> Result<Self, Error> {
        let kinds = Given::argument("kinds", kinds).each(|given| given.chosen(&KINDS))?;
        let fields = kinds.into_iter().enumerate();
        let fields = fields.map(|(number, kind)| Field { name: number.to_string(), kind }).collect();
        Ok(Self { fields, sides: Mutex::default() })
    }

    /// Adds records to the left (0) or the right side (1). Each is an Array of its key and the values of the fields.
    fn add(ruby: &Ruby, comparison: &Self, side: usize, rows: RArray) -> Result<(), Error> {
        let records = rows.into_iter().map(|row| record(ruby, row)).collect::<Result<Vec<_>, _>>()?;
        match comparison.sides.lock().unwrap_or_else(PoisonError::into_inner).get_mut(side) {
            Some(known) => known.extend(records),
            None => return Err(internal(ruby, "there are two sides")),
        }
        Ok(())
    }

    /// Compares the two sides. The result has numbers in place of records and fields.
    fn compare(ruby: &Ruby, comparison: &Self, host: Host) -> Result<RHash, Error> {
        let [left, right] = std::mem::take(&mut *comparison.sides.lock().unwrap_or_else(PoisonError::into_inner));
        let fields = comparison.fields.clone();
        diff_value(ruby, &compute(ruby, host, move || diff(&left, &right, KEY, &fields))?)
    }
}

fn record(ruby: &Ruby, row: Value) -> Result<Record, Error> {
    let names = once(KEY.to_owned()).chain((0_usize..).map(|number| number.to_string()));
    names.zip(RArray::try_convert(row)?).map(|(name, value)| Ok((name, json(ruby, value)?))).collect()
}

/// Converts a value of a type that JSON has. The Ruby side converts all others to such types, and limits the depth.
fn json(ruby: &Ruby, value: Value) -> Result<Json, Error> {
    if let Some(text) = RString::from_value(value) {
        return text.to_string().map(Json::String);
    }
    if let Some(number) = Integer::from_value(value) {
        return Ok(Json::Number(match number.to_i64() {
            Ok(number) => number.into(),
            Err(_) => number.to_u64()?.into(),
        }));
    }
    if let Some(number) = Float::from_value(value).and_then(|number| Number::from_f64(number.to_f64())) {
        return Ok(Json::Number(number));
    }
    if let Some(list) = RArray::from_value(value) {
        return list.into_iter().map(|value| json(ruby, value)).collect::<Result<_, _>>().map(Json::Array);
    }
    if let Some(hash) = RHash::from_value(value) {
        let mut object = Map::new();
        hash.foreach(|name: String, value: Value| {
            object.insert(name, json(ruby, value)?);
            Ok(ForEach::Continue)
        })?;
        return Ok(Json::Object(object));
    }
    match (Qtrue::from_value(value), Qfalse::from_value(value)) {
        (Some(_), _) => Ok(Json::Bool(true)),
        (_, Some(_)) => Ok(Json::Bool(false)),
        _ if value.is_nil() => Ok(Json::Null),
        _ => Err(internal(ruby, "a value of an unknown kind is compared")),
    }
}

fn diff_value(ruby: &Ruby, diff: &Diff) -> Result<RHash, Error> {
    let different = |different: &Different| {
        let fields: Vec<usize> = different.fields.iter().map(|field| field.field).collect();
        (different.left, different.right, fields)
    };
    let conflict = |conflict: &Conflict| {
        let kind = match conflict.kind {
            ConflictKind::Blank => "blank",
            ConflictKind::Malformed => "malformed",
            ConflictKind::Duplicated => "duplicated",
        };
        (kind.to_owned(), conflict.left.clone(), conflict.right.clone())
    };
    let value = ruby.hash_new();
    value.aset(ruby.to_symbol("only_left"), diff.only_left.clone())?;
    value.aset(ruby.to_symbol("only_right"), diff.only_right.clone())?;
    value.aset(ruby.to_symbol("different"), diff.different.iter().map(different).collect::<Vec<_>>())?;
    value.aset(ruby.to_symbol("equal"), diff.equal)?;
    value.aset(ruby.to_symbol("conflicts"), diff.conflicts.iter().map(conflict).collect::<Vec<_>>())?;
    Ok(value)
}

fn internal(ruby: &Ruby, fault: &str) -> Error {
    errors::raise(ruby, CoreError::Internal(fault.into()))
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Comparison>(ruby, native, "Comparison")?;
    class.define_singleton_method("new", function!(Comparison::new, 1))?;
    class.define_method("add", method!(Comparison::add, 2))?;
    class.define_method("compare", method!(Comparison::compare, 1))
}
