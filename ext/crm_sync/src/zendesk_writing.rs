//! A write run, which reports the outcome of each row as soon as it is known.

use std::iter::{from_fn, once};
use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::zendesk::{write, Changes, Client, Finished, Progress, RowUpdate, Stage, Written};
use magnus::value::ReprValue;
use magnus::{function, method, Error, Module, Object, RArray, RModule, Ruby, Value};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::class::define;
use crate::convert;
use crate::errors;
use crate::host::{Host, Questions};
use crate::job::{Job, News};
use crate::options::Given;
use crate::structs::ACCEPTED;
use crate::under_way::UnderWay;
use crate::zendesk::{attributes, finished_value, stage_value, Zendesk};

/// The maximum number of events that are returned at once.
const AT_ONCE: usize = 1_000;

#[magnus::wrap(class = "CrmSync::Native::OrganizationWriting", free_immediately, size)]
struct Writing {
    under_way: UnderWay<State>,
    /// The reason why the run ended early, if it did.
    stopped: Mutex<Option<crm_sync::Error>>,
}

struct State {
    job: Job<Written>,
    events: UnboundedReceiver<Event>,
}

/// An event of a run.
enum Event {
    Accepted(String, Stage, Vec<usize>),
    Finished(Finished),
}

/// Passes on the events of a run, and wakes the thread that waits for them. The run goes on even if no thread takes
/// them.
struct EventSender {
    events: UnboundedSender<Event>,
    waiting: Arc<Questions>,
}

impl EventSender {
    fn send(&self, event: Event) {
        let _ = self.events.send(event);
        self.waiting.wake();
    }
}

impl Progress for EventSender {
    fn accepted(&self, job: &str, stage: Stage, indexes: &[usize]) {
        self.send(Event::Accepted(job.to_owned(), stage, indexes.to_vec()));
    }

    fn finished(&self, item: &Finished) {
        self.send(Event::Finished(item.clone()));
    }
}

impl Event {
    /// Returns the event as a Struct `Accepted` or `Finished`.
    fn value(&self, ruby: &Ruby) -> Result<Value, Error> {
        match self {
            Self::Accepted(job, stage, indexes) => {
                let indexes = ruby.ary_from_iter(indexes.iter().copied()).as_value();
                let job = ruby.str_new(job).as_value();
                ACCEPTED.make(ruby, [("job", job), ("stage", stage_value(ruby, *stage)), ("indexes", indexes)])
            }
            Self::Finished(item) => finished_value(ruby, item.stage, item.index, item.id, &item.outcome),
        }
    }
}

impl Writing {
    /// Starts the run: `creates` is an Array of JSON objects; `updates` and `marks` are Arrays of pairs of an id and a
    /// JSON object.
    fn start(
        ruby: &Ruby,
        zendesk: &Zendesk,
        creates: Value,
        updates: Value,
        marks: Value,
        host: Host,
    ) -> Result<Self, Error> {
        let changes = Changes {
            creates: Given::argument("creates", creates).each(|row| attributes(&row))?,
            updates: row_updates(&Given::argument("updates", updates))?,
            marks: row_updates(&Given::argument("marks", marks))?,
        };
        let (sender, events) = mpsc::unbounded_channel();
        let level = host.level()?;
        let start = || {
            let client = Client::new(zendesk.account()?);
            Job::start(level, |waiting| {
                let progress = EventSender { events: sender, waiting };
                async move { Ok(write(&client, changes, &progress).await) }
            })
        };
        let job = start().map_err(|error| errors::raise(ruby, error))?;
        let under_way = UnderWay::new(State { job, events });
        Ok(Self { under_way, stopped: Mutex::default() })
    }

    /// Waits for events, and returns those since the last call, an Array (see [`Event::value`]); nil at the end.
    fn next(ruby: &Ruby, writing: &Self, host: Host) -> Result<Option<RArray>, Error> {
        let mut taken = writing.under_way.take(ruby)?;
        let state = taken.get_mut().map_err(|error| errors::raise(ruby, error))?;
        let told = match state.job.next(ruby, host, || state.events.try_recv().ok()) {
            Ok(News::Piece(first)) => {
                values(ruby, once(first).chain(waiting(&mut state.events)).take(AT_ONCE)).map(Some)
            }
            Ok(News::Result(result)) => {
                let written = result.map_err(|error| errors::raise(ruby, error))?;
                *writing.stopped.lock().unwrap_or_else(PoisonError::into_inner) = written.stopped;
                return Ok(None);
            }
            Err(interrupt) => Err(interrupt),
        };
        writing.under_way.put_back(taken);
        told
    }

    /// Returns the exception that says why the run ended early; nil if it did not end early, or has not ended.
    fn stopped(ruby: &Ruby, writing: &Self) -> Result<Option<Value>, Error> {
        let stopped = writing.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.as_ref().map(|error| errors::value(ruby, error)).transpose()
    }

    /// Stops the run, and waits until it has stopped. Its jobs go on at Zendesk. Returns the events that were not
    /// returned yet.
    fn stop(ruby: &Ruby, writing: &Self, host: Host) -> Result<RArray, Error> {
        // If there is nothing to take, the run has ended already.
        let Some(State { job, mut events }) = writing.under_way.end() else { return Ok(ruby.ary_new()) };
        job.stop(ruby, host)?;
        values(ruby, waiting(&mut events))
    }
}

fn waiting(events: &mut UnboundedReceiver<Event>) -> impl Iterator<Item = Event> + '_ {
    from_fn(|| events.try_recv().ok())
}

fn values(ruby: &Ruby, events: impl Iterator<Item = Event>) -> Result<RArray, Error> {
    convert::array(ruby, events, |event| event.value(ruby))
}

/// Reads pairs of an id and the attributes as JSON.
fn row_updates(given: &Given) -> Result<Vec<RowUpdate>, Error> {
    given.each(|row| {
        let (id, json) = row.pair()?;
        Ok(RowUpdate { id: id.to()?, attributes: attributes(&json)? })
    })
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Writing>(ruby, native, "OrganizationWriting")?;
    class.define_singleton_method("start", function!(Writing::start, 5))?;
    class.define_method("next", method!(Writing::next, 1))?;
    class.define_method("stopped", method!(Writing::stopped, 0))?;
    class.define_method("stop", method!(Writing::stop, 1))
}
