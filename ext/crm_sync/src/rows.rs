//! Records as Ruby Hashes, made straight from a page, without a tree of Rust values in between.

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

/// Makes rows. The names of fields are made once for all of them.
pub(crate) struct Rows<'r> {
    ruby: &'r Ruby,
    /// The place of each name in `strings`. The strings themselves must not be here: Ruby does not look into a `HashMap`,
    /// and leaves the old address in it when compaction moves a string.
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
    /// Returns the form of rows without what Salesforce says about records, and with numbers as they are meant.
    pub(crate) fn of_salesforce(ruby: &'r Ruby) -> Self {
        Self::new(ruby, Origin::Salesforce)
    }

    /// Returns the form of rows as Zendesk writes them.
    pub(crate) fn of_zendesk(ruby: &'r Ruby) -> Self {
        Self::new(ruby, Origin::Zendesk)
    }

    fn new(ruby: &'r Ruby, origin: Origin) -> Self {
        Self { ruby, names: RefCell::default(), strings: BoxValue::new(ruby.ary_new()), origin }
    }

    /// Returns an Array of Hashes from an array of records in JSON.
    pub(crate) fn records(&self, json: &str) -> Result<RArray, Error> {
        let value = self.json(json)?;
        RArray::from_value(value).ok_or_else(|| self.failure("the records are no array"))
    }

    /// Returns a Hash from a record in JSON.
    pub(crate) fn record(&self, json: &str) -> Result<Value, Error> {
        self.json(json)
    }

    /// Returns an Array of Hashes from the next rows of a page of CSV, at most so many. A parent of which nothing is
    /// there is nil.
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

    /// Returns an error that blames the answer, not us.
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

/// Returns whether anything below a path has a value; the row itself always does.
fn is_there(parents: &[String], paths: &[Vec<String>], cells: &[Cell<'_>]) -> bool {
    let below = |path: &Vec<String>| path.len() > parents.len() && path[..parents.len()] == *parents;
    parents.is_empty() || paths.iter().zip(cells).any(|(path, cell)| below(path) && *cell != Cell::Null)
}

/// Any value. A record of Salesforce loses its `attributes`, and the rows of a child query become an Array.
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

/// Returns the rows of a child query, if this is one; they are not to be fewer than there are.
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
