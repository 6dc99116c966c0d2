//! Nested queries for children.

use crate::support::{org, Org};
use serde_json::{json, Value};

async fn schools() -> Org {
    org(json!({"records": {
        "Account": [
            {"Id": "0014M00001sDiGEQA0", "Name": "Rice"},
            {"Id": "0014M00001sDiGFQA0", "Name": "Tufts", "ParentId": "0014M00001sDiGE"}
        ],
        "Contact": [
            {"Id": "a", "Name": "Ann", "AccountId": "0014M00001sDiGE", "OwnerId": "u"},
            {"Id": "b", "Name": "Bob", "AccountId": "0014M00001sDiGEQA0", "OwnerId": null},
            {"Id": "c", "Name": "Cy", "AccountId": null},
            {"Id": "d", "Name": "Di", "AccountId": "0014M00001sDiGEQA0", "IsDeleted": true}
        ],
        "Book__c": [
            {"Id": "x", "School__c": "0014M00001sDiGFQA0", "Former_School__c": "0014M00001sDiGEQA0"},
            {"Id": "y", "School__c": "0014M00001sDiGEQA0"}
        ],
        "User": [{"Id": "u", "Name": "Uma"}]
    }}))
    .await
}

/// Returns the ids of the children of each account, from the relation with this name.
async fn children(org: &Org, name: &str, query: &str) -> Vec<String> {
    let page = org.rows(&format!("SELECT Id, ({query}) FROM Account ORDER BY Name")).await;
    let children = |account: &Value| {
        let records = account[name]["records"].as_array().into_iter().flatten();
        records.map(|record| record["Id"].as_str().unwrap()).collect()
    };
    page["records"].as_array().unwrap().iter().map(children).collect()
}

#[tokio::test]
async fn they_nest_in_their_parents() {
    let org = schools().await;
    let soql = "select Name, (select Id, owner.Name from contacts order by Name), Id from Account order by Name";
    let text = org.query(soql).send().await.unwrap().text().await.unwrap();
    let wanted = concat!(
        r#"{"totalSize":2,"done":true,"records":["#,
        r#"{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/0014M00001sDiGEQA0"},"#,
        r#""Name":"Rice","Contacts":{"totalSize":2,"done":true,"records":["#,
        r#"{"attributes":{"type":"Contact","url":"/services/data/v66.0/sobjects/Contact/a"},"Id":"a","#,
        r#""Owner":{"attributes":{"type":"User","url":"/services/data/v66.0/sobjects/User/u"},"Name":"Uma"}},"#,
        r#"{"attributes":{"type":"Contact","url":"/services/data/v66.0/sobjects/Contact/b"},"Id":"b","Owner":null}"#,
        r#"]},"Id":"0014M00001sDiGEQA0"},"#,
        r#"{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/0014M00001sDiGFQA0"},"#,
        r#""Name":"Tufts","Contacts":null,"Id":"0014M00001sDiGFQA0"}]}"#,
    );
    assert_eq!(text, wanted);
}

#[tokio::test]
async fn they_have_conditions_orders_and_limits() {
    let org = schools().await;
    let cases = [
        ("Contacts", "SELECT Id FROM Contacts WHERE Name LIKE 'B%'", ["b", ""]),
        ("Contacts", "SELECT Id FROM Contacts ORDER BY Name DESC", ["ba", ""]),
        ("Contacts", "SELECT Id FROM Contacts ORDER BY Name DESC LIMIT 1", ["b", ""]),
        ("Contacts", "SELECT Id FROM Contacts LIMIT 0", ["", ""]),
        ("Contacts", "SELECT Id FROM Contacts WHERE Contact.Owner.Name = 'Uma'", ["a", ""]),
        ("ChildAccounts", "SELECT Id FROM ChildAccounts", ["0014M00001sDiGFQA0", ""]),
        ("Books__r", "SELECT Id FROM Books__r", ["y", "x"]),
        ("Books1__r", "SELECT Id FROM books1__R", ["x", ""]),
    ];
    for (name, query, wanted) in cases {
        assert_eq!(children(&org, name, query).await, wanted, "{query}");
    }
    let soql = "SELECT Id, (SELECT Id FROM Contacts) FROM Account ORDER BY Name LIMIT 1";
    let (_, page) = org.answer(org.query_all(soql)).await;
    assert_eq!(page["records"][0]["Contacts"]["totalSize"], 3);
    let page = org.rows("SELECT (SELECT Id FROM Contacts), (SELECT Name FROM ChildAccounts) FROM Account").await;
    let names: Vec<&String> = page["records"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["attributes", "Contacts", "ChildAccounts"]);
}

