//! The Salesforce simulator for `CrmSync::Testing`.

use std::time::Duration;

use crm_sync_ruby::class::define;
use crm_sync_simulator::salesforce::{Options, Salesforce, StartError};
use magnus::{function, method, Error, Module, Object, RModule, Ruby};

use crate::started::{json, parse, Started};

#[magnus::wrap(class = "CrmSync::Testing::Native::SalesforceSimulator", free_immediately, size)]
struct Simulator(Started<Salesforce>);

impl Simulator {
    fn start(ruby: &Ruby, options: String) -> Result<Self, Error> {
        let options: Options = parse(ruby, &options)?;
        let started = Salesforce::start(options);
        let simulator = started.map_err(|error| refused(ruby, &error))?;
        Ok(Self(Started::new(simulator)))
    }

    fn url(ruby: &Ruby, simulator: &Self) -> Result<String, Error> {
        simulator.0.with(ruby, |simulator| simulator.url().to_owned())
    }

    fn requests(ruby: &Ruby, simulator: &Self) -> Result<String, Error> {
        let requests = simulator.0.with(ruby, |simulator| simulator.requests())?;
        json(ruby, &requests)
    }

    fn records(ruby: &Ruby, simulator: &Self, object: String) -> Result<String, Error> {
        let records = simulator.0.with(ruby, |simulator| simulator.records(&object))?;
        json(ruby, &records)
    }

    fn jobs(ruby: &Ruby, simulator: &Self) -> Result<String, Error> {
        let jobs = simulator.0.with(ruby, |simulator| simulator.jobs())?;
        json(ruby, &jobs)
    }

    fn replace(ruby: &Ruby, simulator: &Self, object: String, records: String) -> Result<(), Error> {
        let records = parse(ruby, &records)?;
        simulator.0.with(ruby, |simulator| simulator.replace(&object, records))
    }

    fn now(ruby: &Ruby, simulator: &Self) -> Result<f64, Error> {
        simulator.0.with(ruby, |simulator| simulator.now())
    }

    fn advance(ruby: &Ruby, simulator: &Self, seconds: f64) -> Result<(), Error> {
        let by = Duration::try_from_secs_f64(seconds);
        let by = by.map_err(|error| Error::new(ruby.exception_arg_error(), error.to_string()))?;
        simulator.0.with(ruby, |simulator| simulator.advance(by))
    }

    fn stop(ruby: &Ruby, simulator: &Self) -> Result<(), Error> {
        simulator.0.with(ruby, Salesforce::stop)
    }
}

fn refused(ruby: &Ruby, error: &StartError) -> Error {
    let class = match error {
        StartError::Io(_) => ruby.exception_runtime_error(),
        _ => ruby.exception_arg_error(),
    };
    Error::new(class, error.to_string())
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Simulator>(ruby, native, "SalesforceSimulator")?;
    class.define_singleton_method("start", function!(Simulator::start, 1))?;
    class.define_method("url", method!(Simulator::url, 0))?;
    class.define_method("requests", method!(Simulator::requests, 0))?;
    class.define_method("records", method!(Simulator::records, 1))?;
    class.define_method("jobs", method!(Simulator::jobs, 0))?;
    class.define_method("replace", method!(Simulator::replace, 2))?;
    class.define_method("now", method!(Simulator::now, 0))?;
    class.define_method("advance", method!(Simulator::advance, 1))?;
    class.define_method("stop", method!(Simulator::stop, 0))
}
