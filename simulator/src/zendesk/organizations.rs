//! All organizations, with an index of their names and external ids.

use super::change::{self, folded};
use super::error::Invalid;
use super::fields::Fields;
use super::habits::Habits;
use super::{Record, StartError};
use crate::clock::Moment;
use crate::random::Random;
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The attributes whose values are unique, and their names in sentences.
const UNIQUE: [(&str, &str); 2] = [("name", "Name"), ("external_id", "External")];
/// The ids exceed 32 bits, because smaller ones would hide mistakes.
const FIRST_ID: u64 = 6_164_110_000_000;
const ID_STEP: usize = 30;

/// The organizations by id.
pub(crate) struct Organizations {
    rows: BTreeMap<u64, Organization>,
    holders: HashMap<(&'static str, String), BTreeSet<u64>>,
    last_id: u64,
    /// How long the check for duplicates does not see a new organization, in seconds.
    delay: f64,
    /// How long the search does not see a new organization, in seconds.
    search_delay: f64,
    habits: Habits,
    url: String,
}

/// An organization in the format of the API, and the time of its creation.
struct Organization {
    row: Record,
    born: f64,
}

impl Organizations {
    pub(crate) fn new(url: &str, delay: f64, search_delay: f64, habits: Habits) -> Organizations {
        let (url, rows, holders) = (url.to_owned(), BTreeMap::new(), HashMap::new());
        Organizations { rows, holders, last_id: FIRST_ID, delay, search_delay, habits, url }
    }

    /// Replaces all organizations. The new ones count as created long ago.
    pub(crate) fn replace(
        &mut self,
        given: Vec<Record>,
        fields: &Fields,
        now: Moment,
        random: &mut Random,
    ) -> Result<(), StartError> {
        let mut fresh = Organizations::new(&self.url, self.delay, self.search_delay, self.habits.clone());
        let ids = given.iter().filter_map(|row| row.get("id")?.as_u64());
        fresh.last_id = ids.fold(self.last_id, u64::max);
        for row in given {
            let id = match row.get("id").filter(|id| !id.is_null()) {
                None => fresh.next_id(random),
                Some(id) => id.as_u64().ok_or_else(|| StartError::Id(id.to_string()))?,
            };
            if fresh.rows.contains_key(&id) {
                return Err(StartError::Id(id.to_string()));
            }
            let row = fresh.seeded(id, row, fields, now)?;
            fresh.put(id, row, f64::NEG_INFINITY);
        }
        *self = fresh;
        Ok(())
    }

    pub(crate) fn create(
        &mut self,
        attributes: &Record,
        fields: &Fields,
        now: Moment,
        random: &mut Random,
    ) -> Result<u64, Vec<Invalid>> {
        let id = self.next_id(random);
        let row = self.changed(id, self.blank(id, fields, now), attributes, fields, now)?;
        self.put(id, row, now.seconds);
        Ok(id)
    }

    /// Updates an organization. Returns `None` if it does not exist.
    pub(crate) fn update(
        &mut self,
        id: u64,
        attributes: &Record,
        fields: &Fields,
        now: Moment,
    ) -> Option<Result<(), Vec<Invalid>>> {
        let Organization { row, born } = self.rows.get(&id)?;
        let (row, born) = (row.clone(), *born);
        let changed = self.changed(id, row, attributes, fields, now);
        Some(changed.map(|mut row| {
            row.insert("updated_at".into(), now.stamp().into());
            self.put(id, row, born);
        }))
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Record> {
        self.rows.get(&id).map(|organization| &organization.row)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Record> {
        self.rows.values().map(|organization| &organization.row)
    }

    pub(crate) fn ids_after(&self, id: u64) -> impl Iterator<Item = u64> + '_ {
        self.rows.range(id.saturating_add(1)..).map(|(id, _)| *id)
    }

    /// Returns the lower ids, the nearest first.
    pub(crate) fn ids_before(&self, id: u64) -> impl Iterator<Item = u64> + '_ {
        self.rows.range(..id).rev().map(|(id, _)| *id)
    }

