//! Reads and writes cells as JSON, the same way for pages, snapshots, stage files and compared values. An unknown cell
//! is never written, because it would be read back as empty.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

use super::cell::Cell;

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Null => writer.serialize_unit(),
            Cell::Unknown => Err(S::Error::custom("what is unknown has no JSON")),
            Cell::Bool(value) => writer.serialize_bool(*value),
            // The spelling is kept: converted to a float and back, it could become another number.
            Cell::Number(text) => serde_json::from_str::<&RawValue>(text).map_err(S::Error::custom)?.serialize(writer),
            Cell::Text(text) => writer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let mut cell = Cell::Unknown;
        InPlace(&mut cell).deserialize(reader)?;
        Ok(cell)
    }
}

/// Deserializes a value directly into the cell where it is to stay. Returned from call to call, it would be copied each
/// time, which took a tenth of the time of a page.
pub(super) struct InPlace<'c, 'de>(pub(super) &'c mut Cell<'de>);

impl<'de> InPlace<'_, 'de> {
    fn put<E>(self, cell: Cell<'de>) -> Result<(), E> {
        *self.0 = cell;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for InPlace<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for InPlace<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a truth value, a number or a text")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.put(Cell::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.put(Cell::Number(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.put(Cell::Number(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.put(Cell::Number(Cow::Owned(value.to_string())))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<(), E> {
        self.put(Cell::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.put(Cell::Text(Cow::Owned(value.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were() {
        let number = |text: &'static str| Cell::Number(text.into());
        let cells = [
            Cell::Null,
            Cell::Bool(true),
            number("1988"),
            number("-0.5"),
            number("18446744073709551615"),
            number("100000000000000000000000"),
            Cell::Text("".into()),
            Cell::Text("a \"b\"\\\n\u{2028}é\0".into()),
        ];
        let text = serde_json::to_string(&cells).unwrap();
        assert!(!text.contains('\n'));
        assert_eq!(serde_json::from_str::<Vec<Cell<'_>>>(&text).unwrap(), cells);
    }

    #[test]
    fn every_spelling_of_a_number_comes_back_as_the_cell_that_it_is() {
        for spelling in ["1988.0", "-0.0", "1e23", "12345678901234567.89", "9223372036854775808", "0.1e-7"] {
            let cell: Cell<'_> = serde_json::from_str(spelling).unwrap();
            assert_eq!(cell, Cell::number(spelling), "as a column of CSV has it");
            assert_eq!(serde_json::from_str::<Cell<'_>>(&serde_json::to_string(&cell).unwrap()).unwrap(), cell);
            let value: serde_json::Value = serde_json::from_str(spelling).unwrap();
            assert_eq!(Cell::deserialize(&value).unwrap(), cell, "as a value that is compared");
        }
    }

    #[test]
    fn values_without_json_are_refused() {
        assert!(serde_json::to_string(&Cell::Number("NaN".into())).is_err());
        assert!(serde_json::to_string(&Cell::Unknown).is_err());
    }
}
