//! A client that knows HTTP and JSON, and nothing about the simulator.

pub(crate) mod bulk;

use crm_sync_simulator::salesforce::{Options, Salesforce};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{json, Value};

pub(crate) const DATA: &str = "/services/data/v66.0";

pub(crate) struct Org {
    pub(crate) salesforce: Salesforce,
    pub(crate) client: Client,
    pub(crate) token: String,
}

/// Starts a simulator and logs in.
pub(crate) async fn org(options: Value) -> Org {
    let salesforce = start(options);
    let client = client();
    let response = login(&client, salesforce.url()).await;
    let answer: Value = response.json().await.unwrap();
    let token = answer["access_token"].as_str().unwrap_or_default().to_owned();
    Org { salesforce, client, token }
}

pub(crate) fn start(options: Value) -> Salesforce {
    let options: Options = serde_json::from_value(options).unwrap();
    Salesforce::start(options).unwrap()
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().user_agent("spec/1").build().unwrap()
}

pub(crate) async fn login(client: &Client, url: &str) -> Response {
    sign_in(client, url, &[("grant_type", "client_credentials"), ("client_id", "me"), ("client_secret", "hush")]).await
}

pub(crate) async fn sign_in(client: &Client, url: &str, form: &[(&str, &str)]) -> Response {
    client.post(format!("{url}/services/oauth2/token")).form(form).send().await.unwrap()
}

/// Returns records with ascending ids.
pub(crate) fn contacts(count: usize) -> Value {
    (0..count).map(|number| json!({"Id": format!("003{number:012}"), "Name": format!("N{number}")})).collect()
}

impl Org {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.salesforce.url())
    }

    pub(crate) fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("Authorization", format!("Bearer {}", self.token))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.authorized(self.client.get(self.url(path)))
    }

    pub(crate) fn query(&self, soql: &str) -> RequestBuilder {
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("q", soql).finish();
        self.get(&format!("{DATA}/query?{query}"))
    }

    /// Creates a query that includes deleted records.
    pub(crate) fn query_all(&self, soql: &str) -> RequestBuilder {
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("q", soql).finish();
        self.get(&format!("{DATA}/queryAll?{query}"))
    }

    /// Sends a query that must succeed, and returns its body.
    pub(crate) async fn rows(&self, soql: &str) -> Value {
        let (status, body) = self.answer(self.query(soql)).await;
        assert_eq!(status, 200, "{soql}: {body}");
        body
    }

    /// Returns the ids in the result of a query.
    pub(crate) async fn ids(&self, soql: &str) -> Vec<String> {
        ids(&self.rows(soql).await)
    }

    /// Returns the status, the code and the message of a query that must fail.
    pub(crate) async fn refusal(&self, soql: &str) -> (StatusCode, String, String) {
        let (status, body) = self.answer(self.query(soql)).await;
        let part = |name: &str| body[0][name].as_str().unwrap_or_default().to_owned();
        (status, part("errorCode"), part("message"))
    }

    pub(crate) async fn answer(&self, request: RequestBuilder) -> (StatusCode, Value) {
        let response = request.send().await.unwrap();
        let status = response.status();
        let body = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

pub(crate) fn ids(page: &Value) -> Vec<String> {
    let records = page["records"].as_array().unwrap();
    records.iter().map(|record| record["Id"].as_str().unwrap_or_default().to_owned()).collect()
}
