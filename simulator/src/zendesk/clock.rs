//! Time as the simulator has it: jobs, rate limits and tokens live by it, so that tests need not wait for them.

use crate::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
        let (date, time) = self.parts();
        format!("{date}T{time}Z")
    }

    /// Returns the form of the messages of jobs: `2023-09-18 23:35:58 +0000`.
    pub(crate) fn spoken(self) -> String {
        let (date, time) = self.parts();
        format!("{date} {time} +0000")
    }

    fn parts(self) -> (String, String) {
        let unix = self.epoch.saturating_add_signed(self.seconds as i64);
        let (year, month, day) = date(unix / 86_400);
        let (hour, minute, second) = (unix / 3600 % 24, unix / 60 % 60, unix % 60);
        (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"))
    }
}

/// Returns the Gregorian date so many days after 1970-01-01. Years begin in March here, which puts the leap day at
/// their end.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
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
        assert!(Moment { seconds: f64::MAX, epoch: 1 }.stamp().ends_with('Z'));
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
