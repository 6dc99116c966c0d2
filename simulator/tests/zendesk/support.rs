//! A client that knows HTTP and JSON, and nothing about the simulator.

use crm_sync_simulator::zendesk::{Options, StartError, Zendesk};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder};
use serde_json::{json, Value};
use std::time::Duration;

/// A simulator, and a client that is logged in.
pub(crate) struct Desk {
    pub(crate) zendesk: Zendesk,
    pub(crate) client: Client,
    pub(crate) token: String,
}

/// A response of the simulator.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

/// Starts a simulator and logs in. Its clock almost stands still, so that a busy machine cannot change the results.
/// Tests move it forward.
pub(crate) async fn desk(mut options: Value) -> Desk {
    if options.get("clock_speed").is_none() {
        options["clock_speed"] = json!(0.001);
    }
    let mut desk = Desk { zendesk: start(options).unwrap(), client: client(), token: String::new() };
    desk.token = desk.login(json!({})).await.body["access_token"].as_str().unwrap_or_default().to_owned();
    desk
}

pub(crate) fn start(options: Value) -> Result<Zendesk, StartError> {
    let options: Options = serde_json::from_value(options).unwrap();
    Zendesk::start(options)
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().user_agent("spec/1").build().unwrap()
}

/// Returns organizations named N0, N1 and so on, with ids from 1.
pub(crate) fn organizations(count: usize) -> Value {
    (0..count).map(|number| json!({"id": number + 1, "name": format!("N{number}")})).collect()
}

/// Returns ids in the format of a query string.
pub(crate) fn list(ids: std::ops::RangeInclusive<u64>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",")
}

/// Returns the ids of the organizations in a response.
pub(crate) fn ids(body: &Value) -> Vec<u64> {
    let rows = body["organizations"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Desk {
    /// Requests a token. `more` is merged into the body.
    pub(crate) async fn login(&self, more: Value) -> Answer {
        let mut body = json!({"grant_type": "client_credentials", "client_id": "me", "client_secret": "hush",
                              "scope": "read write"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.send(self.client.post(format!("{}/oauth/tokens", self.zendesk.url())).json(&body)).await.unwrap()
    }

    /// Returns the URL of a path below `/api/v2/`, or a link from a response unchanged.
    pub(crate) fn url(&self, path: &str) -> String {
        match path.starts_with("http") {
            true => path.to_owned(),
            false => format!("{}/api/v2/{path}", self.zendesk.url()),
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.client.request(method, self.url(path)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("POST", path).json(&body)).await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("PUT", path).json(&body)).await.unwrap()
    }

    pub(crate) async fn create(&self, organization: Value) -> Answer {
        self.post("organizations", json!({"organization": organization})).await
    }

    /// Creates a job that must be accepted, and returns its id.
    pub(crate) async fn job(&self, method: &str, path: &str, body: Value) -> String {
        let answer = self.send(self.request(method, path).json(&body)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["job_status"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn status(&self, job: &str) -> Value {
        self.get(&format!("job_statuses/{job}.json")).await.body["job_status"].clone()
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        Ok(Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text })
    }

    pub(crate) fn advance(&self, seconds: f64) {
        self.zendesk.advance(Duration::from_secs_f64(seconds));
    }

    /// Returns the current state of an organization.
    pub(crate) fn organization(&self, id: u64) -> Value {
        let found = self.zendesk.organizations().into_iter().find(|row| row["id"] == id);
        found.map_or(Value::Null, Value::Object)
    }
}
