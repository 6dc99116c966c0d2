//! The rate limits, in simulated time.

use super::options::RateHeaders;
use crate::http::reply::Reply;
use std::collections::HashMap;

const MINUTE: f64 = 60.0;
/// The number of updates of one organization per minute.
const UPDATES: usize = 5;

/// The current use of each limit.
pub(crate) struct Limits {
    per_minute: u64,
    /// The current minute and the number of requests in it.
    window: (u64, u64),
    /// The times of the updates of each organization in the last minute.
    updates: HashMap<u64, Vec<f64>>,
}

/// The state of the account's limit after a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Meter {
    limit: u64,
    remaining: u64,
    /// The seconds until the next minute; never 0.
    pub(crate) reset: u64,
    /// True if the request exceeds the limit.
    pub(crate) over: bool,
}

impl Limits {
    pub(crate) fn new(per_minute: u64) -> Limits {
        Limits { per_minute, window: (0, 0), updates: HashMap::new() }
    }

    /// Counts a request.
    pub(crate) fn request(&mut self, now: f64) -> Meter {
        let minute = (now / MINUTE) as u64;
        // Concurrent requests may arrive here out of the order of their times.
        if minute > self.window.0 {
            self.window = (minute, 0);
        }
        let over = self.window.1 >= self.per_minute;
        if !over {
            self.window.1 += 1;
        }
        let reset = (MINUTE - now % MINUTE).ceil() as u64;
        Meter { limit: self.per_minute, remaining: self.per_minute - self.window.1, reset, over }
    }

    /// Counts the update of an organization. The error is the number of seconds until another update is allowed.
    pub(crate) fn update(&mut self, id: u64, now: f64) -> Result<(), u64> {
        let times = self.updates.entry(id).or_default();
        times.retain(|time| *time + MINUTE > now);
        match times.first() {
            Some(first) if times.len() >= UPDATES => Err((first + MINUTE - now).ceil() as u64),
            _ => {
                times.push(now);
                Ok(())
            }
        }
    }
}

impl Meter {
    /// Adds the headers that every response has, except those of the edge protection.
    pub(crate) fn headers(self, reply: Reply, names: RateHeaders) -> Reply {
        let prefix = match names {
            RateHeaders::Of2023 => "rate-limit",
            RateHeaders::Of2024 => "ratelimit",
        };
        let (limit, remaining) = (self.limit.to_string(), self.remaining.to_string());
        reply
            .header("x-rate-limit", &limit)
            .header("x-rate-limit-remaining", &remaining)
            .header(if names == RateHeaders::Of2023 { prefix } else { "ratelimit-limit" }, limit)
            .header(&format!("{prefix}-remaining"), remaining)
            .header(&format!("{prefix}-reset"), self.reset.to_string())
    }
}

/// Adds the header with the limit of jobs, which responses about new jobs have.
pub(crate) fn inflight_header(reply: Reply, names: RateHeaders, total: usize, in_flight: usize) -> Reply {
    let name = match names {
        RateHeaders::Of2023 => "zendesk-rate-limit-inflight-jobs",
        RateHeaders::Of2024 => "zendesk-ratelimit-inflight-jobs",
    };
    let remaining = total.saturating_sub(in_flight);
    reply.header(name, format!("total={total}; remaining={remaining}; resets=60"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_requests() {
        let mut limits = Limits::new(2);
        let meter = |limits: &mut Limits, now| {
            let meter = limits.request(now);
            (meter.remaining, meter.reset, meter.over)
        };
        assert_eq!(meter(&mut limits, 0.0), (1, 60, false));
        assert_eq!(meter(&mut limits, 20.5), (0, 40, false));
        assert_eq!(meter(&mut limits, 59.9), (0, 1, true));
        assert_eq!(meter(&mut limits, 60.0), (1, 60, false));
        assert_eq!(meter(&mut limits, 600.0), (1, 60, false));
    }

    #[test]
    fn an_organization_has_five_updates_in_any_minute() {
        let mut limits = Limits::new(1);
        assert!((0..5).all(|second| limits.update(1, f64::from(second) * 10.0).is_ok()));
        assert_eq!(limits.update(1, 50.0), Err(10));
        assert_eq!(limits.update(2, 50.0), Ok(()));
        assert_eq!(limits.update(1, 60.0), Ok(()));
        assert_eq!(limits.update(1, 60.5), Err(10));
    }
}
