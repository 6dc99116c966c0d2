//! Query jobs from their creation to their end.

use crate::support::{contacts, org, Org, DATA};
use reqwest::StatusCode;
use serde_json::{json, Value};
use std::time::{Duration, Instant};

const SOQL: &str = "SELECT Id FROM Contact";
const WRONG_STATE: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "INVALIDJOBSTATE");

async fn three(options: &[(&str, Value)]) -> Org {
    let mut all = json!({"records": {"Contact": contacts(3)}});
    options.iter().for_each(|(name, value)| all[name] = value.clone());
    org(all).await
}

fn text(refusal: &(StatusCode, String)) -> (StatusCode, &str) {
    (refusal.0, refusal.1.as_str())
}

#[tokio::test]
async fn a_job_completes() {
    let org = three(&[]).await;
    let (_, created) = org.answer(org.create("query", "select Id from contact")).await;
    let id = created["id"].as_str().unwrap();
    assert!(id.starts_with("750") && id.len() == 18, "{id}");
    assert_eq!((&created["object"], &created["operation"]), (&json!("Contact"), &json!("query")));
    assert!(created.to_string().contains(r#""apiVersion":66.0"#), "{created}");
    let path = format!("{DATA}/jobs/query/{id}");
    let mut states = Vec::new();
    for _ in 0..4 {
        let status = org.status(&path).await;
        states.push((status["state"].clone(), status["numberRecordsProcessed"].clone()));
        if states.len() == 2 {
            assert_eq!(text(&org.refused(org.get(&format!("{path}/results"))).await), WRONG_STATE);
            assert_eq!(text(&org.refused(org.get(&format!("{path}/resultPages"))).await), WRONG_STATE);
        }
    }
    let (running, complete) = ((json!("InProgress"), json!(0)), (json!("JobComplete"), json!(3)));
    assert_eq!(states, [running.clone(), running, complete.clone(), complete]);
    assert_eq!(org.status(&path).await["isPkChunkingSupported"], true);
    let (_, list) = org.answer(org.get(&format!("{DATA}/jobs/query"))).await;
    assert_eq!((&list["done"], &list["records"][0]["id"]), (&json!(true), &json!(id)));
}

#[tokio::test]
async fn a_job_takes_reads_and_time() {
    let org = three(&[("bulk_polls", json!(0))]).await;
    let path = org.job("SELECT Id FROM Contact ORDER BY Id").await;
    let status = org.status(&path).await;
    assert_eq!((&status["state"], &status["isPkChunkingSupported"]), (&json!("JobComplete"), &json!(false)));

    let org = three(&[("bulk_polls", json!(0)), ("bulk_ms", json!(80))]).await;
    let start = Instant::now();
    let path = org.job(SOQL).await;
    assert_eq!(org.status(&path).await["state"], "InProgress");
    while org.status(&path).await["state"] != "JobComplete" {}
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_job_ends() {
    let org = three(&[]).await;
    let (first, second, third) = (org.job(SOQL).await, org.job(SOQL).await, org.complete(SOQL).await);
    assert_eq!(org.answer(org.abort(&first)).await.1["state"], "Aborted");
    assert_eq!(org.status(&first).await["state"], "Aborted");
    assert_eq!(text(&org.refused(org.abort(&first)).await), WRONG_STATE);
    assert_eq!(text(&org.refused(org.abort(&third)).await), WRONG_STATE);
    org.status(&second).await;
    assert_eq!(text(&org.refused(org.delete(&second)).await), WRONG_STATE);
    for path in [&first, &third] {
        let response = org.delete(path).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (204, ""));
        for request in [org.get(path), org.delete(path), org.get(&format!("{path}/results"))] {
            assert_eq!(text(&org.refused(request).await), (StatusCode::NOT_FOUND, "NOT_FOUND"));
        }
    }
    let wrong = org.authorized(org.client.patch(org.url(&second))).json(&json!({"state": "JobComplete"}));
    assert_eq!(org.refused(wrong).await.0, 400);

    let jobs = serde_json::to_value(org.salesforce.jobs()).unwrap();
    let views: Vec<Value> = jobs.as_array().unwrap().iter().map(|job| json!([job["state"], job["deleted"]])).collect();
    assert_eq!(views, [json!(["Aborted", true]), json!(["InProgress", false]), json!(["JobComplete", true])]);
    let id = second.rsplit('/').next().unwrap();
    let wanted = json!({"id": id, "state": "InProgress", "object": "Contact", "operation": "query", "deleted": false});
    assert_eq!(jobs[1], wanted);
}

#[tokio::test]
async fn one_version_creates_and_reads() {
    let org = three(&[("bulk_polls", json!(0))]).await;
    let path = org.complete(SOQL).await;
    let other = path.replace("v66.0", "v65.0");
    for end in ["", "/results", "/resultPages"] {
        assert_eq!(org.refused(org.get(&format!("{other}{end}"))).await.0, 409, "{end}");
    }
    let before = format!("{}/resultPages", path.replace("v66.0", "v57.0"));
    assert_eq!(org.refused(org.get(&before)).await.0, 404);
    assert_eq!(org.refused(org.authorized(org.client.put(org.url(&path)))).await.0, 405);
    assert_eq!(org.refused(org.get(&format!("{path}/nothing"))).await.0, 404);
    assert_eq!(org.refused(org.get(&format!("{DATA}/jobs/query/750000000000000AAA"))).await.0, 404);
    assert_eq!(org.client.get(org.url(&path)).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn what_a_job_cannot_ask_for() {
    let address = json!({"street": "1 Main"});
    let contact = json!({"Id": "a", "Name": "GROUP BY (SELECT", "MailingAddress": address});
    let org = org(json!({"records": {"Contact": [contact]}})).await;
    let cases = [
        ("SELECT Name FROM Contact GROUP BY Name", "FEATURENOTENABLED", "GROUP BY not supported in Bulk Query"),
        ("SELECT Id FROM Contact LIMIT 5 OFFSET 5", "FEATURENOTENABLED", "OFFSET"),
        ("SELECT TYPEOF What WHEN Account THEN Phone END FROM Event", "FEATURENOTENABLED", "TYPEOF"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "FEATURENOTENABLED", "Aggregate Relationships"),
        ("SELECT COUNT() FROM Contact", "FEATURENOTENABLED", "Aggregate functions"),
        ("SELECT MAX(Id) FROM Contact", "FEATURENOTENABLED", "Aggregate functions"),
        ("SELECT MailingAddress FROM Contact", "FEATURENOTENABLED", "compound data"),
        ("SELECT Id FROM Contact WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Nope__c", "INVALID_TYPE", "Nope__c"),
    ];
    for (soql, code, message) in cases {
        let (status, body) = org.answer(org.create("query", soql)).await;
        assert_eq!((status.as_u16(), &body[0]["errorCode"]), (400, &json!(code)), "{soql}");
        assert!(body[0]["message"].as_str().unwrap().contains(message), "{body}");
    }
    org.job("SELECT Id FROM Contact WHERE Name = 'GROUP BY (SELECT'").await;
    for operation in ["queryall", "insert"] {
        assert_eq!(org.refused(org.create(operation, SOQL)).await.1, "JSON_PARSER_ERROR");
    }
    assert_eq!(org.salesforce.jobs().len(), 1);
}

#[tokio::test]
async fn each_step_can_fail() {
    let error = json!({"error": {"status": 500, "code": "UNKNOWN_EXCEPTION"}});
    let kinds = ["job", "job_status", "job_results", "job_result_pages", "job_end"];
    for kind in kinds {
        let faults = json!([{"on": kind, "object": "Contact", "times": 1, "answer": error}]);
        let org = three(&[("faults", faults), ("bulk_polls", json!(0))]).await;
        let mut failed = Vec::new();
        let mut step = |kind, status: StatusCode| match status.as_u16() {
            500 => failed.push(kind),
            status => assert!([200, 204].contains(&status), "{kind} {status}"),
        };
        step("job", org.answer(org.create("query", SOQL)).await.0);
        let path = org.job(SOQL).await;
        step("job_status", org.answer(org.get(&path)).await.0);
        org.status(&path).await;
        step("job_results", org.answer(org.get(&format!("{path}/results"))).await.0);
        step("job_result_pages", org.answer(org.get(&format!("{path}/resultPages"))).await.0);
        step("job_end", org.answer(org.delete(&path)).await.0);
        assert_eq!(failed, [kind]);
    }
}

#[tokio::test]
async fn a_job_fails() {
    let faults = json!([{"on": "job_status", "skip": 1, "times": 1, "answer": "job_failed"}]);
    let org = three(&[("faults", faults)]).await;
    let path = org.job(SOQL).await;
    assert_eq!(org.status(&path).await["state"], "InProgress");
    for _ in 0..3 {
        let status = org.status(&path).await;
        assert_eq!((&status["state"], &status["numberRecordsProcessed"]), (&json!("Failed"), &json!(0)));
        assert_eq!(status["errorMessage"], "InternalServerError : Retried more than fifteen times");
    }
    assert_eq!(text(&org.refused(org.get(&format!("{path}/results"))).await), WRONG_STATE);
    assert_eq!(org.answer(org.delete(&path)).await.0, 204);
}
