//! A Zendesk account on loopback: logins, organizations with their custom fields, jobs, rate limits, and whatever can go
//! wrong with them. It has a clock of its own, so that nobody has to wait for its jobs and limits.

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

/// A request as the log has it.
pub type Request = crate::http::log::Request<Time>;

/// An organization: values by the names of their attributes.
pub type Record = Map<String, Value>;

/// The reason why a simulator did not start, or did not take organizations.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An option makes no sense.
    #[error("{0}")]
    Option(&'static str),
    /// A custom field has a pattern that is none.
    #[error("the field {0} has no valid regexp_for_validation: {1}")]
    Regexp(String, String),
    /// An organization has a value for a custom field that there is not.
    #[error("organization_fields does not define {0}")]
    Field(String),
    /// An id is not a number above 0, or there are two organizations with it.
    #[error("{0} cannot be the id of an organization")]
    Id(String),
    /// The system gave no port or no thread.
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
    /// Starts a simulator on a free port of 127.0.0.1, with threads of its own.
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

    /// Returns its address, such as `http://127.0.0.1:1234`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.world.line.requests()
    }

    /// Returns the organizations as they are now, in the order of their ids.
    pub fn organizations(&self) -> Vec<Record> {
        self.world.settled(self.world.clock.now()).organizations.rows().cloned().collect()
    }

    /// Puts organizations in the place of all that are there.
    pub fn replace(&self, organizations: Vec<Record>) -> Result<(), StartError> {
        let now = self.world.clock.now();
        self.world.settled(now).replace(organizations, now)
    }

    /// Returns all jobs as they are now, in the order in which they were accepted.
    pub fn jobs(&self) -> Vec<Job> {
        let now = self.world.clock.now();
        self.world.settled(now).jobs.reports(now)
    }

    /// Returns the simulated seconds since the start.
    pub fn now(&self) -> f64 {
        self.world.clock.now().seconds
    }

    /// Puts the clock forward.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    /// Stops it within about a second, whatever its connections do. The log, the organizations and the jobs can still be
    /// read; the clock goes on.
    pub fn stop(&mut self) {
        self.server.stop();
    }
}
