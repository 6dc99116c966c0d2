//! The org's remaining API calls of the day, as reported in every response, and a reserve that is left to others.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;

use super::answer::SERVICE;
use crate::error::{Error, RemoteError, Result};

/// How long the numbers of a response are trusted. After that, requests are allowed again, and their responses bring
/// new numbers.
const FRESH: Duration = Duration::from_secs(300);

/// The org's API calls of the day.
pub(super) struct Quota {
    reserve: f64,
    told: Mutex<Option<(Instant, Vec<Usage>)>>,
}

/// One of the counts in `Sforce-Limit-Info`: the org's, or the app's.
#[derive(Debug, Clone, PartialEq)]
struct Usage {
    name: String,
    used: u64,
    limit: u64,
}

impl Quota {
    /// Creates a quota of which the share `reserve` is left to others.
    pub(super) fn new(reserve: f64) -> Self {
        Self { reserve, told: Mutex::default() }
    }

    /// Records the counts in the headers of a response.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let Some(info) = headers.get("sforce-limit-info").and_then(|value| value.to_str().ok()) else { return };
        let usages = usages(info);
        if !usages.is_empty() {
            *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), usages));
        }
    }

    /// Checks that another call leaves the reserve untouched.
    ///
    /// # Errors
    /// Returns [`Error::Quota`] with the numbers if it does not.
    pub(super) fn check(&self, action: &str) -> Result<()> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((at, usages)) = &*told else { return Ok(()) };
        let spent = |usage: &&Usage| usage.used >= usage.limit.saturating_sub(self.kept(usage));
        match usages.iter().find(spent).filter(|_| at.elapsed() < FRESH) {
            None => Ok(()),
            Some(usage) => Err(Error::Quota(Box::new(RemoteError {
                service: SERVICE,
                action: action.into(),
                message: format!(
                    "{} of {} calls of the day are used ({}), and a reserve of {} is left to others; wait, raise the \
                     org's limit, or lower salesforce.quota_reserve",
                    usage.used,
                    usage.limit,
                    usage.name,
                    self.kept(usage)
                ),
                code: Some("QUOTA_RESERVE".into()),
                attempts: 0,
                ..RemoteError::default()
            }))),
        }
    }

    /// Returns the number of calls that may still be made, or `None` if no response has reported one.
    pub(super) fn left(&self) -> Option<u64> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |usage: &Usage| usage.limit.saturating_sub(self.kept(usage)).saturating_sub(usage.used);
        told.as_ref().and_then(|(_, usages)| usages.iter().map(left).min())
    }

    fn kept(&self, usage: &Usage) -> u64 {
        (usage.limit as f64 * self.reserve).ceil() as u64
    }
}

/// Parses `api-usage=25/5000`, which may be followed by `; per-app-api-usage=17/250(appName=x)`.
fn usages(info: &str) -> Vec<Usage> {
    let usage = |part: &str| {
        let (name, numbers) = part.trim().split_once('=')?;
        let (used, rest) = numbers.split_once('/')?;
        let limit = rest.split('(').next()?.trim().parse().ok()?;
        // `0/0` occurs in practice, and means nothing.
        (limit > 0).then_some(Usage { name: name.into(), used: used.trim().parse().ok()?, limit })
    };
    info.split(';').filter_map(usage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(info: &str) -> Quota {
        let quota = Quota::new(0.05);
        let mut headers = HeaderMap::new();
        headers.insert("Sforce-Limit-Info", info.parse().unwrap());
        quota.note(&headers);
        quota
    }

    #[test]
    fn both_forms_are_read() {
        assert_eq!(told("api-usage=73995/305000").left(), Some(305_000 - 15_250 - 73_995));
        assert_eq!(told("api-usage=25/5000; per-app-api-usage=17/250(appName=x)").left(), Some(250 - 13 - 17));
        assert_eq!(told("what is this").left(), None);
        assert_eq!(told("api-usage=0/0").left(), None, "no quota");
        assert_eq!(told("api-usage=0/0; per-app-api-usage=17/250(appName=x)").left(), Some(250 - 13 - 17));
    }

    #[test]
    fn the_reserve_is_not_touched() {
        assert!(told("api-usage=4749/5000").check("x").is_ok());
        let error = told("api-usage=4750/5000").check("x").unwrap_err().to_string();
        assert!(error.contains("4750 of 5000") && error.contains("reserve of 250"), "{error}");
        assert!(told("api-usage=1/5000; per-app-api-usage=245/250(appName=x)").check("x").is_err());
    }
}
