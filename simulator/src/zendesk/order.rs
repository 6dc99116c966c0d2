//! Sorted rows that can be read from any position, forwards and backwards.

use super::error::Refusal;
use super::organizations::Organizations;
use super::Record;
use crate::http::parameters::Parameters;
use serde_json::Value;

/// The attributes that organizations can be sorted by, besides the id.
const KEYS: [&str; 3] = ["name", "created_at", "updated_at"];

/// The position of a row: its sort value and its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) value: String,
    pub(crate) id: u64,
}

/// Sorted rows.
pub(crate) enum Ordered<'a> {
    /// Sorted by id, which does not require looking at all rows.
    ById(&'a Organizations),
    Sorted {
        places: Vec<Place>,
        descending: bool,
    },
}

type Places<'a> = Box<dyn Iterator<Item = Place> + 'a>;

impl<'a> Ordered<'a> {
    /// Returns the organizations sorted by the `sort` parameter, and the name of that order.
    pub(crate) fn of(
        organizations: &'a Organizations,
        parameters: &Parameters,
    ) -> Result<(Ordered<'a>, String), Refusal> {
        let sort = parameters.get("sort").unwrap_or("id");
        let (key, descending) = sort.strip_prefix('-').map_or((sort, false), |key| (key, true));
        if sort == "id" {
            return Ok((Ordered::ById(organizations), sort.into()));
        }
        if key != "id" && !KEYS.contains(&key) {
            return Err(Refusal::attribute("sort", &format!("sort must be one of id, {}", KEYS.join(", "))));
        }
        let place = |row: &Record| Place {
            value: row.get(key).and_then(Value::as_str).unwrap_or_default().to_lowercase(),
            id: row.get("id").and_then(Value::as_u64).unwrap_or_default(),
        };
        let mut places: Vec<Place> = organizations.rows().map(place).collect();
        places.sort();
        if descending {
            places.reverse();
        }
        Ok((Ordered::Sorted { places, descending }, sort.into()))
    }

    /// Returns rows sorted by ascending ids.
    pub(crate) fn by_ids(ids: impl Iterator<Item = u64>) -> Ordered<'a> {
        let places = ids.map(Place::from).collect();
        Ordered::Sorted { places, descending: false }
    }

    /// Returns the positions after `place`, or all of them if there is none.
    pub(crate) fn after(&self, place: Option<&Place>) -> Places<'_> {
        match (self, place) {
            (Ordered::ById(organizations), place) => {
                Box::new(organizations.ids_after(place.map_or(0, |place| place.id)).map(Place::from))
            }
            (Ordered::Sorted { places, .. }, None) => Box::new(places.iter().cloned()),
            (Ordered::Sorted { places, descending }, Some(place)) => {
                let start = places.partition_point(|other| other == place || (other < place) != *descending);
                Box::new(places[start..].iter().cloned())
            }
        }
    }

    /// Returns the positions before `place`, the nearest first.
    pub(crate) fn before(&self, place: &Place) -> Places<'_> {
        match self {
            Ordered::ById(organizations) => Box::new(organizations.ids_before(place.id).map(Place::from)),
            Ordered::Sorted { places, descending } => {
                let end = places.partition_point(|other| other != place && (other < place) != *descending);
                Box::new(places[..end].iter().rev().cloned())
            }
        }
    }
}

impl From<u64> for Place {
    fn from(id: u64) -> Place {
        Place { value: String::new(), id }
    }
}
