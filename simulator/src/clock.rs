//! Simulated time, so that tests need not wait for things that depend on it: jobs, rate limits, stamps, days.

use crate::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use time::format_description::BorrowedFormatItem;
use time::macros::{datetime, format_description};
use time::OffsetDateTime;

type Form = &'static [BorrowedFormatItem<'static>];

const STAMP: Form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const SPOKEN: Form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] +0000");
/// The format of the `Date` header. <https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats>
const HEADER: Form =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
/// The last time whose year has four digits, which is shown for any later time.
const LAST: OffsetDateTime = datetime!(9999-12-31 23:59:59 UTC);

/// A clock that runs a fixed number of times as fast as the real one, and can be moved forward.
pub(crate) struct Clock {
    start: Instant,
    epoch: Duration,
    speed: f64,
    ahead: Mutex<f64>,
}

/// A point in simulated time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Seconds since the start of the simulator.
    pub(crate) seconds: f64,
    epoch: Duration,
}

impl Clock {
    /// Creates a clock that starts at the present time.
    pub(crate) fn new(speed: f64) -> Clock {
        Clock::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(), speed)
    }

    /// Creates a clock that starts at this duration after 1970.
    pub(crate) fn from(epoch: Duration, speed: f64) -> Clock {
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
    /// Returns another time on the same clock, in seconds since the start of the simulator.
    pub(crate) fn at(self, seconds: f64) -> Moment {
        Moment { seconds, ..self }
    }

    /// Returns the time in the format of attributes: `2023-09-18T23:35:58Z`.
    pub(crate) fn stamp(self) -> String {
        self.written(STAMP)
    }

    /// Returns the time in the format of job messages: `2023-09-18 23:35:58 +0000`.
    pub(crate) fn spoken(self) -> String {
        self.written(SPOKEN)
    }

    /// Returns the time in the format of headers: `Mon, 18 Sep 2023 23:35:58 GMT`.
    pub(crate) fn header(self) -> String {
        self.written(HEADER)
    }

    /// Returns the milliseconds since 1970.
    pub(crate) fn millis(self) -> i64 {
        (self.unix() * 1_000.0) as i64
    }

    fn written(self, form: Form) -> String {
        let date = OffsetDateTime::from_unix_timestamp(self.unix() as i64);
        date.unwrap_or(LAST).format(form).unwrap_or_default()
    }

    fn unix(self) -> f64 {
        self.epoch.as_secs_f64() + self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_gregorian() {
        let moment = |seconds, epoch| Moment { seconds, epoch: Duration::from_secs(epoch) };
        let stamp = |epoch| moment(0.9, epoch).stamp();
        assert_eq!(stamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(stamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(stamp(1_695_080_158), "2023-09-18T23:35:58Z");
        assert_eq!(stamp(4_107_542_399), "2100-02-28T23:59:59Z");
        assert_eq!(moment(f64::MAX, 1).stamp(), "9999-12-31T23:59:59Z");
        let moment = moment(2.0, 1_695_080_156);
        assert_eq!(moment.spoken(), "2023-09-18 23:35:58 +0000");
        assert_eq!(moment.header(), "Mon, 18 Sep 2023 23:35:58 GMT");
        assert_eq!(moment.millis(), 1_695_080_158_000);
    }

    #[test]
    fn a_clock_begins_where_it_is_told() {
        let clock = Clock::from(Duration::from_secs(1_695_080_158), 0.001);
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().stamp(), "2023-09-18T23:36:58Z");
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
