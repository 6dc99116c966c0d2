//! Values are the same in all ways of reading.

use crm_sync::salesforce::{Query, Way};
use serde_json::json;

use crate::support::{id, rows, settings, sorted, start};

#[test]
fn rest_and_bulk_give_the_same_cells() {
    let values = json!({
        "Flag__c": [true, false, null],
        "Whole__c": [0, -12, 1988],
        "Broken__c": [0.1, -1234.5, 1988.0],
        "Day__c": ["2022-02-15", "1969-12-31", null],
        "At__c": ["2022-02-15T06:21:19.000+0000", "1999-12-31T23:59:59.999+0000", null],
        "Name": ["a \"quoted\", comma;\nnew line\r\n", "Ünï' \\ \t", "true"],
        "Account.Name": ["One, \"Two\"", "One, \"Two\"", null],
    });
    let paths: Vec<&str> =
        ["Id"].into_iter().chain(values.as_object().expect("columns").keys().map(String::as_str)).collect();
    let account = id("001", 1);
    let record = |row: usize| {
        let mut record = json!({"Id": id("003", row as u64), "AccountId": (row < 2).then_some(&account)});
        for path in paths.iter().filter(|path| !path.contains('.') && **path != "Id") {
            record[path] = values[path][row].clone();
        }
        record
    };
    let contacts: Vec<_> = (0..3).map(record).collect();
    let accounts = json!([{"Id": account, "Name": "One, \"Two\""}]);
    let org = start(json!({"records": {"Contact": contacts, "Account": accounts}, "bulk_polls": 0}));
    // Cells come in the order of the selection, which may differ from that of the query.
    let soql = format!("SELECT {} FROM Contact", paths.iter().rev().copied().collect::<Vec<_>>().join(", "));
    let read = |way| sorted(rows(settings(&org), Query::new(&soql).by(way), &paths).expect("rows"));
    assert_eq!(read(Way::Bulk), read(Way::Serial));
    assert!(read(Way::Bulk)[0].contains(r#"Bool(true)"#), "{:?}", read(Way::Bulk));
}

#[test]
fn half_an_emoji_costs_no_row() {
    let record = |n: u64, name: &str| json!({"Id": id("003", n), "Name": name});
    let contacts = [record(1, "Ann"), record(2, "Bob HALF"), record(3, "Cy \u{1f600}")];
    for (way, kind, bytes) in [
        (Way::Serial, "query", "\\ud83d"),
        (Way::Serial, "query", "\u{ed}\u{a0}\u{bd}"),
        (Way::Auto, "query", "\\uDE00"),
        (Way::Bulk, "any", "\u{ff}"),
    ] {
        let splice = json!({"splice": {"text": "HALF", "bytes": bytes}});
        let org = start(json!({
            "records": {"Contact": contacts}, "bulk_polls": 0, "faults": [{"on": kind, "answer": splice}]
        }));
        let rows =
            sorted(rows(settings(&org), Query::new("SELECT Id, Name FROM Contact").by(way), &["Name"]).expect("rows"));
        assert_eq!(rows.len(), 3, "{way:?} {bytes}");
        assert!(rows[1].starts_with("Bob \u{fffd}") && rows[2] == "Cy \u{1f600}", "{way:?} {bytes}: {rows:?}");
    }
}
