//! One record, read in one pass straight into the cells that were asked for.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::cell::Cell;
use super::json::InPlace;

/// Takes rows, cell by cell in the order of the selection.
pub trait RowSink {
    /// Takes one row.
    ///
    /// # Errors
    /// A text that says what is wrong with the row; the query then fails.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String>;

    /// Returns whether it keeps in memory what it takes.
    fn keeps_text(&self) -> bool {
        true
    }
}

/// The fields that were asked for, as a tree: `Account.Name` is `Name` below `Account`.
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
    /// Creates a selection of paths such as `Id` and `Account.Name`; their order is the order of the cells.
    #[must_use]
    pub fn new<S: AsRef<str>>(paths: &[S]) -> Self {
        let mut selection = Self { fields: Vec::new(), cells: paths.len() };
        for (cell, path) in paths.iter().enumerate() {
            selection.insert(path.as_ref(), cell);
        }
        selection
    }

    /// Returns the number of cells of a row.
    pub(crate) fn width(&self) -> usize {
        self.cells
    }

    /// Returns the place of a field of the object itself.
    pub(crate) fn cell(&self, name: &str) -> Option<usize> {
        self.fields.iter().find_map(|(known, field)| match field {
            Field::Cell(cell) if known.eq_ignore_ascii_case(name) => Some(*cell),
            _ => None,
        })
    }

    /// Returns for each cell the number of the column that holds it, whatever the order of the columns is.
    ///
    /// # Errors
    /// A text that names a cell that no column holds.
    pub(crate) fn columns<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<Vec<usize>, String> {
        let paths: Vec<&str> = paths.collect();
        let column = |cell| {
            let wanted = self.path(cell).unwrap_or_default();
            let found = paths.iter().position(|path| path.eq_ignore_ascii_case(&wanted));
            found.ok_or_else(|| self.missing(cell))
        };
        (0..self.cells).map(column).collect()
    }

    /// Says that a cell was asked for and did not come.
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

/// Reads one record into its cells; what is not there leaves its cell as it was.
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
    /// Empties a parent that is null: all that was asked of it is null.
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

/// Finds the place of a field's name in the selection; the fields mostly come in its order.
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
            // Salesforce answers with its own spelling, whatever the query's is.
            false => Ok(fields.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))),
        }
    }
}
