//! Log lines of one run, collected for the thread that started the run.
//!
//! Each run has its own subscriber. A global one could clash with the app's, and would need to be set up again after a
//! fork.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};

/// The number of lines that may wait. Beyond it the newest lines are dropped and counted.
const CAPACITY: usize = 1_000;

/// A log line.
#[derive(Debug, Clone)]
pub struct Line {
    /// The log level.
    pub level: Level,
    /// The text without a newline.
    pub text: String,
}

/// The queue of lines that wait to be logged.
#[derive(Default)]
pub struct Lines {
    waiting: Mutex<(VecDeque<Line>, usize)>,
}

impl Lines {
    /// Removes and returns all waiting lines, and adds a warning if lines were dropped.
    pub fn take(&self) -> Vec<Line> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let dropped = std::mem::take(&mut waiting.1);
        let mut lines: Vec<Line> = waiting.0.drain(..).collect();
        if dropped > 0 {
            lines.push(Line { level: Level::WARN, text: format!("{dropped} log lines were dropped") });
        }
        lines
    }

    fn push(&self, line: Line) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.0.len() < CAPACITY {
            waiting.0.push_back(line);
        } else {
            waiting.1 += 1;
        }
    }
}

/// Collects the events of a run into [`Lines`] and calls `wake` after each.
pub struct Collector<W> {
    lines: Arc<Lines>,
    level: Level,
    wake: W,
}

impl<W: Fn() + Send + Sync + 'static> Collector<W> {
    /// Creates a collector of the events that are at least as important as `level`.
    pub fn new(lines: Arc<Lines>, level: Level, wake: W) -> Self {
        Self { lines, level, wake }
    }
}

impl<W: Fn() + Send + Sync + 'static> Subscriber for Collector<W> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.level && metadata.target().starts_with("crm_sync")
    }

    /// Events of other levels, as those of the libraries for HTTP, are then not even registered. That takes a lock of
    /// `tracing` for an instant, once for each place in the code, which a forked child could find taken.
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level))
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.lines.push(Line { level: *event.metadata().level(), text: text.0 });
        (self.wake)();
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a `String` cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
