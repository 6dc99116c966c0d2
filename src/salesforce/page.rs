//! One page of a query's answer, read straight into the cells that were asked for.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::columns::Cell;

/// Takes rows, cell by cell in the order of the selection.
pub trait RowSink {
    /// Takes one row.
    ///
    /// # Errors
    /// A text that says what is wrong with the row; the query then fails.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String>;
}

/// The frame of a page; its records are known to be JSON but not read yet.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    #[serde(rename = "totalSize")]
    pub(super) total: u64,
    #[serde(default)]
    pub(super) done: Option<bool>,
    #[serde(rename = "nextRecordsUrl", default)]
    pub(super) next: Option<String>,
    #[serde(borrow)]
    pub(super) records: &'a RawValue,
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
    /// A selection of paths such as `Id` and `Account.Name`; their order is the order of the cells.
    #[must_use]
    pub fn new<S: AsRef<str>>(paths: &[S]) -> Self {
        let mut selection = Self { fields: Vec::new(), cells: paths.len() };
        for (cell, path) in paths.iter().enumerate() {
            selection.insert(path.as_ref(), cell);
        }
        selection
    }

    fn insert(&mut self, path: &str, cell: usize) {
        let Some((parent, rest)) = path.split_once('.') else {
            return self.fields.push((path.to_owned(), Field::Cell(cell)));
        };
        let place = self.fields.iter().position(|(name, _)| name == parent).unwrap_or_else(|| {
            self.fields.push((parent.to_owned(), Field::Parent(Selection::default())));
            self.fields.len() - 1
        });
        if let Field::Parent(below) = &mut self.fields[place].1 {
            below.insert(rest, cell);
        }
    }

    fn find(&self, name: &str) -> Option<(usize, &Field)> {
        let place = self.fields.iter().position(|(known, _)| known == name)?;
        Some((place, &self.fields[place].1))
    }

    /// Reads an array of records into `sink`; gives how many there were.
    pub(super) fn read(&self, records: &str, sink: &mut dyn RowSink) -> Result<u64, String> {
        let mut reader = serde_json::Deserializer::from_str(records);
        let rows = Records { selection: self, sink }.deserialize(&mut reader);
        rows.map_err(|error| format!("a record cannot be read: {}", crate::error::presentable(&error.to_string())))
    }
}

struct Records<'s> {
    selection: &'s Selection,
    sink: &'s mut dyn RowSink,
}

impl<'de> DeserializeSeed<'de> for Records<'_> {
    type Value = u64;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<u64, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Records<'_> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<u64, A::Error> {
        let mut rows = 0;
        let mut cells: Vec<Cell<'de>> = vec![Cell::Null; self.selection.cells];
        while records.next_element_seed(Record { selection: self.selection, cells: &mut cells })?.is_some() {
            self.sink.row(&cells).map_err(serde::de::Error::custom)?;
            rows += 1;
        }
        Ok(rows)
    }
}

struct Record<'s, 'c, 'de> {
    selection: &'s Selection,
    cells: &'c mut [Cell<'de>],
}

impl<'de> DeserializeSeed<'de> for Record<'_, '_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl Record<'_, '_, '_> {
    /// A parent that is null makes all that was asked of it null.
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
        let mut seen = vec![false; self.selection.fields.len()];
        while let Some(name) = fields.next_key_seed(Text)? {
            let Some((place, field)) = self.selection.find(&name) else {
                fields.next_value::<IgnoredAny>()?;
                continue;
            };
            seen[place] = true;
            match field {
                Field::Cell(cell) => self.cells[*cell] = fields.next_value_seed(Value)?,
                Field::Parent(below) => fields.next_value_seed(Record { selection: below, cells: &mut *self.cells })?,
            }
        }
        match seen.iter().position(|&seen| !seen) {
            None => Ok(()),
            Some(place) => {
                let name = &self.selection.fields[place].0;
                Err(serde::de::Error::custom(format!("the field {name} was asked for and is not there")))
            }
        }
    }
}

struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Cell<'de>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Cell<'de>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a truth value, a number or a text")
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(Cow::Owned(value.to_string())))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(value.to_owned())))
    }
}

struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Cow<'de, str>, D::Error> {
        Cow::deserialize(reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Kept(Vec<Vec<String>>);

    impl RowSink for Kept {
        fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
            self.0.push(cells.iter().map(|cell| format!("{cell:?}")).collect());
            Ok(())
        }
    }

    fn read(paths: &[&str], records: &str) -> Result<Vec<Vec<String>>, String> {
        let mut kept = Kept::default();
        let rows = Selection::new(paths).read(records, &mut kept)?;
        assert_eq!(rows as usize, kept.0.len());
        Ok(kept.0)
    }

    #[test]
    fn cells_come_in_the_order_asked_for_whatever_the_order_of_fields() {
        let rows = read(
            &["Id", "Account.Owner.Name", "Account.K__c", "N__c"],
            r#"[{"N__c":1988.0,"attributes":{"type":"Contact"},"Account":{"K__c":false,"Owner":{"Name":"x\ny"}},"Id":"a"},
                {"Id":"b","Account":null,"N__c":null}]"#,
        );
        let rows = rows.unwrap();
        assert_eq!(rows[0], [r#"Text("a")"#, r#"Text("x\ny")"#, "Bool(false)", r#"Number("1988")"#]);
        assert_eq!(rows[1], [r#"Text("b")"#, "Null", "Null", "Null"], "nothing of the row before shines through");
    }

    #[test]
    fn a_field_that_was_asked_for_and_is_not_there_is_an_error() {
        assert!(read(&["Id", "Email"], r#"[{"Id":"a"}]"#).unwrap_err().contains("Email"));
    }

    #[test]
    fn a_value_of_another_shape_is_an_error() {
        assert!(read(&["Id"], r#"[{"Id":{"x":1}}]"#).is_err());
        assert!(read(&["Id"], r#"{"Id":"a"}"#).is_err());
    }
}
