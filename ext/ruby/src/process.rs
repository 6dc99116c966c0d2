//! State that belongs to one process: a fork inherits the memory of the core's threads, but not the threads.

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

    /// Returns an error in a fork of the process.
    ///
    /// # Errors
    /// [`Error::NotHere`] if this is another process.
    pub(crate) fn check(self) -> crm_sync::Result<()> {
        match self.is_here() {
            true => Ok(()),
            false => Err(Error::NotHere(
                "a call that its process had under way cannot go on in a fork of it: its threads are in the parent \
                 only. End the child without returning from the block (`fork { … }` does), and begin anew there what \
                 the child needs"
                    .into(),
            )),
        }
    }
}

/// A value that may be used and dropped only in the process that created it.
pub struct OfProcess<T> {
    home: Home,
    value: Option<T>,
}

impl<T> OfProcess<T> {
    /// Keeps a value for the current process.
    pub fn new(value: T) -> Self {
        Self { home: Home::here(), value: Some(value) }
    }

    /// Returns the value.
    ///
    /// # Errors
    /// [`Error::NotHere`] if this is a fork of the process that created the value.
    pub fn get(&self) -> crm_sync::Result<&T> {
        self.home.check()?;
        self.value.as_ref().ok_or_else(gone)
    }

    /// Returns the value mutably; see [`get`](Self::get).
    pub fn get_mut(&mut self) -> crm_sync::Result<&mut T> {
        self.home.check()?;
        self.value.as_mut().ok_or_else(gone)
    }

    /// Takes the value out; see [`get`](Self::get).
    pub fn into_inner(mut self) -> crm_sync::Result<T> {
        self.home.check()?;
        self.value.take().ok_or_else(gone)
    }
}

/// Returns the error for a value that is gone. Cannot happen: only `into_inner` and `drop` take the value, and nothing
/// comes after them.
fn gone() -> Error {
    Error::Internal("a value was used after its end".into())
}

impl<T> Drop for OfProcess<T> {
    fn drop(&mut self) {
        // Leaks the value in a child: its threads do not exist there, and its locks may be held for ever.
        if !self.home.is_here() {
            std::mem::forget(self.value.take());
        }
    }
}

/// One value for each process, created on first use. A value that a child inherits is set aside.
pub struct PerProcess<T>(Mutex<Option<OfProcess<Arc<T>>>>);

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> PerProcess<T> {
    /// Creates a cell without a value.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns the value of the current process. Called only with the GVL held, so that a fork cannot find the lock
    /// held.
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

/// Returns the engine of the current process, with its threads.
pub fn engine() -> crm_sync::Result<Arc<Engine>> {
    static ENGINE: PerProcess<Engine> = PerProcess::new();
    ENGINE.get(Engine::start)
}
