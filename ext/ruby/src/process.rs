//! State that belongs to one process: a fork inherits the memory of our threads, but not the threads.

use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::engine::Engine;
use crm_sync::Error;

/// A process, told apart from its forks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home(u32);

impl Home {
    pub(crate) fn here() -> Self {
        Self(std::process::id())
    }

    fn is_here(self) -> bool {
        self == Self::here()
    }

    /// Refuses to go on in a fork.
    ///
    /// # Errors
    /// [`Error::Internal`] when this is another process.
    pub(crate) fn check(self) -> crm_sync::Result<()> {
        match self.is_here() {
            true => Ok(()),
            false => Err(Error::Internal(
                "a call that its process had under way cannot go on in a fork of it: its threads are in the parent \
                 only. End the child without returning from the block (`fork { … }` does), and begin anew there what \
                 the child needs"
                    .into(),
            )),
        }
    }
}

/// A value that may only be used, and only be dropped, in the process that made it.
pub struct OfProcess<T> {
    home: Home,
    value: Option<T>,
}

impl<T> OfProcess<T> {
    /// Keeps a value for this process.
    pub fn new(value: T) -> Self {
        Self { home: Home::here(), value: Some(value) }
    }

    /// Returns the value.
    ///
    /// # Errors
    /// [`Error::Internal`] when this is a fork of the process that made it.
    pub fn get(&self) -> crm_sync::Result<&T> {
        self.home.check()?;
        self.value.as_ref().ok_or_else(gone)
    }

    /// Returns the value, to be changed; see [`get`](Self::get).
    pub fn get_mut(&mut self) -> crm_sync::Result<&mut T> {
        self.home.check()?;
        self.value.as_mut().ok_or_else(gone)
    }

    /// Returns the value, taken out; see [`get`](Self::get).
    pub fn into_inner(mut self) -> crm_sync::Result<T> {
        self.home.check()?;
        self.value.take().ok_or_else(gone)
    }
}

/// Cannot happen: only `into_inner` and `drop` take the value, and nothing comes after them.
fn gone() -> Error {
    Error::Internal("a value was used after its end".into())
}

impl<T> Drop for OfProcess<T> {
    fn drop(&mut self) {
        // In a child the value's threads do not exist, and its locks may be held for ever: leak it.
        if !self.home.is_here() {
            std::mem::forget(self.value.take());
        }
    }
}

/// One value per process, made on first use; what a child inherits is put aside.
pub struct PerProcess<T>(Mutex<Option<OfProcess<Arc<T>>>>);

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> PerProcess<T> {
    /// Has no value yet.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns the value of this process. Called with the GVL only, so that no fork can find the lock taken.
    pub fn get(&self, make: impl FnOnce() -> crm_sync::Result<T>) -> crm_sync::Result<Arc<T>> {
        let mut cell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Ok(value)) = cell.as_ref().map(OfProcess::get) {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(make()?);
        *cell = Some(OfProcess::new(Arc::clone(&value)));
        Ok(value)
    }
}

/// Returns the threads of this process.
pub fn engine() -> crm_sync::Result<Arc<Engine>> {
    static ENGINE: PerProcess<Engine> = PerProcess::new();
    ENGINE.get(Engine::start)
}
