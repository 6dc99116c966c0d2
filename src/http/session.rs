//! One session for all requests of a process, renewed once at a time.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Mutex;

/// The session of a process.
pub struct Current<S>(Mutex<Option<Arc<S>>>);

impl<S> Current<S> {
    /// Returns the session; the one that `opening` gives if there is none, if it is not fresh any more, or if it is the
    /// one that has `ended`. However many ask, one renews.
    ///
    /// # Errors
    /// Those of `opening`.
    pub async fn session<E>(
        &self,
        ended: Option<&Arc<S>>,
        is_fresh: impl Fn(&S) -> bool,
        opening: impl Future<Output = Result<S, E>>,
    ) -> Result<Arc<S>, E> {
        let mut current = self.0.lock().await;
        // By its place: a service may give the same token again.
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
