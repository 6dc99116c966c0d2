//! One session for all requests of a process. Only one request at a time renews it.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Mutex;

/// The current session of a process.
pub struct Current<S>(Mutex<Option<Arc<S>>>);

impl<S> Current<S> {
    /// Returns the session. If there is none, if it is no longer fresh, or if it is the one that `ended`, returns the
    /// one that `opening` opens. However many callers need a new session, only one opens it.
    ///
    /// # Errors
    /// Returns the errors of `opening`.
    pub async fn session<E>(
        &self,
        ended: Option<&Arc<S>>,
        is_fresh: impl Fn(&S) -> bool,
        opening: impl Future<Output = Result<S, E>>,
    ) -> Result<Arc<S>, E> {
        let mut current = self.0.lock().await;
        // Compared by address, because a service may issue the same token again.
        let has_ended = |session: &Arc<S>| ended.is_some_and(|ended| Arc::ptr_eq(ended, session));
        if let Some(session) = current.as_ref().filter(|session| is_fresh(session) && !has_ended(session)) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(opening.await?);
        Ok(Arc::clone(current.insert(session)))
    }
}

impl<S> Default for Current<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
