//! Time as the simulator has it: jobs, rate limits and tokens live by it, so that tests need not wait for them.

use crate::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use time::format_description::BorrowedFormatItem;
use time::macros::{datetime, format_description};
use time::OffsetDateTime;

type Form = &'static [BorrowedFormatItem<'static>];

const STAMP: Form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const SPOKEN: Form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] +0000");
/// The last moment that has four digits for its year: no clock is put forward beyond it.
const LAST: OffsetDateTime = datetime!(9999-12-31 23:59:59 UTC);

/// A clock that runs a fixed number of times as fast as the real one, and can be put forward.
pub(crate) struct Clock {
    start: Instant,
    epoch: u64,
    speed: f64,
    ahead: Mutex<f64>,
}

/// A moment of simulated time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Seconds since the start of the simulator.
    pub(crate) seconds: f64,
    epoch: u64,
}

impl Clock {
    pub(crate) fn new(speed: f64) -> Clock {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Clock { start: Instant::now(), epoch, speed, ahead: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Moment {
        let seconds = self.start.elapsed().as_secs_f64() * self.speed + *lock(&self.ahead);
        Moment { seconds, epoch: self.epoch }
    }

    pub(crate) fn advance(&self, by: Duration) {
        *lock(&self.ahead) += by.as_secs_f64();
    }

    pub(crate) fn beginning(&self) -> Moment {
        Moment { seconds: 0.0, epoch: self.epoch }
    }
}

impl Moment {
    /// Returns another moment on the same clock.
    pub(crate) fn at(self, seconds: f64) -> Moment {
        Moment { seconds, ..self }
    }

    /// Returns the form of attributes: `2023-09-18T23:35:58Z`.
    pub(crate) fn stamp(self) -> String {
        self.written(STAMP)
    }

    /// Returns the form of the messages of jobs: `2023-09-18 23:35:58 +0000`.
    pub(crate) fn spoken(self) -> String {
        self.written(SPOKEN)
    }

    fn written(self, form: Form) -> String {
        let unix = self.epoch.saturating_add_signed(self.seconds as i64);
        let date = i64::try_from(unix).ok().and_then(|unix| OffsetDateTime::from_unix_timestamp(unix).ok());
        date.unwrap_or(LAST).format(form).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_gregorian() {
        let stamp = |epoch| Moment { seconds: 0.9, epoch }.stamp();
        assert_eq!(stamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(stamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(stamp(1_695_080_158), "2023-09-18T23:35:58Z");
        assert_eq!(stamp(4_107_542_399), "2100-02-28T23:59:59Z");
        assert_eq!(Moment { seconds: f64::MAX, epoch: 1 }.stamp(), "9999-12-31T23:59:59Z");
        assert_eq!(Moment { seconds: 2.0, epoch: 1_695_080_156 }.spoken(), "2023-09-18 23:35:58 +0000");
    }

    #[test]
    fn time_runs_as_fast_as_told() {
        let clock = Clock::new(1000.0);
        std::thread::sleep(Duration::from_millis(20));
        assert!(clock.now().seconds >= 20.0);
        clock.advance(Duration::from_secs(3600));
        assert!(clock.now().seconds >= 3620.0);
    }
}
