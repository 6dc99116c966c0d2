//! SOQL: the results of queries, their format, and refusals.

use crate::support::{org, Org};
use serde_json::{json, Value};

async fn people() -> Org {
    org(json!({"records": {"Contact": [
        {"Id": "a", "Name": "Ann O'Neil", "Email": "Ann@Rice.EDU", "Age__c": 30, "Ok__c": true,
         "Since__c": "2022-02-15", "SystemModstamp": "2022-02-15T06:21:19.000+0000",
         "AccountId": "0014M00001sDiGE", "Kind__c": "x"},
        {"Id": "b", "Name": "bob", "Email": null, "Age__c": 4.5, "Ok__c": false,
         "Since__c": null, "SystemModstamp": "2023-01-01T00:00:00.000+0000", "AccountId": null, "Kind__c": "X"},
        {"Id": "c", "Name": "Cé\\_%", "Email": "", "Age__c": null, "Ok__c": false,
         "Since__c": "2023-01-01", "SystemModstamp": "2024-01-01T00:00:00.000+0000",
         "AccountId": "0014M00001sDiGEQA0", "Kind__c": "y"}
    ], "Account": [{"Id": "0014M00001sDiGEQA0", "Name": "Rice"}]}}))
    .await
}

#[tokio::test]
async fn conditions() {
    let org = people().await;
    let cases = [
        ("Name = 'ann o\\'neil'", "a"),
        ("Name != 'bob'", "ac"),
        ("Name <> 'bob'", "ac"),
        ("Email = null", "bc"),
        ("Email = ''", "bc"),
        ("Email != NULL", "a"),
        ("Email != 'ann@rice.edu'", "bc"),
        ("Age__c > 4", "ab"),
        ("Age__c >= 4.5 AND Age__c < 30", "b"),
        ("Age__c <= +30", "ab"),
        ("Age__c > -1", "ab"),
        ("Ok__c = true", "a"),
        ("ok__C != TRUE", "bc"),
        ("Id > 'a'", "bc"),
        ("Id = 'A'", ""),
        ("Name >= 'B'", "bc"),
        ("Since__c = 2022-02-15", "a"),
        ("SystemModstamp >= 2023-01-01T00:00:00Z", "bc"),
        ("SystemModstamp < 2023-01-01T01:00:00+02:00", "a"),
        ("Name IN ('BOB', 'ann o\\'neil', 'nobody')", "ab"),
        ("Name NOT IN ('BOB')", "ac"),
        ("Age__c IN (30, null)", "ac"),
        ("Name LIKE 'A%'", "a"),
        ("Name LIKE '_ob'", "b"),
        ("Name LIKE '%\\\\\\_\\%'", "c"),
        ("Name LIKE 'cé%'", "c"),
        ("Email LIKE '%'", "ac"),
        ("NOT Name LIKE 'A%'", "bc"),
        ("Ok__c = false AND (NOT Name = 'bob')", "c"),
        ("(Name = 'bob' OR Ok__c = true) AND Age__c > 10", "a"),
        ("Name = 'bob' OR (Ok__c = true AND Age__c > 10)", "ab"),
        ("((Name = 'bob'))", "b"),
        ("AccountId = '0014M00001sDiGEQA0'", "ac"),
        ("AccountId IN ('0014M00001sDiGE')", "ac"),
        ("AccountId = '0014m00001sDiGE'", ""),
        ("Account.Name = 'rice'", "ac"),
        ("Account.Name = null", "b"),
        ("Kind__c = 'x'", "ab"),
        ("Contact.Name = 'bob'", "b"),
        ("Nowhere__c = null", "abc"),
    ];
    for (condition, wanted) in cases {
        let found = org.ids(&format!("SELECT Id FROM Contact WHERE {condition}")).await;
        assert_eq!(found.concat(), wanted, "{condition}");
    }
}

#[tokio::test]
async fn orders_limits_and_offsets() {
    let org = people().await;
    let cases = [
        ("ORDER BY Name DESC", "cba"),
        ("ORDER BY Age__c", "cba"),
        ("ORDER BY Age__c NULLS LAST", "bac"),
        ("ORDER BY Age__c DESC", "cab"),
        ("ORDER BY Age__c DESC NULLS LAST", "abc"),
        ("ORDER BY Ok__c, Name DESC", "cba"),
        ("ORDER BY Kind__c ASC NULLS FIRST, Id DESC", "bac"),
        ("ORDER BY Account.Name, Name", "bac"),
        ("LIMIT 2", "ab"),
        ("LIMIT 0", ""),
        ("ORDER BY Id LIMIT 1 OFFSET 1", "b"),
        ("OFFSET 9", ""),
        ("where Name like '%b%' order by Id limit 5 offset 0", "b"),
    ];
    for (end, wanted) in cases {
        assert_eq!(org.ids(&format!("SELECT Id FROM Contact {end}")).await.concat(), wanted, "{end}");
    }
}

