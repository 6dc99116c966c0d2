//! The threads that do the work: a tokio runtime for I/O, and a rayon pool for computation.
//!
//! Neither is global: a forked process would inherit a pool whose threads do not exist. The binding keeps one engine
//! per process and creates it on first use.

use std::sync::Arc;

use crate::error::{Error, Result};

/// The runtime and the thread pool of one process.
pub struct Engine {
    runtime: tokio::runtime::Runtime,
    pool: Arc<rayon::ThreadPool>,
}

impl Engine {
    /// Starts the threads.
    ///
    /// # Errors
    /// Returns [`Error::Internal`] if the system provides no threads.
    pub fn start() -> Result<Self> {
        let unavailable = |cause: String| Error::Internal(format!("no threads could be started: {cause}"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("crm_sync-io")
            .enable_all()
            .build()
            .map_err(|e| unavailable(e.to_string()))?;
        let pool = rayon::ThreadPoolBuilder::new()
            .thread_name(|n| format!("crm_sync-cpu-{n}"))
            .build()
            .map_err(|e| unavailable(e.to_string()))?;
        Ok(Self { runtime, pool: Arc::new(pool) })
    }

    /// Starts `job` on the runtime. Dropping the handle does not stop the job; aborting it does.
    pub fn spawn<F>(&self, job: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: std::future::Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.runtime.spawn(job)
    }

    /// Returns a handle to the pool for CPU-bound work.
    #[must_use]
    pub fn workers(&self) -> Workers {
        Workers(Arc::clone(&self.pool))
    }
}

/// A handle to the pool, which keeps CPU-bound work off the threads of the runtime.
#[derive(Clone)]
pub struct Workers(Arc<rayon::ThreadPool>);

impl Workers {
    /// Runs `work` on the pool and waits for its result without blocking the runtime.
    ///
    /// # Errors
    /// Returns [`Error::Internal`] if the work panicked.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let dispatch = tracing::dispatcher::get_default(tracing::Dispatch::clone);
        self.0.spawn(move || {
            let work = std::panic::AssertUnwindSafe(|| tracing::dispatcher::with_default(&dispatch, work));
            // Fails if the caller no longer waits; then nobody needs the result.
            let _ = sender.send(std::panic::catch_unwind(work));
        });
        match receiver.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => Err(panicked(panic.as_ref())),
            Err(_) => Err(Error::Internal("a worker went away".into())),
        }
    }
}

/// Converts a caught panic into an error.
#[must_use]
pub fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::Internal(format!("a panic in the core ({})", crate::error::presentable(text.unwrap_or("no message"))))
}
