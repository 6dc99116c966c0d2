//! The data of the org: objects and their records.
//!
//! All data is shared: a clone of an org is a cheap snapshot that does not see later changes.

use super::fields::{Fields, DELETED, STANDARD as EVERYWHERE};
use super::id;
use super::index::Index;
use super::kind::Kind;
use super::options::ViewAllData;
use super::soql::test::is_null;
use super::Record;
use crate::random::Random;
use serde_json::{json, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The objects that every org has.
const STANDARD: [&str; 3] = ["Account", "Contact", "Lead"];
/// The object in which each user sees one row: their own permissions.
const PERMISSIONS: &str = "UserPermissionAccess";

/// All objects by name.
#[derive(Clone, Default)]
pub(crate) struct Org(BTreeMap<String, Arc<Object>>);

/// The declarations of objects, by their names.
pub(crate) struct Declared {
    pub(crate) fields: BTreeMap<String, Vec<String>>,
    pub(crate) required: BTreeMap<String, Vec<String>>,
    pub(crate) external_ids: BTreeMap<String, Vec<String>>,
    pub(crate) unique: BTreeMap<String, Vec<String>>,
    pub(crate) picklists: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// An object: its records, and its fields if they are declared.
#[derive(Clone, Default)]
pub(crate) struct Object {
    pub(crate) records: Vec<Arc<Record>>,
    pub(crate) fields: Option<Vec<String>>,
    /// The declared required fields, in addition to those that Salesforce requires.
    pub(crate) required: Vec<String>,
    /// The fields by which records can be upserted, if declared.
    pub(crate) external_ids: Option<Vec<String>>,
    /// The declared unique fields.
    pub(crate) unique: Vec<String>,
    /// The values of the declared picklists, by field.
    pub(crate) picklists: BTreeMap<String, Vec<String>>,
    /// The places of records by id. Shared, like the next two fields, because most changes of records leave it as it
    /// is.
    places: Arc<HashMap<String, usize>>,
    pub(crate) index: Arc<Index>,
    seen: Arc<Fields>,
}

impl Org {
    pub(crate) fn new(
        records: BTreeMap<String, Vec<Record>>,
        declared: Declared,
        view_all_data: ViewAllData,
        random: &mut Random,
    ) -> Org {
        let mut org = Org::default();
        if view_all_data != ViewAllData::Unreadable {
            let granted = view_all_data == ViewAllData::Granted;
            let own = [("Id", json!("000000000000000AAA")), ("PermissionsViewAllData", json!(granted))];
            org.replace(
                PERMISSIONS,
                vec![own.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()],
                random,
            );
        }
        for name in STANDARD {
            org.0.entry(name.into()).or_default();
        }
        for (name, fields) in declared.fields {
            org.object_mut(&name).fields = Some(fields);
        }
        for (name, required) in declared.required {
            org.object_mut(&name).required = required;
        }
        for (name, external_ids) in declared.external_ids {
            org.object_mut(&name).external_ids = Some(external_ids);
        }
        for (name, unique) in declared.unique {
            org.object_mut(&name).unique = unique;
        }
        for (name, picklists) in declared.picklists {
            org.object_mut(&name).picklists = picklists;
        }
        for (name, records) in records {
            org.replace(&name, records, random);
        }
        org
    }

    /// Returns an object with its exact name. Names are not case-sensitive.
    pub(crate) fn object(&self, name: &str) -> Option<(&str, &Object)> {
        let exact = self.0.get_key_value(name);
        let same = || self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        exact.or_else(same).map(|(name, object)| (name.as_str(), object.as_ref()))
    }

    /// Returns all objects with their names.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&str, &Object)> {
        self.0.iter().map(|(name, object)| (name.as_str(), object.as_ref()))
    }

    /// Returns an object for changes, and creates it if it does not exist.
    pub(crate) fn object_mut(&mut self, name: &str) -> &mut Object {
        let name = self.object(name).map_or(name, |(own, _)| own).to_owned();
        Arc::make_mut(self.0.entry(name).or_default())
    }

    pub(crate) fn replace(&mut self, name: &str, records: Vec<Record>, random: &mut Random) {
        let object = self.object_mut(name);
        object.records = Vec::with_capacity(records.len());
        object.places = Arc::new(HashMap::with_capacity(records.len()));
        object.seen = Arc::default();
        for record in records {
            object.push(name, record, random);
        }
        object.index = Arc::new(Index::new(&object.records));
    }

    /// Returns the record with this id, from the expected object or else from any.
    pub(crate) fn find(&self, id: &str, expected: &str) -> Option<(&str, &Record)> {
        let mut order = self.object(expected).into_iter().chain(self.objects());
        order.find_map(|(name, object)| Some((name, object.get(id)?)))
    }
}

impl Object {
    pub(crate) fn get(&self, id: &str) -> Option<&Record> {
        Some(&self.records[self.place(id)?])
    }

    /// Returns whether the record with this id is deleted.
    pub(crate) fn is_deleted(&self, id: &str) -> bool {
        self.place(id).is_some_and(|place| self.index.is_deleted(place as u32))
    }

    /// Returns the exact name of a field, or `None` if neither a record nor a declaration has it. Names are not
    /// case-sensitive.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let same = |own: &&str| own.eq_ignore_ascii_case(name);
        EVERYWHERE.into_iter().find(same).or_else(|| self.fields().find(same))
    }

    /// Returns the declared fields, or else those of the records.
    pub(crate) fn fields(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.fields {
            Some(declared) => Box::new(declared.iter().map(String::as_str)),
            None => Box::new(self.seen.names().chain(self.keys())),
        }
    }

    /// Returns the fields that are declared as external ids or unique, and that no record has.
    fn keys(&self) -> impl Iterator<Item = &str> {
        let external = || self.external_ids.iter().flatten();
        let others = self.unique.iter().filter(move |key| !external().any(|own| own == *key));
        let unseen = |key: &&str| !self.seen.names().any(|own| own == *key);
        external().chain(others).map(String::as_str).filter(unseen)
    }

    /// Returns whether records can be upserted by a field.
    pub(crate) fn is_external_id(&self, field: &str) -> bool {
        match &self.external_ids {
            Some(declared) => is_among(declared, field),
            None => self.fields.is_none() || self.field(field).is_some(),
        }
    }

    /// Returns whether the values of a field are unique.
    pub(crate) fn is_unique(&self, field: &str) -> bool {
        is_among(&self.unique, field)
    }

    /// Returns all fields, starting with those of every object. Parents that are stored in the records are left out.
    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &str> {
        let others = self.fields().filter(|field| !EVERYWHERE.contains(field) && !self.is_parent(field));
        EVERYWHERE.into_iter().chain(others)
    }

    /// Returns whether a name belongs not to a field but to a parent that is stored in the records, or to their
    /// attributes.
    pub(crate) fn is_parent(&self, name: &str) -> bool {
        let nested = self.seen.kind(name) == Some(Kind::Compound);
        nested || name.ends_with("__r") || self.field(&format!("{name}Id")).is_some()
    }

    /// Returns the first value of a field that is not null.
    pub(crate) fn first(&self, field: &str) -> Option<&Value> {
        self.records.iter().filter_map(|record| record.get(field)).find(|value| !is_null(value))
    }

    /// Returns the type of a field, or `None` if all its values are null.
    pub(crate) fn kind(&self, field: &str) -> Option<Kind> {
        match field {
            DELETED => Some(Kind::Boolean),
            _ => self.seen.kind(field),
        }
    }

    /// Adds a record and returns its id.
    pub(crate) fn add(&mut self, object: &str, record: Record, random: &mut Random) -> String {
        let id = self.push(object, record, random);
        Arc::make_mut(&mut self.index).add(&self.records);
        id
    }

    /// Adds a record without updating the index.
    fn push(&mut self, object: &str, mut record: Record, random: &mut Random) -> String {
        let given = record.get("Id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let id = match given {
            Some(id) => id.to_owned(),
            None => id::long(&format!("{}{}", id::prefix(object), random.text(12))),
        };
        record.insert("Id".into(), Value::String(id.clone()));
        Arc::make_mut(&mut self.seen).see(&record);
        Arc::make_mut(&mut self.places).insert(id::core(&id).to_owned(), self.records.len());
        self.records.push(Arc::new(record));
        id
    }

    /// Sets fields of a record. Returns false if no record has this id.
    pub(crate) fn change(&mut self, id: &str, changes: &Record) -> bool {
        let Some(place) = self.place(id) else {
            return false;
        };
        for (name, value) in changes {
            let own = self.records[place].contains_key(name).then_some(name.as_str());
            let name = own.or_else(|| self.field(name)).unwrap_or(name).to_owned();
            Arc::make_mut(&mut self.records[place]).insert(name, value.clone());
        }
        Arc::make_mut(&mut self.seen).see(&self.records[place]);
        Arc::make_mut(&mut self.index).update(place, &self.records[place]);
        true
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id::core(id)).copied()
    }
}

fn is_among(names: &[String], wanted: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(wanted))
}
