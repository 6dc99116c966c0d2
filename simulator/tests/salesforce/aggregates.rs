//! Aggregate functions over all rows.

use crate::support::{org, Org};
use serde_json::{json, Value};

async fn people() -> Org {
    let contacts = json!([
        {"Id": "0034M00001sDiGEQA0", "Age__c": 30, "Name": "bob", "At__c": "2023-01-01T00:00:00.000+0000"},
        {"Id": "0034M00001sDiGeQA0", "Age__c": null, "Name": "Ann", "At__c": "2022-12-31T23:00:00.000-0200"},
        {"Id": "0034M00001sDIGEQA0", "Age__c": 4.5, "Name": "", "At__c": null},
        {"Id": "0034M00001sDiGFQA0", "Age__c": 99, "Name": "Cy", "IsDeleted": true}
    ]);
    org(json!({"records": {"Contact": contacts}})).await
}

#[tokio::test]
async fn one_record_about_all_rows() {
    let org = people().await;
    let text = org.query("SELECT COUNT(Id), MIN(Id), MAX(Id) FROM Contact").send().await.unwrap().text().await.unwrap();
    let wanted = concat!(
        r#"{"totalSize":1,"done":true,"records":[{"attributes":{"type":"AggregateResult"},"#,
        r#""expr0":3,"expr1":"0034M00001sDIGEQA0","expr2":"0034M00001sDiGeQA0"}]}"#,
    );
    assert_eq!(text, wanted);
    let cases = [
        ("max(Age__c), count(Age__c), min(Age__c)", "", json!({"expr0": 30, "expr1": 2, "expr2": 4.5})),
        ("COUNT(Id) n, MIN(Name), MAX(Name) last", "", json!({"n": 3, "expr0": "Ann", "last": "bob"})),
        ("COUNT(Name)", "", json!({"expr0": 2})),
        ("MAX(At__c)", "", json!({"expr0": "2022-12-31T23:00:00.000-0200"})),
        ("MAX(Id)", "WHERE Age__c != null", json!({"expr0": "0034M00001sDiGEQA0"})),
        ("COUNT(Id), MIN(Id), MAX(Age__c)", "WHERE Id = 'x'", json!({"expr0": 0, "expr1": null, "expr2": null})),
    ];
    for (functions, end, wanted) in cases {
        let mut page = org.rows(&format!("SELECT {functions} FROM Contact {end}")).await;
        let record = page["records"][0].as_object_mut().unwrap();
        assert_eq!(record.shift_remove("attributes"), Some(json!({"type": "AggregateResult"})));
        assert_eq!(Value::from(record.clone()), wanted, "{functions}");
    }
    let (_, page) = org.answer(org.query_all("SELECT COUNT(Id) FROM Contact")).await;
    assert_eq!(page["records"][0]["expr0"], 4);
}

#[tokio::test]
async fn clauses_that_aggregates_exclude_are_malformed() {
    let org = people().await;
    let cases = [
        ("SELECT COUNT(Id) FROM Contact LIMIT 5", "cannot also use LIMIT"),
        ("SELECT MAX(Id) FROM Contact ORDER BY Id", "cannot also use ORDER"),
        ("SELECT MAX(Id) FROM Contact OFFSET 1", "cannot also use OFFSET"),
        ("SELECT Name, COUNT(Id) FROM Contact", "Column:8\nField must be grouped or aggregated: Name"),
        ("SELECT COUNT(), MIN(Id) FROM Contact", "unexpected token: ','"),
        ("SELECT MIN(Id), COUNT() FROM Contact", "unexpected token: ')'"),
        ("SELECT FLOOR(Id) FROM Contact", "Column:8\nunexpected token: 'FLOOR'"),
        ("SELECT COUNT(Id) FROM Contact GROUP BY Name", "unexpected token: 'GROUP'"),
    ];
    for (soql, wanted) in cases {
        let (status, code, message) = org.refusal(soql).await;
        assert_eq!((status.as_u16(), code.as_str()), (400, "MALFORMED_QUERY"), "{soql}");
        assert!(message.contains(wanted), "{soql}: {message}");
    }
}
