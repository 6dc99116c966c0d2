//! Reading and changing records by their ids.

use crate::support::{org, Org, DATA};
use serde_json::{json, Value};

const ID: &str = "0034C00000VaYfKQAV";

async fn ann() -> Org {
    org(json!({"records": {"Contact": [{"Id": ID, "Name": "Ann", "Email": "a@b.edu"}]}})).await
}

fn patch(org: &Org, path: &str, body: &Value) -> reqwest::RequestBuilder {
    org.authorized(org.client.patch(org.url(&format!("{DATA}{path}")))).json(body)
}

fn post(org: &Org, path: &str, body: &Value) -> reqwest::RequestBuilder {
    org.authorized(org.client.post(org.url(&format!("{DATA}{path}")))).json(body)
}

#[tokio::test]
async fn an_update_changes_the_record() {
    let org = ann().await;
    let response = patch(&org, &format!("/sobjects/Contact/{}", &ID[..15]), &json!({"email": null, "New__c": 1}));
    let response = response.send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert!(response.headers().contains_key("sforce-limit-info"));
    assert_eq!(response.text().await.unwrap(), "");
    let records = Value::from(org.salesforce.records("Contact"));
    assert_eq!(records, json!([{"Id": ID, "Name": "Ann", "Email": null, "New__c": 1}]));
}

#[tokio::test]
async fn updates_that_cannot_be_are_refused() {
    let fields = json!({"Contact": ["Name"]});
    let org = org(json!({"fields": fields, "records": {"Contact": [{"Id": ID}]}})).await;
    let cases = [
        ("/sobjects/Contact/0034C00000VaYfLQAV".to_owned(), json!({}), 404, "NOT_FOUND"),
        (format!("/sobjects/Nope/{ID}"), json!({}), 404, "NOT_FOUND"),
        (format!("/sobjects/Contact/{ID}"), json!({"Nope": 1}), 400, "INVALID_FIELD"),
        (format!("/sobjects/Contact/{ID}"), json!({"Id": ID}), 400, "INVALID_FIELD"),
        (format!("/sobjects/Contact/{ID}"), json!([]), 400, "JSON_PARSER_ERROR"),
    ];
    for (path, body, status, code) in cases {
        let answer = org.answer(patch(&org, &path, &body)).await;
        assert_eq!((answer.0.as_u16(), answer.1[0]["errorCode"].as_str()), (status, Some(code)), "{path}");
    }
}

#[tokio::test]
async fn a_record_is_created_and_read() {
    let org = ann().await;
    let (status, body) = org.answer(post(&org, "/sobjects/Lead", &json!({"LastName": "Lee", "company": "B"}))).await;
    assert_eq!((status.as_u16(), &body["success"], &body["errors"]), (201, &json!(true), &json!([])));
    let id = body["id"].as_str().unwrap();
    assert!(id.starts_with("00Q") && id.len() == 18, "{id}");
    let (_, read) = org.answer(org.get(&format!("{DATA}/sobjects/Lead/{id}"))).await;
    let url = format!("{DATA}/sobjects/Lead/{id}");
    assert_eq!(read, json!({"attributes": {"type": "Lead", "url": url}, "LastName": "Lee", "company": "B", "Id": id}));
    let (_, read) = org.answer(org.get(&format!("{DATA}/sobjects/Contact/{ID}?fields=Name"))).await;
    assert_eq!((&read["Name"], &read["Id"], read.get("Email")), (&json!("Ann"), &json!(ID), None));
}

#[tokio::test]
async fn many_are_read_in_the_order_of_the_request() {
    let org = ann().await;
    let body = json!({"ids": ["0034C00000VaYfLQAV", &ID[..15]], "fields": ["Email"]});
    let (status, read) = org.answer(post(&org, "/composite/sobjects/Contact", &body)).await;
    assert_eq!(status, 200);
    assert_eq!((&read[0], &read[1]["Email"], &read[1]["Id"]), (&Value::Null, &json!("a@b.edu"), &json!(ID)));
}

