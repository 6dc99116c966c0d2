//! The fields of records with their types, and the fields of every object.

use super::kind::Kind;
use super::soql::test::is_null;
use super::Record;
use serde_json::Value;

pub(crate) const DELETED: &str = "IsDeleted";
/// The winner of a merge, set on the losing records.
pub(crate) const MASTER: &str = "MasterRecordId";
/// The time of the last change of a record, by anybody.
pub(crate) const STAMP: &str = "SystemModstamp";
/// The fields with the time of the last change, and those that a new record also gets.
pub(crate) const STAMPS: [&str; 2] = [STAMP, "LastModifiedDate"];
pub(crate) const BIRTH: [&str; 1] = ["CreatedDate"];
/// The fields of every object, declared or not.
pub(crate) const STANDARD: [&str; 3] = ["Id", DELETED, MASTER];

/// Returns the value of a field. A missing field is null, or false if the field cannot be null.
pub(crate) fn value<'a>(record: &'a Record, field: &str) -> &'a Value {
    match record.get(field) {
        None | Some(Value::Null) if field == DELETED => &Value::Bool(false),
        Some(value) => value,
        None => &Value::Null,
    }
}

/// The fields of all records of an object so far. They are kept up to date, so that no query has to search for them.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<Field>);

#[derive(Clone)]
struct Field {
    name: String,
    /// The type; `None` while all values are null.
    kind: Option<Kind>,
}

impl Fields {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|field| field.name.as_str())
    }

    pub(crate) fn kind(&self, name: &str) -> Option<Kind> {
        self.0.iter().find(|field| field.name == name)?.kind
    }

    /// Adds the fields of a record.
    pub(crate) fn see(&mut self, record: &Record) {
        for (place, (name, value)) in record.iter().enumerate() {
            let field = self.field(place, name);
            field.kind = match field.kind {
                None if is_null(value) => None,
                None => Some(Kind::of(value)),
                Some(Kind::Int) if value.is_f64() => Some(Kind::Double),
                known => known,
            };
        }
    }

    /// Returns the field with this name. It is looked for at `likely` first, because most records have the same fields
    /// in the same order.
    fn field(&mut self, likely: usize, name: &str) -> &mut Field {
        let same = |field: &Field| field.name == name;
        let place = match self.0.get(likely).is_some_and(same) {
            true => Some(likely),
            false => self.0.iter().position(same),
        };
        let place = place.unwrap_or_else(|| {
            self.0.push(Field { name: name.to_owned(), kind: None });
            self.0.len() - 1
        });
        &mut self.0[place]
    }
}
