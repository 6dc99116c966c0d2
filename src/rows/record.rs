//! Reads one record in one pass, directly into the cells that were asked for.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::cell::Cell;
use super::json::InPlace;

/// Receives rows, each with its cells in the order of the selection.
pub trait RowSink {
    /// Receives one row.
    ///
    /// # Errors
    /// Returns a description of the problem with the row; the query then fails.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String>;

    /// Returns whether the sink keeps the text of its rows in memory.
    fn keeps_text(&self) -> bool {
        true
    }
}

/// The selected fields as a tree: `Account.Name` is `Name` below `Account`.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    fields: Vec<(String, Field)>,
    cells: usize,
}

#[derive(Debug, Clone)]
enum Field {
    Cell(usize),
    Parent(Selection),
}

impl Selection {
    /// Creates a selection of paths such as `Id` and `Account.Name`. Their order is the order of the cells.
    #[must_use]
    pub fn new<S: AsRef<str>>(paths: &[S]) -> Self {
        let mut selection = Self { fields: Vec::new(), cells: paths.len() };
        for (cell, path) in paths.iter().enumerate() {
            selection.insert(path.as_ref(), cell);
        }
        selection
    }

    /// Returns the number of cells in a row.
    pub(crate) fn width(&self) -> usize {
        self.cells
    }

    /// Returns the position of a field of the object itself, not of a parent.
    pub(crate) fn cell(&self, name: &str) -> Option<usize> {
        self.fields.iter().find_map(|(known, field)| match field {
            Field::Cell(cell) if known.eq_ignore_ascii_case(name) => Some(*cell),
            _ => None,
        })
    }

    /// Returns the number of the column that holds each cell, for columns in any order.
    ///
    /// # Errors
    /// Returns a message that names a cell without a column.
    pub(crate) fn columns<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<Vec<usize>, String> {
        let paths: Vec<&str> = paths.collect();
        let column = |cell| {
            let wanted = self.path(cell).unwrap_or_default();
            let found = paths.iter().position(|path| path.eq_ignore_ascii_case(&wanted));
            found.ok_or_else(|| self.missing(cell))
        };
        (0..self.cells).map(column).collect()
    }

    /// Returns the message for a field that was asked for and is missing.
    pub(crate) fn missing(&self, cell: usize) -> String {
        format!("the field {} was asked for and is not there", self.path(cell).unwrap_or_default())
    }

    /// Returns the path of a cell.
    fn path(&self, cell: usize) -> Option<String> {
        self.fields.iter().find_map(|(name, field)| match field {
            Field::Cell(own) => (*own == cell).then(|| name.clone()),
            Field::Parent(below) => below.path(cell).map(|path| format!("{name}.{path}")),
        })
    }

    fn insert(&mut self, path: &str, cell: usize) {
        let Some((parent, rest)) = path.split_once('.') else {
            return self.fields.push((path.to_owned(), Field::Cell(cell)));
        };
        let place = self.fields.iter().position(|(name, _)| name.eq_ignore_ascii_case(parent)).unwrap_or_else(|| {
            self.fields.push((parent.to_owned(), Field::Parent(Selection::default())));
            self.fields.len() - 1
        });
        if let Field::Parent(below) = &mut self.fields[place].1 {
            below.insert(rest, cell);
        }
    }
}

/// Reads one record into its cells. The cell of a field that the record lacks stays unchanged.
pub(crate) struct Record<'s, 'c, 'de> {
    pub(crate) selection: &'s Selection,
    pub(crate) cells: &'c mut [Cell<'de>],
}

impl<'de> DeserializeSeed<'de> for Record<'_, '_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl Record<'_, '_, '_> {
    /// Sets all cells of a parent that is null to null.
    fn clear(&mut self, selection: &Selection) {
        for (_, field) in &selection.fields {
            match field {
                Field::Cell(cell) => self.cells[*cell] = Cell::Null,
                Field::Parent(below) => self.clear(below),
            }
        }
    }
}

impl<'de> Visitor<'de> for Record<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.clear(self.selection);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut expected = 0;
        while let Some(place) = fields.next_key_seed(Name { selection: self.selection, expected })? {
            let Some(place) = place else {
                fields.next_value::<IgnoredAny>()?;
                continue;
            };
            expected = place + 1;
            match &self.selection.fields[place].1 {
                Field::Cell(cell) => fields.next_value_seed(InPlace(&mut self.cells[*cell]))?,
                Field::Parent(below) => fields.next_value_seed(Record { selection: below, cells: &mut *self.cells })?,
            }
        }
        Ok(())
    }
}

/// Finds the position of a field name in the selection. Fields mostly arrive in the order of the selection.
struct Name<'s> {
    selection: &'s Selection,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        let fields = &self.selection.fields;
        match fields.get(self.expected).is_some_and(|(known, _)| known == name) {
            true => Ok(Some(self.expected)),
            // Salesforce answers with its own spelling of a name, which may differ from that of the query.
            false => Ok(fields.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))),
        }
    }
}
