//! One session for all requests of a process, and the turns in which requests renew it.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

/// The current session of a process.
pub(crate) struct Current<S>(Mutex<Option<Arc<S>>>);

/// Lets one request at a time open a session. All requests that share it must be able to wait for each other.
#[derive(Default)]
pub(crate) struct Turns {
    turn: tokio::sync::Mutex<()>,
    failed: Mutex<Failed>,
}

/// The failed attempts at opening a session: their number, and the error of the last one.
#[derive(Default)]
struct Failed {
    count: u64,
    last: Option<Error>,
}

impl<S> Current<S> {
    /// Returns the session; `None` if there is none, if it is no longer fresh, or if it is the one that `ended`.
    pub(crate) fn get(&self, ended: Option<&Arc<S>>, is_fresh: impl Fn(&S) -> bool) -> Option<Arc<S>> {
        usable(&self.lock(), ended, is_fresh)
    }

    /// Returns the session, or the one that `opening` opens if there is none, if it is no longer fresh, or if it is the
    /// one that `ended`. However many requests with the same `turns` need a new session, only one opens it. If that
    /// fails, those that have waited for it get its error, because theirs would be the same.
    ///
    /// Requests with other turns are not waited for: `opening` may take as long as the host's own code does.
    ///
    /// # Errors
    /// Returns the errors of `opening`.
    pub(crate) async fn session(
        &self,
        turns: &Turns,
        ended: Option<&Arc<S>>,
        is_fresh: impl Fn(&S) -> bool,
        opening: impl Future<Output = Result<S>>,
    ) -> Result<Arc<S>> {
        let failures = turns.failed().count;
        let _turn = turns.turn.lock().await;
        if let Some(session) = self.get(ended, &is_fresh) {
            return Ok(session);
        }
        if let Some(error) = turns.failure_since(failures) {
            return Err(error);
        }
        let opened = Arc::new(opening.await.inspect_err(|error| turns.note(error))?);
        let mut current = self.lock();
        // A request with other turns may have been faster. All then use its session, so that none is renewed twice.
        let earlier = usable(&current, ended, is_fresh);
        Ok(earlier.unwrap_or_else(|| Arc::clone(current.insert(opened))))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<S>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Current::get`]. Sessions are compared by address, because a service may issue the same token again.
fn usable<S>(current: &Option<Arc<S>>, ended: Option<&Arc<S>>, is_fresh: impl Fn(&S) -> bool) -> Option<Arc<S>> {
    let has_ended = |session: &Arc<S>| ended.is_some_and(|ended| Arc::ptr_eq(ended, session));
    current.as_ref().filter(|session| is_fresh(session) && !has_ended(session)).map(Arc::clone)
}

impl<S> Default for Current<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl Turns {
    /// Returns the error of the last attempt that failed, if it is not among the first `count` ones.
    fn failure_since(&self, count: u64) -> Option<Error> {
        let failed = self.failed();
        failed.last.clone().filter(|_| failed.count > count)
    }

    fn note(&self, error: &Error) {
        let mut failed = self.failed();
        *failed = Failed { count: failed.count + 1, last: Some(error.clone()) };
    }

    fn failed(&self) -> MutexGuard<'_, Failed> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
