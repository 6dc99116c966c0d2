//! Ingest jobs: rows are uploaded, written, and returned with their results.

use crate::support::{org, Org, DATA};
use reqwest::RequestBuilder;
use serde_json::{json, Value};

const ID: &str = "0034C00000VaYfKQAV";

impl Org {
    fn ingest(&self, body: &Value) -> RequestBuilder {
        self.authorized(self.client.post(self.url(&format!("{DATA}/jobs/ingest")))).json(body)
    }

    fn upload(&self, path: &str, csv: &str) -> RequestBuilder {
        self.authorized(self.client.put(self.url(&format!("{path}/batches")))).body(csv.to_owned())
    }

    fn close(&self, path: &str) -> RequestBuilder {
        self.authorized(self.client.patch(self.url(path))).json(&json!({"state": "UploadComplete"}))
    }

    /// Returns the path of an open job.
    async fn open(&self, operation: &str, by: Option<&str>) -> String {
        let mut body = json!({"object": "contact", "operation": operation, "contentType": "CSV",
                              "columnDelimiter": "COMMA", "lineEnding": "LF"});
        if let Some(by) = by {
            body["externalIdFieldName"] = by.into();
        }
        let (status, job) = self.answer(self.ingest(&body)).await;
        assert_eq!((status.as_u16(), &job["state"], &job["object"]), (200, &json!("Open"), &json!("Contact")), "{job}");
        let id = job["id"].as_str().unwrap();
        assert_eq!(job["contentUrl"], format!("{}/jobs/ingest/{id}/batches", &DATA[1..]));
        format!("{DATA}/jobs/ingest/{id}")
    }

    /// Uploads rows to a new job, closes it, and returns its path when it has ended.
    async fn written(&self, operation: &str, by: Option<&str>, csv: &str) -> String {
        let path = self.open(operation, by).await;
        assert_eq!(self.upload(&path, csv).send().await.unwrap().status(), 201);
        assert_eq!(self.answer(self.close(&path)).await.1["state"], "UploadComplete");
        while ["UploadComplete", "InProgress"].contains(&self.status(&path).await["state"].as_str().unwrap()) {}
        path
    }

    /// Returns the sorted lines of a part of the results, after their header.
    async fn part(&self, path: &str, part: &str) -> Vec<String> {
        let response = self.get(&format!("{path}/{part}")).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut lines: Vec<String> = response.text().await.unwrap().lines().map(str::to_owned).collect();
        lines[1..].sort();
        lines
    }
}

async fn one(faults: Value) -> Org {
    let contact = json!({"Id": ID, "LastName": "Ann", "Key__c": "k1", "Ok__c": false, "N__c": 1});
    org(json!({"records": {"Contact": [contact]}, "external_ids": {"Contact": ["Key__c"]}, "faults": faults})).await
}

#[tokio::test]
async fn each_row_has_an_end_of_its_own() {
    let org = one(json!([])).await;
    let csv = "Key__c,LastName,Ok__c,N__c\nK1,\"Eve \"\"E\"\", \n2\",true,7\nk2,Bob,,\nk3,,,\nk4,#N/A,,\n";
    let path = org.written("upsert", Some("Key__c"), csv).await;
    let status = org.status(&path).await;
    let told = ["state", "numberRecordsProcessed", "numberRecordsFailed", "jobType", "externalIdFieldName"];
    assert_eq!(
        told.map(|name| status[name].clone()),
        [json!("JobComplete"), json!(4), json!(2), json!("V2Ingest"), json!("Key__c")]
    );
    let written = org.part(&path, "successfulResults").await.join("\n");
    assert!(
        written.starts_with("\"sf__Id\",\"sf__Created\",\"Key__c\",\"LastName\",\"Ok__c\",\"N__c\"\n"),
        "{written}"
    );
    assert!(written.contains(&format!("\"{ID}\",\"false\",\"K1\",\"Eve \"\"E\"\", \n")), "{written}");
    assert!(written.contains("\"true\",\"k2\",\"Bob\",\"\",\"\""), "{written}");
    let missing = "\"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --\"";
    assert_eq!(
        org.part(&path, "failedResults").await[1..],
        [format!("\"\",{missing},\"k3\",\"\",\"\",\"\""), format!("\"\",{missing},\"k4\",\"#N/A\",\"\",\"\"")]
    );
    assert_eq!(org.part(&path, "unprocessedrecords").await.len(), 1);
    let records = org.salesforce.records("Contact");
    assert_eq!(records.len(), 2);
    let values = ["LastName", "Ok__c", "N__c"].map(|name| records[0][name].clone());
    assert_eq!(values, [json!("Eve \"E\", \n2"), json!(true), json!(7)]);
}