    /// Returns the organizations with this name or external id.
    pub(crate) fn with(&self, attribute: &'static str, value: &str) -> Vec<u64> {
        self.holders.get(&(attribute, folded(value))).into_iter().flatten().copied().collect()
    }

    /// Returns those of them that the search finds.
    pub(crate) fn found(&self, attribute: &'static str, value: &str, now: Moment) -> Vec<u64> {
        let seen = |id: &u64| self.rows.get(id).is_some_and(|row| row.born + self.search_delay <= now.seconds);
        self.with(attribute, value).into_iter().filter(seen).collect()
    }

    /// Returns the organizations in the search index.
    pub(crate) fn indexed(&self, now: Moment) -> impl Iterator<Item = &Record> {
        let known = move |row: &&Organization| row.born + self.search_delay <= now.seconds;
        self.rows.values().filter(known).map(|organization| &organization.row)
    }

    fn changed(
        &self,
        id: u64,
        mut row: Record,
        attributes: &Record,
        fields: &Fields,
        now: Moment,
    ) -> Result<Record, Vec<Invalid>> {
        let mut wrong = change::apply(&mut row, &self.habits.meant(attributes), fields);
        for (attribute, label) in UNIQUE {
            let text = text(&row, attribute);
            if self.is_taken(id, attribute, text, now) {
                let what = format!("{text} has already been taken");
                wrong.push(Invalid::new(attribute, label, what, "DuplicateValue"));
            }
        }
        if wrong.is_empty() {
            Ok(row)
        } else {
            Err(wrong)
        }
    }

    fn is_taken(&self, id: u64, attribute: &'static str, value: &str, now: Moment) -> bool {
        let seen = |other: &u64| self.rows.get(other).is_some_and(|other| other.born + self.delay <= now.seconds);
        !value.is_empty() && self.with(attribute, value).iter().any(|other| *other != id && seen(other))
    }

    fn put(&mut self, id: u64, row: Record, born: f64) {
        for (attribute, _) in UNIQUE {
            let old = self.rows.get(&id).map(|old| folded(text(&old.row, attribute)));
            if let Some(holders) = old.and_then(|old| self.holders.get_mut(&(attribute, old))) {
                holders.remove(&id);
            }
            let new = folded(text(&row, attribute));
            self.holders.entry((attribute, new)).or_default().insert(id);
        }
        self.rows.insert(id, Organization { row, born });
    }

    /// Returns a new organization without written values, with its keys in the order of the API.
    fn blank(&self, id: u64, fields: &Fields, now: Moment) -> Record {
        let row = json!({
            "url": format!("{}/api/v2/organizations/{id}.json", self.url),
            "id": id,
            "name": "",
            "shared_tickets": false,
            "shared_comments": false,
            "external_id": null,
            "created_at": now.stamp(),
            "updated_at": now.stamp(),
            "domain_names": [],
            "details": null,
            "notes": null,
            "group_id": null,
            "tags": [],
            "organization_fields": fields.unset(),
        });
        match row {
            Value::Object(row) => row,
            _ => Record::new(),
        }
    }

    fn seeded(&self, id: u64, given: Record, fields: &Fields, now: Moment) -> Result<Record, StartError> {
        let mut row = self.blank(id, fields, now);
        let tagged = given.contains_key("tags");
        for (name, value) in given {
            match (name.as_str(), value) {
                ("organization_fields", Value::Object(values)) => {
                    for (key, value) in values {
                        if fields.find(&key).is_none() {
                            return Err(StartError::Field(key));
                        }
                        row["organization_fields"][key] = value;
                    }
                }
                ("id", _) => (),
                (_, value) => {
                    row.insert(name, value);
                }
            }
        }
        if !tagged {
            row.insert("tags".into(), change::field_tags(&row, fields).into());
        }
        Ok(row)
    }

    fn next_id(&mut self, random: &mut Random) -> u64 {
        self.last_id += 1 + random.below(ID_STEP) as u64;
        self.last_id
    }
}

fn text<'a>(row: &'a Record, attribute: &str) -> &'a str {
    row.get(attribute).and_then(Value::as_str).unwrap_or_default()
}
