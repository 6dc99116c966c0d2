//! A simulated Zendesk account: logins, organizations with custom fields, jobs, rate limits, and faults in all of them.
//! It has its own clock, so that nobody has to wait for jobs and limits.

mod account;
mod call;
mod change;
mod error;
mod fault;
mod fields;
mod habits;
mod job;
mod limits;
mod login;
mod options;
mod order;
mod organizations;
mod outage;
mod page;
mod parameters;
mod read;
mod route;
mod running;
mod value;
mod world;
mod write;

pub use crate::http::echo::{Echo, Form};
pub use crate::http::fault::{StatusAnswer, WireFault};
pub use crate::http::splice::Splice;
pub use call::Time;
pub use fault::{
    Answer, ErrorAnswer, Fault, ItemFailures, JobStops, Kind, OldCount, RefusedBody, StoppedState, TooManyRequests,
    Unavailable,
};
pub use job::{Job, State, Work};
pub use options::{FieldOption, FieldType, Options, OrganizationField, Poison, RateHeaders};

use crate::http::server::{Port, Server};
use serde_json::{Map, Value};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use world::World;

/// A request in the log.
pub type Request = crate::http::log::Request<Time>;

/// An organization: its values by attribute name.
pub type Record = Map<String, Value>;

/// The reason why a simulator did not start, or did not accept organizations.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An option is invalid.
    #[error("{0}")]
    Option(&'static str),
    /// The pattern of a custom field is invalid.
    #[error("the field {0} has no valid regexp_for_validation: {1}")]
    Regexp(String, String),
    /// An organization has a value for an undefined custom field.
    #[error("organization_fields does not define {0}")]
    Field(String),
    /// An id is not a number above 0, or is used twice.
    #[error("{0} cannot be the id of an organization")]
    Id(String),
    /// The system provided no port or no thread.
    #[error("the simulator cannot listen on 127.0.0.1: {0}")]
    Io(#[from] io::Error),
}

/// A running simulator. It stops when it is dropped.
pub struct Zendesk {
    world: Arc<World>,
    server: Server,
    url: String,
}

impl Zendesk {
    /// Starts a simulator on a free port of 127.0.0.1, with its own threads.
    pub fn start(options: Options) -> Result<Zendesk, StartError> {
        if let Some(mistake) = options.mistake() {
            return Err(StartError::Option(mistake));
        }
        let port = Port::bind()?;
        let url = port.url.clone();
        let world = Arc::new(World::new(options, &url)?);
        let server = Server::start(port, world.clone())?;
        Ok(Zendesk { world, server, url })
    }

    /// Returns the URL, such as `http://127.0.0.1:1234`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns all requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.world.line.requests()
    }

    /// Returns the current organizations in the order of their ids.
    pub fn organizations(&self) -> Vec<Record> {
        self.world.settled(self.world.clock.now()).organizations.rows().cloned().collect()
    }

    /// Replaces all organizations.
    pub fn replace(&self, organizations: Vec<Record>) -> Result<(), StartError> {
        let now = self.world.clock.now();
        self.world.settled(now).replace(organizations, now)
    }

    /// Returns the current state of all jobs, in the order in which they were accepted.
    pub fn jobs(&self) -> Vec<Job> {
        let now = self.world.clock.now();
        self.world.settled(now).jobs.reports(now)
    }

    /// Returns the simulated seconds since the start of the simulator.
    pub fn now(&self) -> f64 {
        self.world.clock.now().seconds
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Stops the simulator within about a second, whatever its connections do. The log, the organizations and the jobs
    /// remain readable, and the clock goes on.
    pub fn stop(&mut self) {
        self.server.stop();
    }
}
