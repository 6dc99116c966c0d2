//! A client of the core, and the simulator that it uses.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crm_sync::http::Limits;
use crm_sync::zendesk::{
    organizations, Account, Attributes, Client, Consumer, Credentials, Finished, Page, Progress, RowUpdate, Settings,
    Stage,
};
use crm_sync::Error;
use crm_sync_simulator::zendesk::Zendesk;
use serde_json::{json, Value};

/// The number of simulated seconds per real second, unless a test sets another one.
pub(crate) const SPEED: f64 = 50.0;

/// Starts a simulator with these options.
pub(crate) fn desk(mut options: Value) -> Zendesk {
    if options.get("clock_speed").is_none() {
        options["clock_speed"] = json!(SPEED);
    }
    Zendesk::start(serde_json::from_value(options).expect("options")).expect("a simulator")
}

/// Returns a fault that hits once.
pub(crate) fn fault(on: &str, answer: Value) -> Value {
    json!([{"on": on, "times": 1, "answer": answer}])
}

/// Returns `count` organizations named N1, N2 and so on, with the ids 1, 2 and so on.
pub(crate) fn named(count: usize) -> Value {
    (1..=count).map(|number| json!({"id": number, "name": format!("N{number}")})).collect()
}

pub(crate) fn credentials() -> Credentials {
    Credentials::ClientCredentials { client_id: "me".into(), client_secret: "hush-hush".to_owned().into() }
}

/// Returns the usual settings, with short pauses.
pub(crate) fn settings(desk: &Zendesk) -> Settings {
    settings_at(desk.url())
}

pub(crate) fn settings_at(url: &str) -> Settings {
    let limits = Limits {
        read_timeout: Duration::from_secs(1),
        attempts: 3,
        retry_delay: Duration::from_millis(5),
        deadline: Duration::from_secs(60),
        ..Limits::default()
    };
    Settings {
        limits,
        job_patience: Duration::from_secs(30),
        second: Duration::from_secs_f64(1.0 / SPEED),
        ..Settings::new(url.into(), credentials())
    }
}

pub(crate) fn with(settings: Settings) -> Client {
    Client::new(Arc::new(Account::new(settings).expect("an account")))
}

pub(crate) fn client(desk: &Zendesk) -> Client {
    with(settings(desk))
}

pub(crate) fn attributes(value: Value) -> Attributes {
    value.as_object().cloned().expect("attributes")
}

/// Returns the same change for organizations with these ids.
pub(crate) fn rows(ids: impl IntoIterator<Item = u64>, change: &Value) -> Vec<RowUpdate> {
    ids.into_iter().map(|id| RowUpdate { id, attributes: attributes(change.clone()) }).collect()
}

/// Returns the current attributes of an organization; null if it does not exist.
pub(crate) fn organization(desk: &Zendesk, id: u64) -> Value {
    let found = desk.organizations().into_iter().find(|row| row["id"] == id);
    found.map_or(Value::Null, Value::Object)
}

/// Returns the number of requests with this method whose path ends with `path`.
pub(crate) fn count(desk: &Zendesk, method: &str, path: &str) -> usize {
    desk.requests().iter().filter(|request| request.method == method && request.path.ends_with(path)).count()
}

pub(crate) fn remote<T: std::fmt::Debug>(result: Result<T, Error>) -> crm_sync::RemoteError {
    match result {
        Err(Error::Remote(error) | Error::Authentication(error) | Error::Quota(error)) => *error,
        other => panic!("not an error of the remote side: {other:?}"),
    }
}

/// Collects the ids of all organizations.
#[derive(Default)]
pub(crate) struct Ids(Mutex<Vec<u64>>);

impl Consumer for Ids {
    async fn take(&self, page: Page) -> Result<(), Error> {
        let records: Vec<Value> = serde_json::from_str(page.records()).expect("records");
        assert_eq!(records.len() as u64, page.rows());
        let ids = records.iter().map(|record| record["id"].as_u64().expect("an id"));
        self.0.lock().expect("the ids").extend(ids);
        Ok(())
    }
}

/// Reads all organizations.
pub(crate) async fn read(client: &Client) -> Result<Vec<u64>, Error> {
    let ids = Ids::default();
    let rows = organizations(client, &ids).await?;
    let ids = ids.0.into_inner().expect("the ids");
    assert_eq!(rows, ids.len() as u64);
    Ok(ids)
}

/// Records everything that a run reports, one line for each event.
#[derive(Default)]
pub(crate) struct Journal(pub(crate) Mutex<Vec<String>>);

impl Journal {
    pub(crate) fn lines(&self, beginning: &str) -> Vec<String> {
        let lines = self.0.lock().expect("the journal");
        lines.iter().filter(|line| line.starts_with(beginning)).cloned().collect()
    }

    fn note(&self, line: String) {
        self.0.lock().expect("the journal").push(line);
    }
}

impl Progress for Journal {
    fn sending(&self, stage: Stage, indexes: &[usize]) {
        self.note(format!("sending {stage:?} {}", indexes.len()));
    }

    fn accepted(&self, job: &str, stage: Stage, indexes: &[usize]) {
        assert!(job.starts_with("V3-"), "{job}");
        self.note(format!("accepted {stage:?} {}", indexes.len()));
    }

    fn finished(&self, item: &Finished) {
        self.note(format!("finished {:?} {}", item.stage, item.index));
    }
}
