//! What belongs to one process: a fork inherits the memory of our threads, but not the threads.

use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::engine::Engine;

/// A value that may only be used, and only be dropped, in the process that made it.
pub(crate) struct OfProcess<T> {
    pid: u32,
    value: Option<T>,
}

impl<T> OfProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { pid: std::process::id(), value: Some(value) }
    }

    /// The value, unless this is a child of the process that made it.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.is_at_home())
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        let at_home = self.is_at_home();
        self.value.as_mut().filter(|_| at_home)
    }

    fn is_at_home(&self) -> bool {
        self.pid == std::process::id()
    }
}

impl<T> Drop for OfProcess<T> {
    fn drop(&mut self) {
        // In a child the value's threads do not exist, and its locks may be held for ever: leak it.
        if !self.is_at_home() {
            std::mem::forget(self.value.take());
        }
    }
}

/// One value per process, made on first use; what a child inherits is put aside.
pub(crate) struct PerProcess<T>(Mutex<Option<OfProcess<Arc<T>>>>);

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The value of this process. Called with the GVL only, so that no fork can find the lock taken.
    pub(crate) fn get(&self, make: impl FnOnce() -> crm_sync::Result<T>) -> crm_sync::Result<Arc<T>> {
        let mut cell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = cell.as_ref().and_then(OfProcess::get) {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(make()?);
        *cell = Some(OfProcess::new(Arc::clone(&value)));
        Ok(value)
    }
}

/// The threads of this process.
pub(crate) fn engine() -> crm_sync::Result<Arc<Engine>> {
    static ENGINE: PerProcess<Engine> = PerProcess::new();
    ENGINE.get(Engine::start)
}
