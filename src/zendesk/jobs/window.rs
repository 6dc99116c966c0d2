//! The number of jobs that may be in flight: as many as the account's limit allows and other clients leave free.

use std::time::Duration;

use tokio::time::Instant;

use crate::zendesk::rate::JobPlaces;

/// The shortest and the longest pause while other clients have all places, in seconds of the account's clock.
const PAUSES: (f64, f64) = (5.0, 60.0);

/// The number of jobs that may be in flight, adapted to what the responses report.
pub(super) struct Window {
    most: usize,
    allowed: usize,
    /// True once a job was accepted or refused, so that the window is no longer the initial one.
    adapted: bool,
    /// The time until which the window is not widened, because it was too wide.
    narrow_until: Option<Instant>,
    minute: Duration,
    refusals: u32,
}

impl Window {
    /// Creates a window for at most `most` jobs. It starts with one job. The response to that job reports how many more
    /// have room. `minute` is the length of a minute of the account's clock.
    pub(super) fn new(most: usize, minute: Duration) -> Self {
        Self { most, allowed: 1, adapted: false, narrow_until: None, minute, refusals: 0 }
    }

    /// Returns whether there is room for another job beside `in_flight` others.
    pub(super) fn has_room(&self, in_flight: usize) -> bool {
        in_flight < self.allowed
    }

    /// Records that a job was accepted, as one of now `in_flight` jobs, and the places that the response reported.
    pub(super) fn accepted(&mut self, in_flight: usize, places: Option<JobPlaces>, now: Instant) {
        self.refusals = 0;
        let free = places.map_or(self.most, |places| places.remaining);
        let most = self.most.min(places.map_or(self.most, |places| places.total));
        // Later responses may count jobs of ours that have ended since the last poll, so they widen a window only after
        // it was too narrow for a minute.
        if self.adapted && self.narrow_until.is_none_or(|until| now < until) {
            return;
        }
        self.adapted = true;
        self.allowed = most.min(in_flight.saturating_add(free)).max(self.allowed);
        self.narrow_until = (self.allowed < most).then(|| now + self.minute);
    }

    /// Records that a job was refused for lack of a place: `in_flight` jobs, at least one, are the maximum for the next
    /// minute.
    pub(super) fn refused(&mut self, in_flight: usize, now: Instant) {
        self.adapted = true;
        self.refusals = self.refusals.saturating_add(1);
        self.allowed = in_flight;
        self.narrow_until = Some(now + self.minute);
    }

    /// Returns the time to wait after a refusal if no job of ours can make room, in seconds of the account's clock. It doubles
    /// with each refusal in a row.
    pub(super) fn pause(&self) -> f64 {
        let (from, to) = PAUSES;
        (from * f64::from(1 << self.refusals.saturating_sub(1).min(8))).min(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn places(remaining: usize) -> Option<JobPlaces> {
        Some(JobPlaces { total: 30, remaining })
    }

    fn room(window: &Window) -> usize {
        (0..100).take_while(|in_flight| window.has_room(*in_flight)).count()
    }

    #[test]
    fn the_first_answer_tells_how_wide_it_is() {
        for (told, wide) in [(None, 30), (places(29), 30), (places(24), 25), (places(0), 1)] {
            let mut window = Window::new(30, MINUTE);
            assert_eq!(room(&window), 1);
            window.accepted(1, told, Instant::now());
            assert_eq!(room(&window), wide);
        }
        let mut window = Window::new(10, MINUTE);
        window.accepted(1, places(29), Instant::now());
        assert_eq!(room(&window), 10);
    }

    #[test]
    fn a_refusal_narrows_it_for_a_minute() {
        let start = Instant::now();
        let mut window = Window::new(30, MINUTE);
        window.accepted(1, places(29), start);
        window.refused(20, start);
        assert_eq!((room(&window), window.pause()), (20, 5.0));
        window.refused(20, start);
        assert_eq!(window.pause(), 10.0);
        window.accepted(20, places(10), start + MINUTE / 2);
        assert_eq!(room(&window), 20);
        window.accepted(20, places(4), start + MINUTE);
        assert_eq!(room(&window), 24);
        window.accepted(24, places(6), start + MINUTE);
        assert_eq!(room(&window), 24, "a minute again");
        window.accepted(24, places(6), start + MINUTE * 2);
        assert_eq!(room(&window), 30);
    }
}
