//! The steps of a client that uses query jobs.

use super::{Org, DATA};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{json, Value};

/// A page of results.
pub(crate) struct Page {
    pub(crate) text: String,
    /// The header `Sforce-NumberOfRecords`.
    pub(crate) count: usize,
    /// The header `Sforce-Locator`.
    pub(crate) locator: String,
}

impl Page {
    pub(crate) async fn of(response: Response) -> Page {
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let (count, locator) = (header("sforce-numberofrecords").parse().unwrap(), header("sforce-locator"));
        Page { text: response.text().await.unwrap(), count, locator }
    }

    pub(crate) fn rows(&self) -> Vec<&str> {
        self.text.lines().skip(1).collect()
    }
}

impl Org {
    pub(crate) fn create(&self, operation: &str, soql: &str) -> RequestBuilder {
        let body = json!({"operation": operation, "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA",
                          "lineEnding": "LF"});
        self.authorized(self.client.post(self.url(&format!("{DATA}/jobs/query")))).json(&body)
    }

    /// Creates a job, and returns its path.
    pub(crate) async fn job(&self, soql: &str) -> String {
        let (status, job) = self.answer(self.create("query", soql)).await;
        assert_eq!((status.as_u16(), &job["state"]), (200, &json!("UploadComplete")), "{job}");
        format!("{DATA}/jobs/query/{}", job["id"].as_str().unwrap())
    }

    /// Creates a job, waits until it is complete, and returns its path.
    pub(crate) async fn complete(&self, soql: &str) -> String {
        let path = self.job(soql).await;
        while self.status(&path).await["state"] != "JobComplete" {}
        path
    }

    pub(crate) async fn status(&self, path: &str) -> Value {
        self.answer(self.get(path)).await.1
    }

    pub(crate) async fn page(&self, path: &str) -> Page {
        Page::of(self.get(path).send().await.unwrap()).await
    }

    pub(crate) fn abort(&self, path: &str) -> RequestBuilder {
        self.authorized(self.client.patch(self.url(path))).json(&json!({"state": "Aborted"}))
    }

    pub(crate) fn delete(&self, path: &str) -> RequestBuilder {
        self.authorized(self.client.delete(self.url(path)))
    }

    /// Returns the status and the code of a request that must fail.
    pub(crate) async fn refused(&self, request: RequestBuilder) -> (StatusCode, String) {
        let (status, body) = self.answer(request).await;
        (status, body[0]["errorCode"].as_str().unwrap_or_default().to_owned())
    }
}
