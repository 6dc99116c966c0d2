//! The core's requests to Ruby while a Ruby thread waits for the core: log lines and sessions.

use std::sync::{Mutex, OnceLock, PoisonError};

use crm_sync::events::Line;
use crm_sync::salesforce::Sessions;
use crm_sync::Error as CoreError;
use futures_util::future::BoxFuture;
use magnus::value::ReprValue;
use magnus::{ArgList, Error, Ruby, TryConvert, Value};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;
use tracing::Level;

use crate::convert::elements;
use crate::errors;
use crate::job::level_name;
use crate::process::{Home, OfProcess};

/// A `CrmSync::Host`, and the process in which it was passed.
#[derive(Clone, Copy)]
pub struct Host {
    value: Value,
    home: Home,
}

impl TryConvert for Host {
    fn try_convert(value: Value) -> Result<Self, Error> {
        Ok(Host { value, home: Home::here() })
    }
}

impl Host {
    /// Returns the lowest level that the host's logger accepts.
    pub fn level(self) -> Result<Level, Error> {
        Ok(match self.call::<u8>("severity", ())? {
            0 => Level::DEBUG,
            1 => Level::INFO,
            2 => Level::WARN,
            _ => Level::ERROR,
        })
    }

    pub(crate) fn log(self, ruby: &Ruby, line: Line) -> Result<(), Error> {
        self.call::<Value>("log", (ruby.to_symbol(level_name(line.level)), line.text)).map(|_| ())
    }

    /// Calls the host's own code. All such calls go through this method. The code may fork, and so return twice: the
    /// second time in a process that must not touch the state of the core's threads, because the threads do not exist
    /// there and may have left locks held.
    fn call<T: TryConvert>(self, method: &str, arguments: impl ArgList) -> Result<T, Error> {
        let answer = self.value.funcall(method, arguments)?;
        self.home.check().map_err(|error| errors::raise(&Ruby::get_with(self.value), error))?;
        Ok(answer)
    }

    /// Returns a session other than the one whose token is `ended`, or the reason of the gem why there is none.
    ///
    /// # Errors
    /// An interrupt, or an exception of the host's own code.
    fn session(self, ended: Option<&SecretString>) -> Result<crm_sync::Result<Answer>, Error> {
        let session: Value = match self.call("session", (ended.map(ExposeSecret::expose_secret),)) {
            Ok(session) => session,
            Err(exception) => return errors::of_gem(&Ruby::get_with(self.value), &exception).map(Err).ok_or(exception),
        };
        let [token, url] = elements(session)?;
        Ok(Ok((String::try_convert(token)?.into(), String::try_convert(url)?)))
    }
}

/// An access token and an instance URL.
type Answer = (SecretString, String);

struct Question {
    ended: Option<SecretString>,
    /// Kept for its process: dropping it wakes the core's task that asked, which takes the core's locks.
    answer: OfProcess<oneshot::Sender<crm_sync::Result<Answer>>>,
}

/// The questions of one job. They wait for the Ruby thread that waits for the job.
#[derive(Default)]
pub struct Questions {
    open: Mutex<Vec<Question>>,
    wake: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Questions {
    /// Sets the function that is called for each question from now on.
    pub(crate) fn wake_by(&self, wake: impl Fn() + Send + Sync + 'static) {
        // Set only once, by the job to which the questions belong.
        let _ = self.wake.set(Box::new(wake));
    }

    /// Wakes the thread that waits for the job.
    pub fn wake(&self) {
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }

    /// Has `host` answer the open questions. If there is no session, those who asked get the reason: only they know what
    /// has been done by then.
    ///
    /// # Errors
    /// An interrupt, or an exception of the host's own code.
    pub(crate) fn answer(&self, host: Host) -> Result<(), Error> {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        for Question { ended, answer } in open {
            let session = host.session(ended.as_ref())?;
            let asker = answer.into_inner().map_err(|error| errors::raise(&Ruby::get_with(host.value), error))?;
            // The task that asked may have been stopped meanwhile.
            let _ = asker.send(session);
        }
        Ok(())
    }
}

impl Sessions for Questions {
    fn open(&self, ended: Option<SecretString>) -> BoxFuture<'_, crm_sync::Result<Answer>> {
        let (sender, receiver) = oneshot::channel();
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Question { ended, answer: OfProcess::new(sender) });
        self.wake();
        let unanswered = |_| Err(CoreError::Internal("nobody answers for sessions".into()));
        Box::pin(async move { receiver.await.unwrap_or_else(unanswered) })
    }
}