#[tokio::test]
async fn an_empty_text_says_nothing_and_one_word_says_null() {
    let org = one(json!([])).await;
    org.written("update", None, &format!("Id,LastName,Key__c,N__c\n{ID},,#N/A,\n")).await;
    let record = org.salesforce.records("Contact").remove(0);
    assert_eq!((&record["LastName"], &record["Key__c"], &record["N__c"]), (&json!("Ann"), &Value::Null, &json!(1)));
}

#[tokio::test]
async fn a_job_is_uploaded_once_and_closed_once() {
    let org = one(json!([])).await;
    let path = org.open("insert", None).await;
    assert_eq!(org.upload(&path, "LastName\nLee\n").send().await.unwrap().status(), 201);
    let refused = |(status, code): (reqwest::StatusCode, String)| (status.as_u16(), code);
    let wrong = (400, "INVALIDJOBSTATE".to_owned());
    assert_eq!(refused(org.refused(org.upload(&path, "LastName\nLee\n")).await), wrong);
    assert_eq!(refused(org.refused(org.get(&format!("{path}/failedResults"))).await), wrong);
    assert_eq!(refused(org.refused(org.delete(&path)).await), wrong);
    assert_eq!(org.salesforce.records("Contact").len(), 1, "nothing is written before");
    assert_eq!(org.answer(org.close(&path)).await.0, 200);
    for request in [org.close(&path), org.upload(&path, "x")] {
        assert_eq!(refused(org.refused(request).await), wrong);
    }
    assert_eq!(org.salesforce.records("Contact").len(), 2);
    let job = serde_json::to_value(&org.salesforce.jobs()[0]).unwrap();
    assert_eq!((&job["operation"], &job["state"]), (&json!("insert"), &json!("UploadComplete")));
}

#[tokio::test]
async fn a_job_that_is_aborted_before_it_is_closed_writes_nothing() {
    let org = one(json!([])).await;
    let path = org.open("insert", None).await;
    org.upload(&path, "LastName\nLee\n").send().await.unwrap();
    assert_eq!(org.answer(org.abort(&path)).await.1["state"], "Aborted");
    assert_eq!(org.refused(org.close(&path)).await.0, 400);
    assert_eq!(org.delete(&path).send().await.unwrap().status(), 204);
    assert_eq!(org.refused(org.get(&path)).await.0, 404);
    assert_eq!(org.salesforce.records("Contact").len(), 1);
}

#[tokio::test]
async fn a_job_can_fail_or_be_aborted_on_its_way() {
    for (answer, state) in [("job_failed", "Failed"), ("job_aborted", "Aborted")] {
        let org = one(json!([{"on": "job_close", "answer": answer}])).await;
        let path = org.written("insert", None, "LastName\na\nb\nc\nd\n").await;
        let status = org.status(&path).await;
        assert_eq!((&status["state"], &status["numberRecordsProcessed"]), (&json!(state), &json!(2)));
        assert_eq!(org.part(&path, "successfulResults").await.len(), 3);
        assert_eq!(org.part(&path, "unprocessedrecords").await, ["\"LastName\"", "\"c\"", "\"d\""]);
        assert_eq!(org.salesforce.records("Contact").len(), 3);
    }
}

#[tokio::test]
async fn rows_are_refused_as_planned_and_duplicate_rules_cannot_be_allowed() {
    let failures = json!({"row_failures": {"count": 201, "code": "UNABLE_TO_LOCK_ROW", "message": "busy"}});
    for (answer, refused) in [(failures, 201), (json!("duplicates"), 250)] {
        let org = one(json!([{"on": "job_close", "answer": answer}])).await;
        let path = org.written("insert", None, &format!("LastName\n{}", "Lee\n".repeat(250))).await;
        assert_eq!(org.status(&path).await["numberRecordsFailed"], refused);
    }
}

#[tokio::test]
async fn what_no_job_takes() {
    let fields = json!({"Contact": ["LastName", "Key__c"]});
    let org = org(json!({"fields": fields, "external_ids": {"Contact": ["Key__c"]}})).await;
    let cases = [
        (json!({"object": "Nope__c", "operation": "insert"}), "Unable to find object: Nope__c"),
        (json!({"object": "Contact", "operation": "upsert"}), "External ID"),
        (json!({"object": "Contact", "operation": "upsert", "externalIdFieldName": "LastName"}), "LastName"),
        (json!({"object": "Contact", "operation": "delete"}), "unknown variant"),
    ];
    for (body, message) in cases {
        let (status, answer) = org.answer(org.ingest(&body)).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer[0]["message"].as_str().unwrap().contains(message), "{answer}");
    }
    for (csv, message) in [("LastName,Nope__c\na,b\n", "Field name not found : Nope__c"), ("LastName\na,b\n", "CSV")] {
        let path = org.written("insert", None, csv).await;
        let status = org.status(&path).await;
        assert_eq!((&status["state"], &status["numberRecordsProcessed"]), (&json!("Failed"), &json!(0)));
        assert!(status["errorMessage"].as_str().unwrap().contains(message), "{status}");
    }
    assert_eq!(org.salesforce.records("Contact").len(), 0);
}
