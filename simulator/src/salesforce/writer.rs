//! Writes records of an org one after the other. All ways of writing use it.

use super::error::Refusal;
use super::fields::{BIRTH, STAMPS};
use super::keys::Keys;
use super::org::{Object, Org};
use super::records::known;
use super::required::{check_change, check_new};
use super::soql::instant;
use super::Record;
use crate::clock::Moment;
use crate::random::Random;
use serde_json::Value;
use std::collections::HashMap;

/// A series of writes.
pub(crate) struct Writer<'o> {
    org: &'o mut Org,
    random: &'o mut Random,
    /// The keys of each object, collected on first use.
    keys: HashMap<String, Keys>,
    /// The field by which an upsert finds records.
    by: Option<&'o str>,
    now: Moment,
}

impl<'o> Writer<'o> {
    pub(crate) fn new(org: &'o mut Org, random: &'o mut Random, by: Option<&'o str>, now: Moment) -> Self {
        Self { org, random, keys: HashMap::new(), by, now }
    }

    /// Creates a record and returns its id.
    pub(crate) fn create(&mut self, object: &str, mut record: Record) -> Result<String, Refusal> {
        let name = self.known(object)?;
        let (_, home) = known(self.org, &name)?;
        check_fields(&name, home, &record)?;
        check_new(&name, home, &record)?;
        self.keys[&name].check(home, &record, None)?;
        stamp(home, &mut record, STAMPS.iter().chain(&BIRTH), self.now);
        let id = self.org.object_mut(&name).add(&name, record, self.random);
        self.note(&name, &id, Keys::note);
        Ok(id)
    }

    /// Sets fields of a record.
    pub(crate) fn change(&mut self, object: &str, id: &str, mut changes: Record) -> Result<(), Refusal> {
        let name = self.known(object)?;
        let (_, home) = known(self.org, &name)?;
        let own = home.get(id).and_then(|record| record["Id"].as_str()).ok_or_else(no_record)?.to_owned();
        if home.is_deleted(&own) {
            return Err(Refusal::deleted());
        }
        check_fields(&name, home, &changes)?;
        check_change(&name, home, &changes)?;
        self.keys[&name].check(home, &changes, Some(&own))?;
        stamp(home, &mut changes, STAMPS.iter(), self.now);
        self.note(&name, &own, Keys::forget);
        self.org.object_mut(&name).change(&own, &changes);
        self.note(&name, &own, Keys::note);
        Ok(())
    }

    /// Returns the ids of the records with this value of the field for an upsert.
    pub(crate) fn find(&mut self, object: &str, wanted: &Value) -> Result<Vec<String>, Refusal> {
        let name = self.known(object)?;
        Ok(self.by.map_or(vec![], |by| self.keys[&name].find(by, wanted).to_vec()))
    }

    /// Returns the exact name of an object, and collects the keys of the object on first use.
    fn known(&mut self, object: &str) -> Result<String, Refusal> {
        let (name, home) = known(self.org, object)?;
        let name = name.to_owned();
        self.keys.entry(name.clone()).or_insert_with(|| Keys::of(home, self.by));
        Ok(name)
    }

    fn note(&mut self, name: &str, id: &str, note: fn(&mut Keys, &Record)) {
        let record = self.org.object(name).and_then(|(_, home)| home.get(id));
        if let (Some(record), Some(keys)) = (record, self.keys.get_mut(name)) {
            note(keys, record);
        }
    }
}

fn no_record() -> Refusal {
    Refusal::new(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}

fn check_fields(object: &str, home: &Object, record: &Record) -> Result<(), Refusal> {
    let refused = |message: String| Err(Refusal::new(400, "INVALID_FIELD", message));
    if record.keys().any(|name| name.eq_ignore_ascii_case("Id")) {
        return refused("The Id field should not be specified in the sobject data.".into());
    }
    let unknown = |name: &&String| home.fields.is_some() && home.field(name).is_none();
    match record.keys().find(unknown) {
        Some(name) => refused(format!("No such column '{name}' on sobject of type {object}")),
        None => Ok(()),
    }
}

/// Sets the time of the change on objects that have the fields for it.
fn stamp<'a>(home: &Object, changes: &mut Record, fields: impl Iterator<Item = &'a &'a str>, now: Moment) {
    for name in fields.filter_map(|field| home.field(field)) {
        changes.insert(name.to_owned(), instant::text(now.millis()).into());
    }
}
