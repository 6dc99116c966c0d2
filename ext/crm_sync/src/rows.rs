//! Converts records to Ruby Hashes, straight from a page, without a tree of Rust values in between.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use crm_sync::error::{presentable, RemoteError};
use crm_sync::rows::Cell;
use crm_sync::salesforce::CsvRows;
use magnus::value::{BoxValue, ReprValue};
use magnus::{Error, IntoValue, RArray, RHash, RString, Ruby, TryConvert, Value};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::convert::cell_value;

/// Converts records. All of them share one frozen String for each field name.
pub(crate) struct Rows<'r> {
    ruby: &'r Ruby,
    /// The index of each name in `strings`. The Strings themselves must not be stored here: Ruby does not look into a
    /// `HashMap`, and leaves the old address in it when compaction moves a String.
    names: RefCell<HashMap<String, usize>>,
    strings: BoxValue<RArray>,
    origin: Origin,
}

/// The service that records come from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Salesforce,
    Zendesk,
}

impl<'r> Rows<'r> {
    /// Returns a converter for records of Salesforce. It drops their `attributes`, and turns the result of a child
    /// query into an Array.
    pub(crate) fn of_salesforce(ruby: &'r Ruby) -> Self {
        Self::new(ruby, Origin::Salesforce)
    }

    /// Returns a converter for records as Zendesk writes them.
    pub(crate) fn of_zendesk(ruby: &'r Ruby) -> Self {
        Self::new(ruby, Origin::Zendesk)
    }

    fn new(ruby: &'r Ruby, origin: Origin) -> Self {
        Self { ruby, names: RefCell::default(), strings: BoxValue::new(ruby.ary_new()), origin }
    }

    /// Converts a JSON array of records to an Array of Hashes.
    pub(crate) fn records(&self, json: &str) -> Result<RArray, Error> {
        let value = self.json(json)?;
        RArray::from_value(value).ok_or_else(|| self.failure("the records are no array"))
    }

    /// Converts a record in JSON to a Hash.
    pub(crate) fn record(&self, json: &str) -> Result<Value, Error> {
        self.json(json)
    }

    /// Converts the next rows of a CSV page, at most `most`, to an Array of Hashes. A parent without any value is nil.
    pub(crate) fn csv<R: Read>(&self, page: &mut CsvRows<R>, most: usize) -> Result<RArray, Error> {
        let paths: Vec<Vec<String>> = page.paths().map(|path| path.split('.').map(str::to_owned).collect()).collect();
        let rows = self.ruby.ary_new();
        while rows.len() < most {
            match page.next_row() {
                Ok(Some(cells)) => rows.push(self.csv_row(&paths, &cells)?)?,
                Ok(None) => break,
                Err(_) => return Err(self.failure("a page cannot be read")),
            }
        }
        Ok(rows)
    }

    fn csv_row(&self, paths: &[Vec<String>], cells: &[Cell<'_>]) -> Result<RHash, Error> {
        let row = self.ruby.hash_new();
        for (path, cell) in paths.iter().zip(cells) {
            let Some((field, parents)) = path.split_last() else { continue };
            let mut place = row;
            for (depth, parent) in parents.iter().enumerate() {
                let name = self.name(parent)?;
                let known: Value = place.aref(name)?;
                place = match RHash::from_value(known) {
                    Some(hash) => hash,
                    None if !is_there(&path[..=depth], paths, cells) => {
                        place.aset(name, self.ruby.qnil())?;
                        break;
                    }
                    None => {
                        let hash = self.ruby.hash_new();
                        place.aset(name, hash)?;
                        hash
                    }
                };
            }
            if is_there(parents, paths, cells) {
                place.aset(self.name(field)?, cell_value(self.ruby, cell))?;
            }
        }
        Ok(row)
    }

    fn json(&self, json: &str) -> Result<Value, Error> {
        let mut reader = serde_json::Deserializer::from_str(json);
        Any(self).deserialize(&mut reader).map_err(|error| self.failure(&error.to_string()))
    }

    fn name(&self, text: &str) -> Result<RString, Error> {
        if let Some(place) = self.names.borrow().get(text) {
            return self.strings.entry(isize::try_from(*place).unwrap_or(isize::MAX));
        }
        let name = self.ruby.str_new(text);
        name.freeze();
        self.names.borrow_mut().insert(text.to_owned(), self.strings.len());
        self.strings.push(name)?;
        Ok(name)
    }

    /// Returns an error that blames the response, not this library.
    fn failure(&self, why: &str) -> Error {
        let error = RemoteError {
            service: self.origin.name(),
            action: "the reading of a record".into(),
            message: presentable(why),
            attempts: 1,
            ..RemoteError::default()
        };
        crate::errors::raise(self.ruby, crm_sync::Error::Remote(Box::new(error)))
    }
}

impl Origin {
    fn name(self) -> &'static str {
        match self {
            Self::Salesforce => "Salesforce",
            Self::Zendesk => "Zendesk",
        }
    }
}

/// Returns whether any field below a path has a value. The row itself, with an empty path, always does.
fn is_there(parents: &[String], paths: &[Vec<String>], cells: &[Cell<'_>]) -> bool {
    let below = |path: &Vec<String>| path.len() > parents.len() && path[..parents.len()] == *parents;
    parents.is_empty() || paths.iter().zip(cells).any(|(path, cell)| below(path) && *cell != Cell::Null)
}

/// Deserializes any value. A Salesforce record loses its `attributes`, and the result of a child query becomes an
/// Array.
struct Any<'a, 'r>(&'a Rows<'r>);

impl Any<'_, '_> {
    fn is_of_salesforce(&self) -> bool {
        self.0.origin == Origin::Salesforce
    }
}

impl<'de> DeserializeSeed<'de> for Any<'_, '_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(self.0.ruby.qnil().as_value())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into_value_with(self.0.ruby))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into_value_with(self.0.ruby))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into_value_with(self.0.ruby))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into_value_with(self.0.ruby))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(self.0.ruby.str_new(value).as_value())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let array = self.0.ruby.ary_new();
        while let Some(item) = items.next_element_seed(Any(self.0))? {
            array.push(item).map_err(A::Error::custom)?;
        }
        Ok(array.as_value())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let hash = self.0.ruby.hash_new();
        while let Some(name) = fields.next_key::<std::borrow::Cow<'_, str>>()? {
            if name == "attributes" && self.is_of_salesforce() {
                fields.next_value::<IgnoredAny>()?;
                continue;
            }
            let name = self.0.name(&name).map_err(A::Error::custom)?;
            let value = fields.next_value_seed(Any(self.0))?;
            hash.aset(name, value).map_err(A::Error::custom)?;
        }
        match self.is_of_salesforce() {
            true => children(hash).map_err(A::Error::custom),
            false => Ok(hash.as_value()),
        }
    }
}

/// Returns the rows of a child query if `hash` is the result of one, and otherwise `hash`.
///
/// # Errors
/// If the child query has more rows than the result contains.
fn children(hash: RHash) -> Result<Value, String> {
    let get = |name: &str| hash.get(name);
    let (Some(records), Some(total)) = (get("records"), get("totalSize")) else { return Ok(hash.as_value()) };
    let is_cut = get("nextRecordsUrl").is_some_and(|next| !next.is_nil())
        || get("done").is_some_and(|done| !done.is_nil() && !done.to_bool())
        || RArray::from_value(records)
            .is_some_and(|rows| u64::try_convert(total).is_ok_and(|all| rows.len() as u64 != all));
    match is_cut {
        false => Ok(records),
        true => {
            Err("a child query has more rows than fit into its record; ask for them in a query of their own".into())
        }
    }
}
