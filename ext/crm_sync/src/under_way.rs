//! What is under way between two calls from Ruby.

use std::sync::{Mutex, PoisonError};

use magnus::{Error, Ruby};

use crate::errors;
use crate::process::OfProcess;

/// Something that one thread at a time has, and only in the process that began it.
pub(crate) struct UnderWay<T>(Mutex<OfProcess<Option<T>>>);

impl<T> UnderWay<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(OfProcess::new(Some(value))))
    }

    /// Takes it out. It is not kept locked meanwhile: another thread that asked would wait with the GVL.
    ///
    /// # Errors
    /// When it is over, or another thread or process has it.
    pub(crate) fn take(&self, ruby: &Ruby) -> Result<T, Error> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = || crm_sync::Error::Internal("this is over, or in the hands of another thread or process".into());
        place.get_mut().and_then(Option::take).ok_or_else(|| errors::raise(ruby, over()))
    }

    pub(crate) fn put_back(&self, value: T) {
        if let Some(place) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut() {
            *place = Some(value);
        }
    }
}
