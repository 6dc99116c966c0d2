//! Work on the core's threads, and a Ruby thread that waits for it.

use std::any::Any;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crm_sync::events::{Collector, Lines};
use crm_sync::{engine, Result};
use magnus::block::Proc;
use magnus::{function, Error, Object, RModule, Ruby, Symbol};
use tracing::instrument::WithSubscriber;
use tracing::Level;

use crate::gvl::{self, Wait};
use crate::{errors, process};

/// Work that is under way. Dropping it stops the work at its next pause.
pub(crate) struct Job<T> {
    channel: Arc<Channel<T>>,
    lines: Arc<Lines>,
    work: tokio::task::AbortHandle,
}

impl<T: Send + 'static> Job<T> {
    /// Starts `work`; log lines at least as important as `level` are kept for the one who waits.
    pub(crate) fn start(level: Level, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<Self> {
        let engine = process::engine()?;
        let channel = Arc::new(Channel::default());
        let lines = Arc::new(Lines::default());
        let wake = Arc::clone(&channel);
        let collector = Collector::new(Arc::clone(&lines), level, move || wake.has_news());
        let inner = engine.spawn(work.with_subscriber(tracing::Dispatch::new(collector)));
        let handle = inner.abort_handle();
        let done = Arc::clone(&channel);
        engine.spawn(async move { done.finish(inner.await) });
        Ok(Self { channel, lines, work: handle })
    }

    /// Waits for the result without the GVL; calls `log` with each line. What Ruby raises meanwhile, also from `log`, is
    /// returned, and the work stopped.
    pub(crate) fn wait(self, ruby: &Ruby, log: Proc) -> std::result::Result<T, Error> {
        loop {
            gvl::wait_without_gvl(&*self.channel)?;
            for line in self.lines.take() {
                let level = ruby.to_symbol(level_name(line.level));
                log.call::<_, magnus::Value>((level, line.text))?;
            }
            if let Some(result) = self.channel.take() {
                return result.map_err(|error| errors::raise(ruby, error));
            }
        }
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// Runs `work` here and now; a panic becomes an error.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(engine::panicked(&*panic)))
}

struct State<T> {
    result: Option<Result<T>>,
    news: bool,
}

struct Channel<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Default for Channel<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { result: None, news: false }), changed: Condvar::new() }
    }
}

impl<T> Channel<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_news(&self) {
        self.lock().news = true;
        self.changed.notify_all();
    }

    fn finish(&self, result: std::result::Result<Result<T>, tokio::task::JoinError>) {
        let result = result.unwrap_or_else(|stopped| match stopped.try_into_panic() {
            Ok(panic) => Err(engine::panicked(&*panic as &(dyn Any + Send))),
            Err(_) => Err(crm_sync::Error::Internal("the work was stopped".into())),
        });
        self.lock().result = Some(result);
        self.has_news();
    }

    fn take(&self) -> Option<Result<T>> {
        self.lock().result.take()
    }
}

impl<T: Send> Wait for Channel<T> {
    fn wait(&self) {
        let quiet = |state: &mut State<T>| !std::mem::take(&mut state.news);
        drop(self.changed.wait_while(self.lock(), quiet).unwrap_or_else(PoisonError::into_inner));
    }

    fn wake(&self) {
        self.has_news();
    }
}

/// The level for a Ruby logger's severity: 0 is debug.
pub(crate) fn level(severity: u8) -> Level {
    match severity {
        0 => Level::DEBUG,
        1 => Level::INFO,
        2 => Level::WARN,
        _ => Level::ERROR,
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        _ => "debug",
    }
}

/// For specs: a panic on the core's threads, along the way that every job takes.
fn panic_in_the_core(ruby: &Ruby, log: Proc) -> std::result::Result<Symbol, Error> {
    let panics = async { panic!("asked for by a spec") };
    let job = Job::<()>::start(Level::ERROR, panics).map_err(|error| errors::raise(ruby, error))?;
    job.wait(ruby, log).map(|()| ruby.to_symbol("survived"))
}

pub(crate) fn init(native: RModule) -> std::result::Result<(), Error> {
    native.define_singleton_method("panic_in_the_core", function!(panic_in_the_core, 1))
}
