//! Matches the results of a job to its rows. Results come in no guaranteed order, and identify a row only by its
//! uploaded values. Equal rows get their results in turn, because they cannot be told apart.

use std::collections::HashMap;
use std::ops::Range;

use super::results::{End, Result};
use super::table::Table;

/// Returns the result of each of the given rows of a table; `None` for a row without a result.
pub(super) fn join(table: &Table, rows: Range<usize>, results: Vec<Result>) -> Vec<Option<End>> {
    let mut ends: Vec<Option<End>> = rows.clone().map(|_| None).collect();
    let exactly = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let left = deal(table, rows.start, &mut ends, results, exactly);
    if !left.is_empty() {
        // A server or a proxy may have changed line ends and blanks.
        let roughly = |texts: &[&str]| texts.iter().map(|text| squeezed(text)).collect();
        deal(table, rows.start, &mut ends, left, roughly);
    }
    ends
}

/// Assigns results to the rows that have none yet and the same key. Returns the results that are left.
fn deal(
    table: &Table,
    first: usize,
    ends: &mut [Option<End>],
    results: Vec<Result>,
    key: impl Fn(&[&str]) -> Vec<String>,
) -> Vec<Result> {
    let key = |texts: &[&str]| match table.key {
        Some(place) => key(&texts[place..=place]),
        None => key(texts),
    };
    let mut open: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
    // In reverse, because rows are taken from the end of the list.
    for place in (0..ends.len()).rev().filter(|place| ends[*place].is_none()) {
        open.entry(key(&table.row(first + place))).or_default().push(place);
    }
    let mut left = Vec::new();
    for (end, texts) in results {
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        match open.get_mut(&key(&borrowed)).and_then(Vec::pop) {
            Some(place) => ends[place] = Some(end),
            None => left.push((end, texts)),
        }
    }
    left
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::collection::Operation;

    fn table(operation: &Operation, rows: &[&str]) -> Table {
        let mut table = Table::new(operation);
        for fields in rows {
            assert!(table.add(None, &serde_json::from_str(fields).unwrap()));
        }
        table
    }

    fn result(said: &str, texts: &[&str]) -> Result {
        (End::Refused(said.into()), texts.iter().map(|text| (*text).to_owned()).collect())
    }

    fn said(ends: Vec<Option<End>>) -> Vec<String> {
        let said = |end| match end {
            Some(End::Refused(said)) => said,
            _ => String::new(),
        };
        ends.into_iter().map(said).collect()
    }

    #[test]
    fn rows_are_found_by_what_they_say_and_equal_ones_in_turn() {
        let same = r#"{"A":"1","B":"2"}"#;
        let table = table(&Operation::Create, &[same, r#"{"A":"1"}"#, same, r#"{"A":"1","B":null}"#, same]);
        let results = vec![
            result("fourth", &["1", "#N/A"]),
            result("first", &["1", "2"]),
            result("nobody's", &["1", "3"]),
            result("second", &["1", ""]),
            result("third", &["1", "2"]),
        ];
        assert_eq!(said(join(&table, 0..5, results)), ["first", "second", "third", "fourth", ""]);
    }

    #[test]
    fn blanks_and_line_ends_may_be_written_in_another_way_but_what_is_exact_comes_first() {
        let table = table(&Operation::Create, &[r#"{"A":"a\r\nb"}"#, r#"{"A":" c"}"#, r#"{"A":"c"}"#]);
        let results = vec![result("2", &["c"]), result("0", &["a\nb"]), result("1", &["c "])];
        assert_eq!(said(join(&table, 0..3, results)), ["0", "1", "2"]);
    }

    #[test]
    fn a_record_that_is_found_by_a_value_is_told_by_it_alone() {
        let table =
            table(&Operation::Upsert { by: "K".into() }, &[r#"{"K":"a","N":"1.0"}"#, r#"{"K":"b"}"#, r#"{"K":"c"}"#]);
        let results = vec![result("c", &["c", "1"]), result("b", &["b", ""])];
        assert_eq!(said(join(&table, 1..3, results)), ["b", "c"]);
    }
}
