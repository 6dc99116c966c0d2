//! Parses a page of a query's response in one pass, directly into the cells that were asked for.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::page_rows::PageRows;
use crate::error::presentable;
use crate::rows::{Cell, Object, Record, Selection};

/// The parts of a page other than its records.
#[derive(Debug, Default)]
pub struct Frame {
    /// The number of rows of the query on all its pages.
    pub total: u64,
    /// True if this is the last page; `None` if the response does not say.
    pub done: Option<bool>,
    /// The address of the next page. It is untrusted until it has been checked.
    pub next: Option<String>,
}

/// The reason why a page cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// The page is damaged; it may arrive intact if it is requested again.
    Broken,
    /// The page is intact, but has invalid content.
    Wrong(String),
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        match error.is_data() {
            true => Unreadable::Wrong(format!("a record cannot be read: {}", presentable(&error.to_string()))),
            false => Unreadable::Broken,
        }
    }
}

/// Parses a page; `records` deserializes the array of its records.
pub(super) fn read_page<'de, S: DeserializeSeed<'de>>(
    page: &'de [u8],
    records: S,
) -> Result<(Frame, S::Value), Unreadable> {
    // UTF-8 is validated for the page as a whole, because validating each string takes half as long again.
    let page = std::str::from_utf8(page).map_err(|_| Unreadable::Broken)?;
    let mut reader = serde_json::Deserializer::from_str(page);
    let read = Page(records).deserialize(&mut reader).and_then(|read| reader.end().map(|()| read));
    read.map_err(|error| match error.to_string().contains(NO_PAGE) {
        true => Unreadable::Broken,
        false => error.into(),
    })
}

/// Marks the error of JSON that is not the response to a query.
const NO_PAGE: &str = "not a page";

struct Page<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Page<S> {
    type Value = (Frame, S::Value);
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Page<S> {
    type Value = (Frame, S::Value);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NO_PAGE)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut frame, mut total, mut seed, mut records) = (Frame::default(), None, Some(self.0), None);
        while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
            match &*name {
                "totalSize" => total = Some(fields.next_value()?),
                "done" => frame.done = fields.next_value()?,
                "nextRecordsUrl" => frame.next = fields.next_value()?,
                "records" => match seed.take() {
                    Some(seed) => records = Some(fields.next_value_seed(seed)?),
                    None => return Err(A::Error::custom(NO_PAGE)),
                },
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        frame.total = total.ok_or_else(|| A::Error::custom(NO_PAGE))?;
        Ok((frame, records.ok_or_else(|| A::Error::custom(NO_PAGE))?))
    }
}

/// Parses an array of records into rows of cells.
pub(super) struct Records<'s>(pub(super) &'s Selection);

impl<'de> DeserializeSeed<'de> for Records<'_> {
    type Value = PageRows<'de>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Records<'_> {
    type Value = PageRows<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<Self::Value, A::Error> {
        let mut rows = PageRows::new(self.0.width());
        loop {
            let cells = rows.push();
            if records.next_element_seed(Object(Record { selection: self.0, cells: &mut *cells }))?.is_none() {
                rows.pop();
                return Ok(rows);
            }
            // No JSON value is read as unknown, so a cell that stays unknown belongs to a field that the record lacks.
            if let Some(absent) = cells.iter().position(|cell| *cell == Cell::Unknown) {
                return Err(A::Error::custom(self.0.missing(absent)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    fn read(paths: &[&str], records: &str) -> Result<Vec<Vec<String>>, Unreadable> {
        let selection = Selection::new(paths);
        let page = format!(r#"{{"totalSize":2,"done":true,"records":{records}}}"#);
        let (frame, rows) = read_page(page.as_bytes(), Records(&selection))?;
        assert_eq!((frame.total, frame.done, frame.next), (2, Some(true), None));
        Ok(rows.iter().map(|row| row.iter().map(|cell| format!("{cell:?}")).collect()).collect())
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
        let missing = read(&["Id", "Email"], r#"[{"Id":"a"}]"#).unwrap_err();
        assert!(matches!(missing, Unreadable::Wrong(why) if why.contains("Email")));
    }

    #[test]
    fn a_value_of_another_shape_is_an_error() {
        assert!(matches!(read(&["Id"], r#"[{"Id":{"x":1}}]"#), Err(Unreadable::Wrong(_))));
        assert!(matches!(read(&["Id"], r#"{"Id":"a"}"#), Err(Unreadable::Wrong(_))));
        assert!(matches!(read(&["Id"], r#"[{"Id":"a"},null]"#), Err(Unreadable::Wrong(_))), "no row of nulls");
    }

    #[test]
    fn truncated_json_and_other_text_are_broken_pages() {
        assert!(matches!(read(&["Id"], r#"[{"Id":"a""#), Err(Unreadable::Broken)));
        for text in ["[]", "<html>", r#"{"records":[]}"#, r#"{"totalSize":0}"#, r#"{"totalSize":0,"records":[]} x"#] {
            assert!(matches!(read_page(text.as_bytes(), Records(&Selection::new(&["Id"]))), Err(Unreadable::Broken)));
        }
    }

    /// Generates a value that a field can have. Texts contain the characters that must be escaped.
    fn value() -> impl Strategy<Value = Value> {
        let number = prop_oneof![any::<i64>().prop_map(Value::from), any::<u64>().prop_map(Value::from)];
        let float = any::<f64>().prop_map(Value::from);
        let text = prop_oneof!["[a\"\\\\/\n\u{1}é\u{1f600}]{0,9}", ".{0,30}"].prop_map(Value::from);
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, float, text]
    }

    proptest! {
        #[test]
        fn cells_hold_the_values_of_the_page_and_a_part_of_a_page_is_broken(
            rows in prop::collection::vec([value(), value()], 0..120),
            part in any::<prop::sample::Index>(),
        ) {
            let records: Vec<_> = rows.iter().map(|[a, b]| serde_json::json!({ "A": a, "x": [b], "P": { "B": b } })).collect();
            let page = serde_json::json!({ "totalSize": rows.len(), "records": records }).to_string();
            let selection = Selection::new(&["A", "P.B"]);
            let (_, read) = read_page(page.as_bytes(), Records(&selection)).unwrap();
            let expected = rows.iter().map(|row| row.each_ref().map(|value| Cell::deserialize(value).unwrap()));
            prop_assert!(read.iter().eq(expected));
            let part = &page.as_bytes()[..part.index(page.len())];
            prop_assert!(matches!(read_page(part, Records(&selection)), Err(Unreadable::Broken)));
        }
    }
}
