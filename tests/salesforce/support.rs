//! An org, a client for it, and the rows that were read.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crm_sync::engine::{Engine, Workers};
use crm_sync::http::Limits;
use crm_sync::rows::{Cell, Id, RowSink, Selection};
use crm_sync::salesforce::{collect, sign_in, Client, Grant, Org, Query, Sessions, Settings, Way};
use crm_sync::{Error, RemoteError};
use crm_sync_simulator::salesforce::Salesforce;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use serde_json::{json, Value};

pub(crate) const IDS: &str = "SELECT Id FROM Contact";

/// The rows that were read, one line for each.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) Vec<String>);

impl RowSink for Lines {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        self.0.push(match cells {
            [Cell::Text(only)] => only.to_string(),
            cells => format!("{cells:?}"),
        });
        Ok(())
    }
}

pub(crate) fn start(options: Value) -> Salesforce {
    Salesforce::start(serde_json::from_value(options).expect("options")).expect("a simulator")
}

/// Returns the id with this prefix and this number, which is written in base 62.
pub(crate) fn id(prefix: &str, number: u64) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (mut rest, mut text) = (number, Vec::new());
    while prefix.len() + text.len() < 15 {
        text.push(char::from(DIGITS[(rest % 62) as usize]));
        rest /= 62;
    }
    let text: String = text.iter().rev().collect();
    Id::parse(&format!("{prefix}{text}")).expect("an id").to_string()
}

/// Returns consecutive ids.
pub(crate) fn ids(count: u64) -> Vec<String> {
    (0..count).map(|number| id("0034C", number)).collect()
}

pub(crate) fn contacts(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "Id": id })).collect()
}

/// Signs in whenever a session is asked for, as an app without a session store does.
pub(crate) struct SignIns(pub(crate) Arc<Org>, pub(crate) Option<SecretString>);

impl Sessions for SignIns {
    fn open(&self, _: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String), Error>> {
        Box::pin(async {
            let granted = sign_in(&self.0, self.1.as_ref()).await?;
            Ok((granted.access_token, granted.instance_url))
        })
    }
}

pub(crate) fn settings(org: &Salesforce) -> Settings {
    settings_at(org.url())
}

pub(crate) fn settings_at(url: &str) -> Settings {
    Settings {
        host: url.into(),
        client_id: "id".into(),
        grant: Grant::ClientCredentials { client_secret: "secret".to_owned().into() },
        api_version: "66.0".into(),
        quota_reserve: 0.05,
        bulk_from: 100_000,
        allow_duplicates: false,
        ca_file: None,
        limits: Limits { attempts: 3, retry_delay: Duration::from_millis(5), ..Limits::default() },
    }
}

/// Returns settings with a short timeout, for responses that hang.
pub(crate) fn impatient(org: &Salesforce) -> Settings {
    let mut settings = settings(org);
    settings.limits.read_timeout = Duration::from_secs(1);
    settings
}

pub(crate) fn org_of(settings: Settings) -> Arc<Org> {
    Arc::new(Org::new(settings).expect("an org"))
}

pub(crate) fn client_of(settings: Settings) -> Client {
    let org = org_of(settings);
    Client::new(Arc::clone(&org), Arc::new(SignIns(org, None)))
}

/// Runs `work` with the workers of a new engine.
pub(crate) fn run<T, F>(work: impl FnOnce(Workers) -> F) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let engine = Engine::start().expect("threads");
    wait(&engine, work(engine.workers()))
}

pub(crate) fn wait<T: Send + 'static>(engine: &Engine, work: impl Future<Output = T> + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    engine.spawn(async move { sender.send(work.await) });
    receiver.recv().expect("an end")
}

/// Reads the ids of all contacts.
pub(crate) fn read(settings: Settings, way: Way) -> Result<Vec<String>, Error> {
    rows(settings, Query::new(IDS).by(way), &["Id"])
}

pub(crate) fn rows(settings: Settings, query: Query, paths: &[&str]) -> Result<Vec<String>, Error> {
    let (org, selection) = (org_of(settings), Selection::new(paths));
    let client = Client::new(Arc::clone(&org), Arc::new(SignIns(Arc::clone(&org), None)));
    run(|workers| async move {
        let lines = collect(&client, &workers, &query, selection, Lines::default()).await;
        org.cleaned_up().await;
        lines.map(|lines| lines.0)
    })
}

/// Sorts rows by their ids.
pub(crate) fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort_unstable();
    rows
}

pub(crate) fn remote<T: std::fmt::Debug>(result: Result<T, Error>) -> RemoteError {
    match result {
        Err(Error::Remote(error)) => *error,
        other => panic!("not an error of the remote side: {other:?}"),
    }
}

/// Returns the number of sign-ins.
pub(crate) fn sign_ins(org: &Salesforce) -> usize {
    org.requests().iter().filter(|request| request.path.ends_with("/oauth2/token")).count()
}

pub(crate) fn wait_for_requests(org: &Salesforce, count: usize) {
    while org.requests().len() < count {
        std::thread::yield_now();
    }
}
