//! The API calls of a day, and the other limits of an org.

use super::error::Refusal;
use crate::clock::Moment;
use crate::lock;
use serde::Deserialize;
use serde_json::{json, Value};
use std::sync::Mutex;

/// The header that reports the use of the quota.
pub(crate) const HEADER: &str = "Sforce-Limit-Info";
/// The number of calls per day in a full sandbox.
const CALLS: u64 = 5_000_000;
/// The seconds after which the count restarts. A real org counts the calls of the last 24 hours at any time.
const DAY: f64 = 86_400.0;
/// The limits that nothing here uses up.
const UNUSED: [(&str, u64); 5] = [
    ("DailyBulkApiBatches", 15_000),
    ("DailyBulkV2QueryFileStorageMB", 976_562),
    ("DailyBulkV2QueryJobs", 10_000),
    ("DataStorageMB", 1_073),
    ("FileStorageMB", 1_073),
];

/// The API calls of a day: of the whole org, and optionally of one app.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// The number of calls made before the start of the simulator.
    pub used: u64,
    /// The number of calls allowed.
    pub limit: u64,
    /// The calls of the requesting app, if it has its own quota.
    pub per_app: Option<AppQuota>,
}

/// The calls of one app.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppQuota {
    /// The number of calls made before the start of the simulator.
    pub used: u64,
    /// The number of calls allowed.
    pub limit: u64,
    /// The name of the app in the header.
    pub name: String,
}

impl Default for Quota {
    fn default() -> Quota {
        Quota { used: 0, limit: CALLS, per_app: None }
    }
}

impl Default for AppQuota {
    fn default() -> AppQuota {
        AppQuota { used: 0, limit: CALLS, name: "simulator".into() }
    }
}

/// A counter of calls.
pub(crate) struct Meter(Mutex<Count>);

struct Count {
    quota: Quota,
    /// The number of days since the start of the simulator.
    day: u64,
}

/// The result of counting a call.
pub(crate) struct Spent {
    /// True if no call was left. The call was not counted then.
    pub(crate) exceeded: bool,
    /// The value of the header after the call.
    pub(crate) header: String,
}

impl Meter {
    pub(crate) fn new(quota: Quota) -> Meter {
        Meter(Mutex::new(Count { quota, day: 0 }))
    }

    /// Counts a call. The check of the limit and the count are one step, so that concurrent calls cannot exceed the
    /// limit.
    pub(crate) fn spend(&self, now: Moment) -> Spent {
        let mut count = lock(&self.0);
        count.begin_day(now);
        let quota = &mut count.quota;
        let exceeded = quota.exceeded();
        if !exceeded {
            quota.used += 1;
            if let Some(app) = &mut quota.per_app {
                app.used += 1;
            }
        }
        Spent { exceeded, header: quota.header() }
    }

    /// Returns all limits and what is left of them.
    pub(crate) fn limits(&self) -> Value {
        let Quota { limit: calls, used, .. } = lock(&self.0).quota;
        let limit = |max: u64, used: u64| json!({"Max": max, "Remaining": max.saturating_sub(used)});
        let unused = UNUSED.map(|(name, max)| (name.to_owned(), limit(max, 0)));
        std::iter::once(("DailyApiRequests".to_owned(), limit(calls, used))).chain(unused).collect()
    }
}

impl Count {
    /// Resets the count if another day has begun.
    fn begin_day(&mut self, now: Moment) {
        let day = (now.seconds / DAY) as u64;
        if day > self.day {
            self.day = day;
            self.quota.used = 0;
            self.quota.per_app.iter_mut().for_each(|app| app.used = 0);
        }
    }
}

impl Quota {
    fn exceeded(&self) -> bool {
        self.used >= self.limit || self.per_app.as_ref().is_some_and(|app| app.used >= app.limit)
    }

    fn header(&self) -> String {
        let Quota { used, limit, per_app } = self;
        match per_app {
            Some(AppQuota { used: of_app, limit: most, name }) => {
                format!("api-usage={used}/{limit}; per-app-api-usage={of_app}/{most}(appName={name})")
            }
            None => format!("api-usage={used}/{limit}"),
        }
    }
}

/// Returns the refusal of a call that exceeds the quota.
pub(crate) fn exceeded() -> Refusal {
    let message = "TotalRequests Limit exceeded.";
    Refusal::new(403, "REQUEST_LIMIT_EXCEEDED", message)
}