#[tokio::test]
async fn a_limit_is_one_of_each_parent() {
    let accounts = json!([{"Id": "p"}, {"Id": "q"}]);
    let contact = |number: usize| json!({"Id": number.to_string(), "AccountId": if number.is_multiple_of(2) { "p" } else { "q" }});
    let contacts: Value = (0..6).map(contact).collect();
    let org = org(json!({"page_size": 1, "records": {"Account": accounts, "Contact": contacts}})).await;
    let first = org.rows("SELECT Id, (SELECT Id FROM Contacts ORDER BY Id DESC LIMIT 2) FROM Account").await;
    let (_, second) = org.answer(org.get(first["nextRecordsUrl"].as_str().unwrap())).await;
    for (page, wanted) in [(first, ["4", "2"]), (second, ["5", "3"])] {
        let records = page["records"][0]["Contacts"]["records"].as_array().unwrap();
        let ids: Vec<&Value> = records.iter().map(|record| &record["Id"]).collect();
        assert_eq!(ids, wanted);
    }
}

#[tokio::test]
async fn standard_relations_are_there_without_records() {
    let org = org(json!({"records": {"Account": [{"Id": "p"}]}})).await;
    let page = org.rows("SELECT Id, (SELECT Id FROM Contacts) FROM Account").await;
    assert_eq!(page["records"][0]["Contacts"], Value::Null);
}

#[tokio::test]
async fn what_they_cannot_ask_for_is_refused() {
    let org = schools().await;
    let unknown = "Didn't understand relationship 'Contact' in FROM part of query call.";
    let cases = [
        ("SELECT Id, (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE", unknown),
        ("SELECT Id, (SELECT Id FROM Accounts) FROM Contact", "INVALID_TYPE", "'Accounts'"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM User", "INVALID_TYPE", "Column:28"),
        (
            "SELECT Id, (SELECT Id FROM Contacts), (SELECT Name FROM contacts) FROM Account",
            "INVALID_FIELD",
            "duplicate",
        ),
        ("SELECT Id, (SELECT Id FROM Contacts OFFSET 1) FROM Account", "MALFORMED_QUERY", "token: 'OFFSET'"),
        ("SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account", "MALFORMED_QUERY", "token: '('"),
        ("SELECT Id, (SELECT MAX(Id) FROM Contacts) FROM Account", "MALFORMED_QUERY", "token: '('"),
        ("SELECT Id, (SELECT Id, (SELECT Id FROM Cases) FROM Contacts) FROM Account", "MALFORMED_QUERY", "token: '('"),
        ("SELECT Id, (SELECT Id FROM Contacts FROM Account", "MALFORMED_QUERY", "token: 'FROM'"),
        ("SELECT (SELECT Id FROM Contacts), COUNT(Id) FROM Account", "MALFORMED_QUERY", "grouped or aggregated"),
        ("SELECT (SELECT Id FROM Contacts WHERE Name = 5) FROM Account", "INVALID_FIELD", "must be of type string"),
    ];
    for (soql, code, wanted) in cases {
        let refusal = org.refusal(soql).await;
        assert_eq!((refusal.0.as_u16(), refusal.1.as_str()), (400, code), "{soql}");
        assert!(refusal.2.contains(wanted), "{soql}: {}", refusal.2);
    }
}

#[tokio::test]
async fn declared_fields_decide_which_relations_there_are() {
    let fields = json!({"Contact": ["Name"], "Account": ["Name"]});
    let org = org(json!({"fields": fields, "records": {"Account": [{"Id": "p"}]}})).await;
    assert_eq!(org.refusal("SELECT Id, (SELECT Id FROM Contacts) FROM Account").await.1, "INVALID_TYPE");
    assert_eq!(org.refusal("SELECT Id, (SELECT Nope FROM ChildAccounts) FROM Account").await.1, "INVALID_TYPE");
}
