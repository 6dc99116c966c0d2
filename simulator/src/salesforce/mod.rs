//! A simulated Salesforce org: logins, queries in pages, Bulk API jobs, records, and faults in all of them.

mod aggregate;
mod api;
mod app;
mod assertion;
mod bulk;
mod call;
mod children;
mod collections;
mod cursors;
mod describe;
mod error;
mod fault;
mod fields;
mod grant;
mod id;
mod index;
mod keys;
mod kind;
mod label;
mod login;
mod options;
mod order;
mod org;
mod page;
mod path;
mod plan;
mod quota;
mod records;
mod refresh;
mod relations;
mod required;
mod route;
mod rows;
mod shape;
mod soql;
mod world;
mod writer;

pub use crate::http::echo::{Echo, Form};
pub use crate::http::fault::{StatusAnswer, WireFault};
pub use crate::http::splice::Splice;
pub use bulk::{Job, Operation, State};
pub use call::Time;
pub use fault::{Answer, ErrorAnswer, Fault, Kind, RowFailures};
pub use grant::Grant;
pub use options::Options;
pub use quota::{AppQuota, Quota};

use crate::http::server::{Port, Server};
use crate::lock;
use serde_json::{Map, Value};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use world::World;

/// A request in the log.
pub type Request = crate::http::log::Request<Time>;

/// A record: its values by field name.
pub type Record = Map<String, Value>;

/// The reason why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An option is invalid.
    #[error("{0}")]
    Option(&'static str),
    /// The public key for assertions is invalid.
    #[error("jwt_public_key is not an RSA public key in PEM")]
    JwtPublicKey,
    /// The system provided no port or no thread.
    #[error("the simulator cannot listen on 127.0.0.1: {0}")]
    Io(#[from] io::Error),
}

/// A running simulator. It stops when it is dropped.
pub struct Salesforce {
    world: Arc<World>,
    server: Server,
    url: String,
}

impl Salesforce {
    /// Starts a simulator on a free port of 127.0.0.1, with its own threads.
    pub fn start(options: Options) -> Result<Salesforce, StartError> {
        if let Some(mistake) = options.mistake() {
            return Err(StartError::Option(mistake));
        }
        let port = Port::bind()?;
        let url = port.url.clone();
        let world = Arc::new(World::new(options, &url)?);
        let server = Server::start(port, world.clone())?;
        Ok(Salesforce { world, server, url })
    }

    /// Returns the URL, such as `http://127.0.0.1:1234`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns all requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.world.line.requests()
    }

    /// Returns the current records of an object.
    pub fn records(&self, object: &str) -> Vec<Record> {
        let org = lock(&self.world.org).clone();
        let records = org.object(object).map(|(_, object)| &object.records);
        records.into_iter().flatten().map(|record| Record::clone(record)).collect()
    }

    /// Returns all jobs so far in the order of their creation: query jobs, then ingest jobs.
    pub fn jobs(&self) -> Vec<Job> {
        self.world.jobs.views()
    }

    /// Replaces the records of an object. Queries whose pages are being read do not see the change.
    pub fn replace(&self, object: &str, records: Vec<Record>) {
        let mut org = lock(&self.world.org);
        org.replace(object, records, &mut lock(&self.world.random));
    }

    /// Returns the simulated seconds since the start of the simulator.
    pub fn now(&self) -> f64 {
        self.world.clock.now().seconds
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Stops the simulator within about a second, whatever its connections do. The log and the records remain readable.
    pub fn stop(&mut self) {
        self.server.stop();
    }
}
