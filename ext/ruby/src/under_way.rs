//! Work that continues between two calls from Ruby.

use std::sync::{Mutex, PoisonError};

use magnus::{Error, Ruby};

use crate::errors;
use crate::process::OfProcess;

/// A value that one thread at a time can take, and only in the process that created it.
pub struct UnderWay<T>(Mutex<Option<OfProcess<T>>>);

impl<T> UnderWay<T> {
    /// Keeps a value that the current process has just created.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(Some(OfProcess::new(value))))
    }

    /// Takes the value out. The lock is not held while it is taken: another thread that asked would wait with the GVL
    /// held.
    ///
    /// # Errors
    /// If the work is over, or if another thread or process has the value.
    pub fn take(&self, ruby: &Ruby) -> Result<OfProcess<T>, Error> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let over = || crm_sync::Error::NotHere("this is over, or in the hands of another thread".into());
        let taken = taken.ok_or_else(|| errors::raise(ruby, over()))?;
        taken.get().map_err(|error| errors::raise(ruby, error))?;
        Ok(taken)
    }

    /// Takes the value out for good; `None` if the work is over already, or if another thread or process has the value.
    pub fn end(&self) -> Option<T> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.and_then(|taken| taken.into_inner().ok())
    }

    /// Puts the value back for the next call.
    pub fn put_back(&self, value: OfProcess<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}