#[tokio::test]
async fn answers_have_the_form_of_salesforce() {
    let org = people().await;
    let soql = "select name, ID, account.name, Email, Account.Id from contact where Id in ('a', 'b')";
    let text = org.query(soql).send().await.unwrap().text().await.unwrap();
    let wanted = concat!(
        r#"{"totalSize":2,"done":true,"records":["#,
        r#"{"attributes":{"type":"Contact","url":"/services/data/v66.0/sobjects/Contact/a"},"#,
        r#""Name":"Ann O'Neil","Id":"a","#,
        r#""Account":{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/0014M00001sDiGEQA0"},"#,
        r#""Name":"Rice","Id":"0014M00001sDiGEQA0"},"Email":"Ann@Rice.EDU"},"#,
        r#"{"attributes":{"type":"Contact","url":"/services/data/v66.0/sobjects/Contact/b"},"#,
        r#""Name":"bob","Id":"b","Account":null,"Email":null}]}"#,
    );
    assert_eq!(text, wanted);
    assert_eq!(org.rows("SELECT COUNT() FROM Contact").await, json!({"totalSize": 3, "done": true, "records": []}));
    assert_eq!(org.rows("SELECT Id FROM Lead").await, json!({"totalSize": 0, "done": true, "records": []}));
}

#[tokio::test]
async fn parents_come_from_the_record_or_from_their_id() {
    let org = org(json!({"records": {
        "Contact": [
            {"Id": "nested", "AccountId": "1", "Account": {"Id": "n", "Name": "Nested"}},
            {"Id": "custom", "School__c": "9", "AccountId": "1"},
            {"Id": "nobody", "AccountId": "404"}
        ],
        "Account": [{"Id": "1", "Name": "One", "OwnerId": "u"}],
        "User": [{"Id": "u", "Name": "Uma"}],
        "Place__c": [{"Id": "9", "Town__c": "Houston"}]
    }}))
    .await;
    let soql = "SELECT Id, Account.Name, Account.Owner.Name, School__r.Town__c FROM Contact";
    let mut page = org.rows(soql).await;
    let attributes = |record: &Value| record["attributes"]["type"].clone();
    assert_eq!(attributes(&page["records"][1]["School__r"]), "Place__c");
    assert_eq!(attributes(&page["records"][1]["Account"]["Owner"]), "User");
    strip(&mut page);
    assert_eq!(
        page["records"],
        json!([
            {"Id": "nested", "Account": {"Name": "Nested", "Owner": null}, "School__r": null},
            {"Id": "custom", "Account": {"Name": "One", "Owner": {"Name": "Uma"}}, "School__r": {"Town__c": "Houston"}},
            {"Id": "nobody", "Account": null, "School__r": null}
        ])
    );
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.shift_remove("attributes");
            fields.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => (),
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_malformed() {
    let org = people().await;
    let cases = [
        ("SELECT Id FROM Contact WHERE", "Column:29\nunexpected token: '<EOF>'"),
        ("SELECT Id, FROM Contact", "Column:12\nunexpected token: 'FROM'"),
        ("SELECT Id FROM Contact WHERE Name IS NULL", "unexpected token: 'IS'"),
        ("SELECT Id FROM Contact WHERE Name = bob", "Column:37\nunexpected token: 'bob'"),
        ("SELECT Id FROM Contact WHERE Name = 'bob", "mismatched character '<EOF>'"),
        ("SELECT Id FROM Contact WHERE Name = 'b''b'", "unexpected token: ''b''"),
        ("SELECT Id FROM Contact WHERE Name = '\\x'", "Illegal character sequence"),
        ("SELECT Id FROM Contact WHERE Id IN ()", "unexpected token: ')'"),
        ("SELECT Id FROM Contact WHERE Id = 'a' AND Id = 'b' OR Id = 'c'", "Column:52\nunexpected token: 'OR'"),
        ("SELECT Id FROM Contact WHERE Id = 'a' AND NOT Id = 'b'", "unexpected token: 'NOT'"),
        ("SELECT Id\nFROM Contact\nWHERE %", "Row:3:Column:7"),
        ("SELECT * FROM Contact", "no viable alternative at character '*'"),
        ("SELECT Account..Name FROM Contact", "unexpected token: 'Account..Name'"),
        ("SELECT Id FROM Contact LIMIT x", "unexpected token: 'x'"),
        ("DELETE FROM Contact", "unexpected token: 'DELETE'"),
        ("", "unexpected token: '<EOF>'"),
    ];
    for (soql, wanted) in cases {
        let (status, code, message) = org.refusal(soql).await;
        assert_eq!((status.as_u16(), code.as_str()), (400, "MALFORMED_QUERY"), "{soql}");
        assert!(message.contains(wanted), "{soql}: {message}");
    }
    let deep = format!("SELECT Id FROM Contact WHERE {}Id = 'a'", "(".repeat(5000));
    assert_eq!(org.refusal(&deep).await.1, "MALFORMED_QUERY");
}

#[tokio::test]
async fn unknown_names_are_invalid() {
    let org = org(json!({
        "fields": {"Contact": ["Name", "AccountId"], "Account": ["Name"]},
        "records": {"Contact": [{"Id": "a", "Name": "Ann", "Secret__c": 1}]}
    }))
    .await;
    assert_eq!(org.ids("SELECT Id, name, Account.Name FROM Contact").await, ["a"]);
    let (status, code, message) = org.refusal("SELECT Id, Nope__c FROM Contact").await;
    assert_eq!((status.as_u16(), code.as_str()), (400, "INVALID_FIELD"));
    let wanted = "\nSELECT Id, Nope__c FROM Contact\n           ^\nERROR at Row:1:Column:12\n\
                  No such column 'Nope__c' on entity 'Contact'. If you are attempting to use a custom field, be sure \
                  to append the '__c' after the custom field name.";
    assert!(message.starts_with(wanted), "{message}");

    let cases = [
        ("SELECT Secret__c FROM Contact", "INVALID_FIELD", "No such column 'Secret__c'"),
        ("SELECT Account.Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        ("SELECT Owner.Name FROM Contact", "INVALID_FIELD", "Didn't understand relationship 'Owner'"),
        ("SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD", "Column:30"),
        ("SELECT Id FROM Contact ORDER BY Nope", "INVALID_FIELD", "Column:33"),
        ("SELECT Id, Name, id FROM Contact", "INVALID_FIELD", "duplicate field selected: id"),
        ("SELECT Id FROM Nope__c", "INVALID_TYPE", "sObject type 'Nope__c' is not supported."),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ];
    for (soql, code, wanted) in cases {
        let refusal = org.refusal(soql).await;
        assert_eq!(refusal.1, code, "{soql}");
        assert!(refusal.2.contains(wanted), "{soql}: {}", refusal.2);
    }
}

#[tokio::test]
async fn quotes_have_to_fit_the_type() {
    let org = people().await;
    let cases = [
        ("Ok__c = 'true'", "boolean and should not"),
        ("Age__c > '4'", "double and should not"),
        ("SystemModstamp > '2022-01-01T00:00:00Z'", "dateTime and should not"),
        ("Name = 5", "string and should"),
    ];
    for (condition, wanted) in cases {
        let (_, code, message) = org.refusal(&format!("SELECT Id FROM Contact WHERE {condition}")).await;
        assert_eq!(code, "INVALID_FIELD", "{condition}");
        assert!(message.contains(wanted), "{condition}: {message}");
    }
}

#[tokio::test]
async fn a_long_query_is_shown_in_part() {
    let org = people().await;
    let ids = vec!["'0034C00000VaYfKQAV'"; 400].join(",");
    let (_, _, message) = org.refusal(&format!("SELECT Id FROM Contact WHERE Id IN ({ids}) AND")).await;
    assert!(message.len() < 400 && message.contains("AND\n"), "{message}");
}

#[tokio::test]
async fn objects_may_be_called_like_clauses() {
    let org = org(json!({"records": {
        "Order": [{"Id": "a", "Name": "y"}, {"Id": "b", "Name": "x"}], "Group": [{"Id": "c", "Name": "z"}]
    }}))
    .await;
    for (soql, wanted) in [
        ("SELECT Id FROM Order", "ab"),
        ("SELECT Id FROM order WHERE Name = 'x'", "b"),
        ("SELECT Id FROM Order ORDER BY Name LIMIT 1", "b"),
        ("SELECT Id FROM Group", "c"),
    ] {
        assert_eq!(org.ids(soql).await.concat(), wanted, "{soql}");
    }
    for soql in ["SELECT Order FROM Group", "SELECT Id FROM ORDER BY Name"] {
        assert_eq!(org.refusal(soql).await.1, "MALFORMED_QUERY", "{soql}");
    }
}

#[tokio::test]
async fn everybody_may_ask_for_his_own_permissions() {
    let soql = "SELECT PermissionsViewAllData FROM UserPermissionAccess";
    for (options, wanted) in [(json!({}), true), (json!({"view_all_data": "withheld"}), false)] {
        let org = org(options).await;
        assert_eq!(org.rows(soql).await["records"][0]["PermissionsViewAllData"], json!(wanted));
    }
    let org = org(json!({"view_all_data": "unreadable"})).await;
    assert_eq!(org.refusal(soql).await.1, "INVALID_TYPE");
}
