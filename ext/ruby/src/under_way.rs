//! Work that is under way between two calls from Ruby.

use std::sync::{Mutex, PoisonError};

use magnus::{Error, Ruby};

use crate::errors;
use crate::process::OfProcess;

/// Something that one thread at a time has, and only in the process that began it.
pub struct UnderWay<T>(Mutex<Option<OfProcess<T>>>);

impl<T> UnderWay<T> {
    /// Keeps what this process has just begun.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(Some(OfProcess::new(value))))
    }

    /// Takes it out. It is not kept locked meanwhile: another thread that asked would wait with the GVL.
    ///
    /// # Errors
    /// When it is over, or another thread or process has it.
    pub fn take(&self, ruby: &Ruby) -> Result<OfProcess<T>, Error> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let over = || crm_sync::Error::Internal("this is over, or in the hands of another thread".into());
        let taken = taken.ok_or_else(|| errors::raise(ruby, over()))?;
        taken.get().map_err(|error| errors::raise(ruby, error))?;
        Ok(taken)
    }

    /// Takes it out for good; nothing where it is over already, or another thread or process has it.
    pub fn end(&self) -> Option<T> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.and_then(|taken| taken.into_inner().ok())
    }

    /// Keeps it for the next call.
    pub fn put_back(&self, value: OfProcess<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}
