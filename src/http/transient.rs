//! Recognizes failures that may be temporary, for all services.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, DATE, RETRY_AFTER};

/// Returns whether the response may be a different one at the next attempt, by its HTTP status: the service or an edge
/// server in front of it is busy, restarting or unreachable. `silent` means that the response gives no reason of the
/// service itself.
///
/// 406 without a reason, 420 and 520 to 524 come from edge servers, and have been seen with both services.
#[must_use]
pub(crate) fn is_transient(status: u16, silent: bool) -> bool {
    match status {
        406 => silent,
        408 | 420 | 429 | 500 | 502..=504 | 520..=524 => true,
        _ => false,
    }
}

/// Returns the time that a response asks to wait. It is given as a number of seconds, or as a date, which is compared
/// with the date of the response, or with our clock if there is none.
/// <https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>
#[must_use]
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = httpdate::parse_http_date(text).ok()?;
    let now = date(headers).unwrap_or_else(SystemTime::now);
    // A date in the past asks for no wait.
    Some(moment.duration_since(now).unwrap_or_default())
}

/// Returns the time at which a response was made, by the clock of the server that made it.
#[must_use]
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &str)]) -> Option<Duration> {
        retry_after(&headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect())
    }

    #[test]
    fn a_wait_is_a_number_or_a_date() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked(&[("retry-after", " 93 ")]), Some(Duration::from_secs(93)));
        let until = |time: &str| asked(&[date, ("retry-after", time)]);
        assert_eq!(until("Sun, 06 Nov 1994 08:51:37 GMT"), Some(Duration::from_secs(120)));
        assert_eq!(until("Sunday, 06-Nov-94 08:50:37 GMT"), Some(Duration::from_secs(60)), "the obsolete form");
        assert_eq!(until("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO), "it has passed");
        assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:51:37 GMT")]), Some(Duration::ZERO), "by our clock");
        assert_eq!(until("soon"), None);
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn edges_and_busy_servers_are_tried_again_and_mistakes_are_not() {
        assert!([408, 420, 429, 500, 502, 503, 504, 520, 524].iter().all(|status| is_transient(*status, false)));
        assert!([301, 400, 401, 403, 404, 410, 413, 501, 505, 525].iter().all(|status| !is_transient(*status, true)));
        assert!(is_transient(406, true) && !is_transient(406, false));
    }
}
