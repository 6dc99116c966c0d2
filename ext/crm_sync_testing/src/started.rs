//! A running simulator, and the JSON of its arguments and results.

use std::sync::{Mutex, PoisonError};

use crm_sync_ruby::process::OfProcess;
use magnus::{Error, Ruby};
use serde::de::DeserializeOwned;

/// A simulator, which only the process that started it can use.
pub(crate) struct Started<S>(Mutex<OfProcess<S>>);

impl<S> Started<S> {
    pub(crate) fn new(simulator: S) -> Self {
        Self(Mutex::new(OfProcess::new(simulator)))
    }

    pub(crate) fn with<T>(&self, ruby: &Ruby, work: impl FnOnce(&mut S) -> T) -> Result<T, Error> {
        let mut simulator = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = || Error::new(ruby.exception_runtime_error(), "the simulator runs in the process that started it");
        simulator.get_mut().map(work).map_err(|_| gone())
    }
}

/// Parses an argument, which is JSON.
pub(crate) fn parse<T: DeserializeOwned>(ruby: &Ruby, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::new(ruby.exception_arg_error(), error.to_string()))
}

/// Returns a result as JSON.
pub(crate) fn json(ruby: &Ruby, value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(ruby.exception_runtime_error(), error.to_string()))
}
