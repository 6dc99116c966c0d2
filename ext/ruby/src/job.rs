//! Work on the core's threads, for which a Ruby thread waits.

use std::any::Any;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crm_sync::events::{Collector, Lines};
use crm_sync::{engine, Result};
use magnus::{function, Error, Object, RModule, Ruby, Symbol};
use tracing::instrument::WithSubscriber;
use tracing::Level;

use crate::gvl::{self, Wait};
use crate::host::{Host, Questions};
use crate::process::OfProcess;
use crate::{errors, process};

/// Work that is under way. Dropping it stops the work at its next `await`.
pub struct Job<T>(OfProcess<Work<T>>);

struct Work<T> {
    channel: Arc<Channel<T>>,
    lines: Arc<Lines>,
    questions: Arc<Questions>,
    task: tokio::task::AbortHandle,
}

/// The messages of a job for the thread that waits for it.
pub enum News<P, T> {
    /// An intermediate result.
    Piece(P),
    /// The result.
    Result(Result<T>),
}

impl<T: Send + 'static> Job<T> {
    /// Starts the future that `work` returns. `work` gets the questions that the future may ask. Log lines of at least
    /// `level` are kept for the thread that waits.
    pub fn start<F>(level: Level, work: impl FnOnce(Arc<Questions>) -> F) -> Result<Self>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let engine = process::engine()?;
        let channel = Arc::new(Channel::default());
        let lines = Arc::new(Lines::default());
        let questions = Arc::new(Questions::default());
        questions.wake_by(channel.wake());
        let collector = Collector::new(Arc::clone(&lines), level, channel.wake());
        let work = work(Arc::clone(&questions));
        let inner = engine.spawn(work.with_subscriber(tracing::Dispatch::new(collector)));
        let handle = inner.abort_handle();
        let done = Arc::clone(&channel);
        engine.spawn(async move { done.finish(inner.await) });
        Ok(Self(OfProcess::new(Work { channel, lines, questions, task: handle })))
    }

    /// Waits for the result without the GVL. Has `host` log lines and answer questions meanwhile. If Ruby raises
    /// meanwhile, also in `host`, returns the exception and stops the work.
    pub fn wait(self, ruby: &Ruby, host: Host) -> std::result::Result<T, Error> {
        match self.next(ruby, host, || None::<()>)? {
            News::Result(result) => result.map_err(|error| errors::raise(ruby, error)),
            News::Piece(()) => Err(errors::raise(ruby, crm_sync::Error::Internal("there are no pieces".into()))),
        }
    }

    /// Waits as [`wait`](Self::wait) does, until `piece` returns something or the result is there.
    pub fn next<P>(
        &self,
        ruby: &Ruby,
        host: Host,
        mut piece: impl FnMut() -> Option<P>,
    ) -> std::result::Result<News<P, T>, Error> {
        loop {
            // Checked in each round, because a signal handler may have forked during the wait.
            let work = self.work(ruby)?;
            // Checked first, so that nothing that came before the result is lost.
            let has_ended = work.channel.has_result();
            work.serve(ruby, host)?;
            if let Some(piece) = piece() {
                return Ok(News::Piece(piece));
            }
            if let Some(result) = has_ended.then(|| work.channel.take()).flatten() {
                return Ok(News::Result(result));
            }
            gvl::wait_without_gvl(&*work.channel)?;
        }
    }

    /// Has `host` log lines and answer questions, without waiting.
    pub fn serve(&self, ruby: &Ruby, host: Host) -> std::result::Result<(), Error> {
        self.work(ruby)?.serve(ruby, host)
    }

    /// Stops the work and waits until it has stopped.
    pub fn stop(self, ruby: &Ruby, host: Host) -> std::result::Result<(), Error> {
        self.work(ruby)?.task.abort();
        self.next(ruby, host, || None::<()>).map(|_| ())
    }

    fn work(&self, ruby: &Ruby) -> std::result::Result<&Work<T>, Error> {
        self.0.get().map_err(|error| errors::raise(ruby, error))
    }
}

impl<T> Work<T> {
    fn serve(&self, ruby: &Ruby, host: Host) -> std::result::Result<(), Error> {
        for line in self.lines.take() {
            host.log(ruby, line)?;
        }
        self.questions.answer(host)
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs `work` on the thread pool of this process, and waits for it without the GVL.
pub fn compute<T, F>(ruby: &Ruby, host: Host, work: F) -> std::result::Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let level = host.level()?;
    let start = || {
        let workers = process::engine()?.workers();
        Job::start(level, |_| async move { workers.run(work).await })
    };
    start().map_err(|error| errors::raise(ruby, error))?.wait(ruby, host)
}

/// Runs `work` on the current thread. A panic becomes an error.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
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

impl<T: Send + 'static> Channel<T> {
    /// Returns a function that wakes the waiting thread.
    fn wake(self: &Arc<Self>) -> impl Fn() + Send + Sync + 'static {
        let channel = Arc::clone(self);
        move || channel.has_news()
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

    fn has_result(&self) -> bool {
        self.lock().result.is_some()
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

/// Returns the name of a level in Ruby.
pub(crate) fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        _ => "debug",
    }
}

/// Panics on the core's threads, for specs, in the same way as every job would.
fn panic_in_the_core(ruby: &Ruby, host: Host) -> std::result::Result<Symbol, Error> {
    let panics = |_| async { panic!("asked for by a spec") };
    let job = Job::<()>::start(host.level()?, panics).map_err(|error| errors::raise(ruby, error))?;
    job.wait(ruby, host).map(|()| ruby.to_symbol("survived"))
}

/// Defines the function with which specs cause a panic.
pub fn init(native: RModule) -> std::result::Result<(), Error> {
    native.define_singleton_method("panic_in_the_core", function!(panic_in_the_core, 1))
}