fn changes(all_or_none: bool) -> Value {
    let kind = json!({"type": "Contact"});
    json!({"allOrNone": all_or_none, "records": [
        {"attributes": kind, "id": ID, "Name": "Eve"},
        {"attributes": kind, "id": "0034C00000VaYfLQAV", "Name": "Eve"}
    ]})
}

#[tokio::test]
async fn many_are_changed_each_for_itself() {
    let org = ann().await;
    let (status, results) = org.answer(patch(&org, "/composite/sobjects", &changes(false))).await;
    assert_eq!(status, 200);
    assert_eq!(results[0], json!({"id": ID, "success": true, "errors": []}));
    assert_eq!((&results[1]["success"], results[1].get("id")), (&json!(false), None));
    assert_eq!(results[1]["errors"][0]["statusCode"], "INVALID_CROSS_REFERENCE_KEY");
    assert_eq!(org.salesforce.records("Contact")[0]["Name"], "Eve");
}

#[tokio::test]
async fn all_or_none_are_changed() {
    let org = ann().await;
    let (_, results) = org.answer(patch(&org, "/composite/sobjects", &changes(true))).await;
    assert!(results.as_array().unwrap().iter().all(|result| result.get("id").is_none()), "{results}");
    assert_eq!(results[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(org.salesforce.records("Contact")[0]["Name"], "Ann");
}

#[tokio::test]
async fn collections_take_200() {
    let org = ann().await;
    let record = json!({"attributes": {"type": "Contact"}, "id": ID});
    let body = json!({"records": vec![record; 201]});
    let (status, body) = org.answer(patch(&org, "/composite/sobjects", &body)).await;
    assert_eq!((status.as_u16(), body[0]["errorCode"].as_str()), (400, Some("EXCEEDED_ID_LIMIT")));
}

#[tokio::test]
async fn a_record_comes_once_in_a_list() {
    let org = org(json!({"records": {"Contact": [{"Id": ID}, {"Id": "0034C00000VaYfLQAV"}]}})).await;
    let record = |id: &str| json!({"attributes": {"type": "Contact"}, "id": id, "Name": "Eve"});
    let body = json!({"records": [record(ID), record("0034C00000VaYfLQAV"), record(&ID[..15])]});
    let (status, results) = org.answer(patch(&org, "/composite/sobjects", &body)).await;
    let twice = |id: &str| json!({"statusCode": "DUPLICATE_VALUE", "message": format!("Duplicate id specified: {id}"), "fields": []});
    assert_eq!((status.as_u16(), &results[1]["success"]), (200, &json!(true)));
    assert_eq!((&results[0]["errors"][0], &results[2]["errors"][0]), (&twice(ID), &twice(&ID[..15])));
}

#[tokio::test]
async fn records_of_several_objects_are_ten_runs_at_most() {
    let org = org(json!({"records": {"Contact": [{"Id": ID}]}})).await;
    let object = |number: usize| if number.is_multiple_of(2) { "Lead" } else { "Contact" };
    let record = |number: usize| json!({"attributes": {"type": object(number)}, "id": format!("x{number}")});
    let records = |runs: usize| json!({"records": (0..runs).map(record).collect::<Vec<Value>>()});
    assert_eq!(org.answer(patch(&org, "/composite/sobjects", &records(10))).await.0, 200);
    let (status, body) = org.answer(patch(&org, "/composite/sobjects", &records(11))).await;
    assert_eq!((status.as_u16(), body[0]["errorCode"].as_str()), (400, Some("LIMIT_EXCEEDED")));
}

#[tokio::test]
async fn the_first_records_of_a_list_can_be_refused() {
    let failures = json!({"count": 1, "code": "UNABLE_TO_LOCK_ROW", "message": "busy"});
    let faults = json!([{"on": "update", "times": 1, "answer": {"row_failures": failures}}]);
    let org = org(json!({"records": {"Contact": [{"Id": ID}, {"Id": "0034C00000VaYfLQAV"}]}, "faults": faults})).await;
    let (_, results) = org.answer(patch(&org, "/composite/sobjects", &changes(false))).await;
    assert_eq!(results[0]["errors"][0], json!({"statusCode": "UNABLE_TO_LOCK_ROW", "message": "busy", "fields": []}));
    assert_eq!((&results[0]["success"], &results[1]["success"]), (&json!(false), &json!(true)));
    let names: Vec<Option<Value>> =
        org.salesforce.records("Contact").iter().map(|record| record.get("Name").cloned()).collect();
    assert_eq!(names, [None, Some(json!("Eve"))]);
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done() {
    let org =
        org(json!({"records": {"Contact": [{"Id": ID}]}, "faults": [{"on": "update", "answer": "lost_answer"}]})).await;
    assert!(patch(&org, "/composite/sobjects", &changes(false)).send().await.is_err());
    assert_eq!(org.salesforce.records("Contact")[0]["Name"], "Eve");
}

#[tokio::test]
async fn changes_are_stamped() {
    let other = "0034C00000VaYfLQAV";
    let stamp = "2022-02-15T06:21:19.000+0000";
    let contacts = json!([{"Id": ID, "SystemModstamp": stamp}, {"Id": other, "SystemModstamp": stamp}]);
    let org = org(json!({"records": {"Contact": contacts, "Lead": [{"Id": "l"}]}})).await;
    let since = |time: &str| format!("SELECT Id FROM Contact WHERE SystemModstamp >= {time} ORDER BY SystemModstamp");
    let cases = [
        ("2022-02-15T06:21:19Z", 2),
        ("2022-02-15T06:21:19.000+0000", 2),
        ("2022-02-15T08:21:19+02:00", 2),
        ("2022-02-15T06:21:20Z", 0),
        ("2022-02-15T06:21:20+00:01", 2),
    ];
    for (time, count) in cases {
        assert_eq!(org.ids(&since(time)).await.len(), count, "{time}");
    }

    let (_, created) = org.answer(post(&org, "/sobjects/Contact", &json!({"LastName": "N"}))).await;
    assert_eq!(org.ids(&since("2023-01-01T00:00:00Z")).await, [created["id"].as_str().unwrap()]);
    patch(&org, &format!("/sobjects/Contact/{ID}"), &json!({"Email": "a@b.edu"})).send().await.unwrap();
    assert_eq!(org.ids(&since("2023-01-01T00:00:00Z")).await.len(), 2);
    let record = json!({"attributes": {"type": "Contact"}, "id": other, "Email": "o@b.edu"});
    patch(&org, "/composite/sobjects", &json!({"records": [record]})).send().await.unwrap();
    assert_eq!(org.ids(&since("2023-01-01T00:00:00Z")).await.len(), 3);
    let changed = org.salesforce.records("Contact")[0]["SystemModstamp"].as_str().unwrap().to_owned();
    assert!(changed.len() == stamp.len() && changed.ends_with("+0000"), "{changed}");

    patch(&org, "/sobjects/Lead/l", &json!({"Email": "l@b.edu"})).send().await.unwrap();
    assert_eq!(org.salesforce.records("Lead")[0].get("SystemModstamp"), None);
}

#[tokio::test]
async fn stamps_sort_by_instant() {
    let contacts = json!([
        {"Id": "a", "SystemModstamp": "2022-02-15T06:21:19.000+0000"},
        {"Id": "b", "SystemModstamp": "2022-02-15T07:21:18.000+0100"},
        {"Id": "c", "SystemModstamp": "2022-02-15T06:21:18.5Z"}
    ]);
    let org = org(json!({"records": {"Contact": contacts}})).await;
    assert_eq!(org.ids("SELECT Id FROM Contact ORDER BY SystemModstamp").await, ["b", "c", "a"]);
    let page = org.rows("SELECT MAX(SystemModstamp), MIN(SystemModstamp) FROM Contact").await;
    assert_eq!(page["records"][0]["expr0"], "2022-02-15T06:21:19.000+0000");
    assert_eq!(page["records"][0]["expr1"], "2022-02-15T07:21:18.000+0100");
}

fn missing(fields: &[&str]) -> Value {
    let message = format!("Required fields are missing: [{}]", fields.join(", "));
    json!([{"message": message, "errorCode": "REQUIRED_FIELD_MISSING", "fields": fields}])
}

#[tokio::test]
async fn no_record_is_created_without_required_fields() {
    let required = json!({"Contact": ["Email"], "Book__c": ["Title__c"]});
    let fields = json!({"Account": ["Site"], "Book__c": ["Title__c"]});
    let org = org(json!({"required": required, "fields": fields})).await;
    let cases = [
        ("Lead", json!({"Email": "l@b.edu"}), Some(missing(&["LastName", "Company"]))),
        ("Lead", json!({"lastname": "Lee", "Company": ""}), Some(missing(&["Company"]))),
        ("Contact", json!({"LastName": "Lee", "Email": null}), Some(missing(&["Email"]))),
        ("Contact", json!({"LastName": "Lee", "Email": "l@b.edu"}), None),
        ("Book__c", json!({}), Some(missing(&["Title__c"]))),
        // Without a name field, the object requires no name.
        ("Account", json!({"Site": "x"}), None),
    ];
    for (object, record, refusal) in cases {
        let (status, body) = org.answer(post(&org, &format!("/sobjects/{object}"), &record)).await;
        match refusal {
            Some(refusal) => assert_eq!((status.as_u16(), &body), (400, &refusal), "{object} {record}"),
            None => assert_eq!(status, 201, "{object} {record}: {body}"),
        }
    }
    assert_eq!((org.salesforce.records("Lead").len(), org.salesforce.records("Contact").len()), (0, 1));
}

#[tokio::test]
async fn required_fields_are_not_emptied() {
    let org = ann().await;
    let path = format!("/sobjects/Contact/{ID}");
    let (status, body) = org.answer(patch(&org, &path, &json!({"LastName": null}))).await;
    assert_eq!((status.as_u16(), body), (400, missing(&["LastName"])));
    let record = json!({"attributes": {"type": "Contact"}, "id": ID, "LastName": ""});
    let (_, results) = org.answer(patch(&org, "/composite/sobjects", &json!({"records": [record]}))).await;
    assert_eq!(results[0]["errors"][0]["fields"], json!(["LastName"]));
    assert_eq!(org.answer(patch(&org, &path, &json!({"Email": null}))).await.0, 204);
}

#[tokio::test]
async fn a_duplicate_rule_that_warns_refuses_a_write_unless_it_is_allowed() {
    let faults = json!([{"on": "update", "answer": "duplicates"}]);
    let org = org(json!({"records": {"Contact": [{"Id": ID, "Name": "Ann"}]}, "faults": faults})).await;
    let record = json!({"attributes": {"type": "Contact"}, "id": ID, "Name": "Eve"});
    let many = json!({"records": [record]});
    let one = patch(&org, &format!("/sobjects/Contact/{ID}"), &json!({"Name": "Eve"}));
    let (status, body) = org.answer(one).await;
    assert_eq!((status.as_u16(), body[0]["errorCode"].as_str()), (400, Some("DUPLICATES_DETECTED")));
    let (status, body) = org.answer(patch(&org, "/composite/sobjects", &many)).await;
    assert_eq!((status.as_u16(), &body[0]["errors"][0]["statusCode"]), (200, &json!("DUPLICATES_DETECTED")));
    let refused = patch(&org, "/composite/sobjects", &many).header("Sforce-Duplicate-Rule-Header", "allowSave=false");
    assert_eq!(org.answer(refused).await.1[0]["success"], false);
    assert_eq!(org.salesforce.records("Contact")[0]["Name"], "Ann");
    let header = "allowSave=true; includeRecordDetails=true";
    let allowed = patch(&org, "/composite/sobjects", &many).header("Sforce-Duplicate-Rule-Header", header);
    assert_eq!(org.answer(allowed).await.1[0]["success"], true);
    assert_eq!(org.salesforce.records("Contact")[0]["Name"], "Eve");
}
