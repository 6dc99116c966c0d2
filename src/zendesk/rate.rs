//! Reads rate limits from the headers of a response. The names of these headers have changed over the years; all of
//! them are read.
//! <https://developer.zendesk.com/api-reference/introduction/rate-limits/>

use reqwest::header::HeaderMap;

/// The rate limit of the account.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// The number of requests allowed per minute.
    pub(super) limit: Option<u64>,
    /// The number of requests left in this minute.
    pub(super) remaining: Option<u64>,
    /// The number of seconds until the next minute begins.
    pub(super) reset: Option<u64>,
}

impl Rate {
    /// Reads the headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| number(headers, name));
        Self {
            limit: first(&["ratelimit-limit", "rate-limit", "x-rate-limit"]),
            remaining: first(&["ratelimit-remaining", "rate-limit-remaining", "x-rate-limit-remaining"]),
            reset: first(&["ratelimit-reset", "rate-limit-reset"]),
        }
    }
}

/// The account's places for jobs that are queued or running at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JobPlaces {
    /// The number of jobs allowed.
    pub(super) total: usize,
    /// The number of free places.
    pub(super) remaining: usize,
}

impl JobPlaces {
    /// Reads `zendesk-ratelimit-inflight-jobs: total=30; remaining=29; resets=60`, or its older name.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        const NAMES: [&str; 2] = ["zendesk-ratelimit-inflight-jobs", "zendesk-rate-limit-inflight-jobs"];
        let text = NAMES.iter().find_map(|name| headers.get(*name)?.to_str().ok())?;
        let part = |wanted: &str| {
            let mut parts = text.split(';').filter_map(|part| part.trim().split_once('='));
            parts.find(|(name, _)| *name == wanted)?.1.trim().parse().ok()
        };
        Some(Self { total: part("total")?, remaining: part("remaining")? })
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn both_generations_of_names_are_read() {
        let told = Rate { limit: Some(700), remaining: Some(689), reset: Some(35) };
        let older = [("rate-limit", "700"), ("rate-limit-remaining", "689"), ("rate-limit-reset", "35")];
        let newer = [("ratelimit-limit", "700"), ("ratelimit-remaining", "689"), ("ratelimit-reset", "35")];
        assert_eq!(Rate::of(&headers(&older)), told);
        assert_eq!(Rate::of(&headers(&newer)), told);
        let always = [("x-rate-limit", "700"), ("x-rate-limit-remaining", "689")];
        assert_eq!(Rate::of(&headers(&always)), Rate { reset: None, ..told });
        assert_eq!(
            Rate::of(&headers(&[("ratelimit-limit", "many")])),
            Rate { limit: None, remaining: None, reset: None }
        );
    }

    #[test]
    fn the_places_of_jobs_are_read_under_both_names() {
        for name in ["zendesk-ratelimit-inflight-jobs", "zendesk-rate-limit-inflight-jobs"] {
            let told = JobPlaces::of(&headers(&[(name, "total=30; remaining=29; resets=60")]));
            assert_eq!(told, Some(JobPlaces { total: 30, remaining: 29 }));
        }
        assert_eq!(JobPlaces::of(&headers(&[("zendesk-ratelimit-inflight-jobs", "soon")])), None);
    }
}
