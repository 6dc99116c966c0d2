//! A limit on the number of requests in any minute, for services that count requests.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// A maximum number of requests in any period of a given length, called the window, wherever it begins.
///
/// The place of a request becomes free a whole window after its *response*, because it is not known when in between the
/// service counted the request. A token bucket would either lose a part of the budget to its size, or allow more than
/// the budget in a window that begins with a full bucket.
pub(crate) struct Pace {
    window: Duration,
    state: Mutex<State>,
    changed: Notify,
    /// Serves requests in the order in which they came.
    queue: tokio::sync::Mutex<()>,
}

struct State {
    budget: usize,
    open: usize,
    ended: VecDeque<Instant>,
    closed_until: Option<Instant>,
}

/// The right to send one request. It is dropped when the response has come, or will not come any more.
pub(super) struct Place<'p>(&'p Pace);

impl Pace {
    /// Creates a pace that allows at most `budget` requests, and always at least one, in any `window`.
    #[must_use]
    pub(crate) fn new(budget: usize, window: Duration) -> Self {
        let state = State { budget: budget.max(1), open: 0, ended: VecDeque::new(), closed_until: None };
        Self { window, state: Mutex::new(state), changed: Notify::new(), queue: tokio::sync::Mutex::default() }
    }

    /// Returns the maximum number of requests in a window.
    #[must_use]
    pub(crate) fn budget(&self) -> usize {
        self.state().budget
    }

    /// Changes the maximum number of requests in a window.
    pub(crate) fn set_budget(&self, budget: usize) {
        self.state().budget = budget.max(1);
        self.changed.notify_one();
    }

    /// Lets no request pass for a while.
    pub(crate) fn close_for(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut state = self.state();
        state.closed_until = state.closed_until.max(Some(until));
    }

    /// Waits until one more request may be sent.
    pub(super) async fn place(&self) -> Place<'_> {
        let _first = self.queue.lock().await;
        loop {
            let claimed = self.state().claim(Instant::now(), self.window);
            let Some(wait) = claimed else { return Place(self) };
            // A change ends the wait early. In either case the state is checked again.
            let _ = tokio::time::timeout(wait, self.changed.notified()).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a place and returns `None`, or returns the time to wait before the next check.
    fn claim(&mut self, now: Instant, window: Duration) -> Option<Duration> {
        while self.ended.front().is_some_and(|ended| *ended + window <= now) {
            self.ended.pop_front();
        }
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Some(until - now);
        }
        if self.open + self.ended.len() < self.budget {
            self.open += 1;
            return None;
        }
        Some(self.ended.front().map_or(window, |ended| *ended + window - now))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open -= 1;
        state.ended.push_back(Instant::now());
        drop(state);
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_place_is_free_again_a_window_after_the_answer() {
        let mut state = State { budget: 2, open: 0, ended: VecDeque::new(), closed_until: None };
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!((state.claim(start, MINUTE), state.claim(start, MINUTE)), (None, None));
        assert_eq!(state.claim(start, MINUTE), Some(MINUTE), "both are on their way");
        state.open = 0;
        state.ended.extend([after(10), after(20)]);
        assert_eq!(state.claim(after(30), MINUTE), Some(Duration::from_secs(40)));
        assert_eq!(state.claim(after(70), MINUTE), None);
        assert_eq!(state.claim(after(70), MINUTE), Some(Duration::from_secs(10)));
    }

    #[test]
    fn while_it_is_closed_nothing_passes() {
        let start = Instant::now();
        let closed_until = Some(start + Duration::from_secs(17));
        let mut state = State { budget: 2, open: 0, ended: VecDeque::new(), closed_until };
        assert_eq!(state.claim(start, MINUTE), Some(Duration::from_secs(17)));
        assert_eq!(state.claim(start + Duration::from_secs(17), MINUTE), None);
    }

    #[tokio::test]
    async fn a_budget_that_is_raised_lets_those_pass_who_wait() {
        let pace = Pace::new(1, MINUTE);
        let _first = pace.place().await;
        let raise = async {
            tokio::task::yield_now().await;
            pace.set_budget(2);
        };
        let (_second, ()) = tokio::join!(pace.place(), raise);
        assert_eq!(pace.budget(), 2);
    }
}
