//! Reads an array of records in one pass, directly into the cells that were asked for.

use std::cell::Cell as Counter;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use super::cell::Cell;
use super::record::{Record, RowSink, Selection};
use crate::error::presentable;

/// Reads all records of a JSON array and passes them to a sink.
///
/// Fields that are not selected are skipped without recursion, so that no nesting depth can exhaust the stack. Selected
/// fields are scalars.
///
/// # Errors
/// Returns a description of the problem with the number of the record, counted from 1.
pub(crate) fn parse(json: &str, selection: &Selection, sink: &mut dyn RowSink) -> Result<(), String> {
    let count = Counter::new(0);
    let mut reader = serde_json::Deserializer::from_str(json);
    let read = Records { selection, sink, count: &count }.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(|error| {
        let cut = if error.is_eof() { "it is cut off: " } else { "" };
        let place = if count.get() == 0 { String::new() } else { format!("record {}: ", count.get()) };
        format!("{place}{cut}{}", presentable(&error.to_string()))
    })
}

struct Records<'p> {
    selection: &'p Selection,
    sink: &'p mut dyn RowSink,
    count: &'p Counter<usize>,
}

impl<'de> DeserializeSeed<'de> for Records<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Records<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<(), A::Error> {
        let mut cells: Vec<Cell<'de>> = vec![Cell::Unknown; self.selection.width()];
        loop {
            self.count.set(self.count.get() + 1);
            // No JSON value is read as unknown, so a cell that stays unknown belongs to a field that the record lacks.
            cells.fill(Cell::Unknown);
            let record = Object(Record { selection: self.selection, cells: &mut cells });
            if records.next_element_seed(record)?.is_none() {
                return Ok(());
            }
            self.sink.row(&cells).map_err(A::Error::custom)?;
        }
    }
}

/// A record that must be an object: a parent may be null, a record may not.
pub(crate) struct Object<'s, 'c, 'de>(pub(crate) Record<'s, 'c, 'de>);

impl<'de> DeserializeSeed<'de> for Object<'_, '_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Lines(Vec<String>);

    impl RowSink for Lines {
        fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
            self.0.push(format!("{cells:?}"));
            Ok(())
        }
    }

    fn read(json: &str) -> Result<Vec<String>, String> {
        let mut lines = Lines::default();
        parse(json, &Selection::new(&["id", "f.k"]), &mut lines).map(|()| lines.0)
    }

    #[test]
    fn cells_of_the_previous_record_are_cleared() {
        let lines = read(r#"[{"id":1,"x":[{}],"f":{"k":"a"}},{"id":2},{"f":null}]"#).unwrap();
        let expected = [r#"[Number("1"), Text("a")]"#, r#"[Number("2"), Unknown]"#, "[Unknown, Null]"];
        assert_eq!(lines, expected);
        assert_eq!(read(" [ ] ").unwrap().len(), 0);
    }

    #[test]
    fn errors_name_the_number_of_the_record() {
        for (json, part) in [
            (r#"[{"id":1},{"id":2"#, "record 2: it is cut off"),
            (r#"[{"id":1},{"id":[2]}]"#, "record 2: invalid type: sequence"),
            (r#"[{"id":1},null]"#, "record 2: invalid type: null"),
            (r#"[{"id":1},]"#, "record 2: trailing comma"),
            (r#"{"id":1}"#, "invalid type: map, expected an array of records"),
            (r#"[{"id":1}] x"#, "record 2: trailing characters"),
            ("", "it is cut off"),
        ] {
            let problem = read(json).unwrap_err();
            assert!(problem.contains(part), "{json}: {problem}");
        }
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let deep = |key: &str| format!(r#"[{{"{key}":{}{}}}]"#, "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(read(&deep("x")).is_ok());
        assert!(read(&deep("id")).is_err());
    }
}
