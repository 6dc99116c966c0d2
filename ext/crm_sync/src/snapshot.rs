//! Snapshots for Ruby: one that was kept, and one that has just been written.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crm_sync::reading::incremental::{Kept, Written};
use magnus::{function, method, Error, Module, Object, RModule, Ruby};

use crate::class::define;

/// The snapshot of the last read, which can be taken once.
#[magnus::wrap(class = "CrmSync::Native::KeptSnapshot", free_immediately, size)]
pub(crate) struct KeptSnapshot(Mutex<Option<Kept>>);

impl KeptSnapshot {
    /// Returns the snapshot at `path`; nil if there is no snapshot with this digest.
    fn open(path: String, digest: String) -> Option<Self> {
        Kept::open(Path::new(&path), &digest).map(|kept| Self(Mutex::new(Some(kept))))
    }

    /// Returns the snapshot; `None` if it has been taken before.
    pub(crate) fn take(&self) -> Option<Kept> {
        locked(&self.0).take()
    }
}

/// A snapshot that has just been written. Its file is deleted with this object, unless it is kept.
#[magnus::wrap(class = "CrmSync::Native::FreshSnapshot", free_immediately, size)]
pub(crate) struct FreshSnapshot(Mutex<Option<Written>>);

impl FreshSnapshot {
    pub(crate) fn new(written: Written) -> Self {
        Self(Mutex::new(Some(written)))
    }

    fn digest(&self) -> Option<String> {
        locked(&self.0).as_ref().map(|written| written.digest().to_owned())
    }

    /// Keeps the file. Returns false if the file does not exist any more.
    fn keep(&self) -> bool {
        locked(&self.0).as_mut().is_some_and(Written::keep)
    }

    /// Deletes the file now, unless it is kept.
    fn discard(&self) {
        drop(locked(&self.0).take());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let kept = define::<KeptSnapshot>(ruby, native, "KeptSnapshot")?;
    kept.define_singleton_method("open", function!(KeptSnapshot::open, 2))?;
    let fresh = define::<FreshSnapshot>(ruby, native, "FreshSnapshot")?;
    fresh.define_method("digest", method!(FreshSnapshot::digest, 0))?;
    fresh.define_method("keep", method!(FreshSnapshot::keep, 0))?;
    fresh.define_method("discard", method!(FreshSnapshot::discard, 0))
}
