//! The calls of a day, and the other limits of an org.

use super::error::Refusal;
use crate::clock::Moment;
use crate::lock;
use serde::Deserialize;
use serde_json::{json, Value};
use std::sync::Mutex;

/// The header that tells the use of the quota.
pub(crate) const HEADER: &str = "Sforce-Limit-Info";
/// Calls per day, as a full sandbox has them.
const CALLS: u64 = 5_000_000;
/// The seconds after which the count begins anew. A real org counts the calls of the last 24 hours, whenever it is asked.
const DAY: f64 = 86_400.0;
/// Limits that nothing here uses up.
const UNUSED: [(&str, u64); 5] = [
    ("DailyBulkApiBatches", 15_000),
    ("DailyBulkV2QueryFileStorageMB", 976_562),
    ("DailyBulkV2QueryJobs", 10_000),
    ("DataStorageMB", 1_073),
    ("FileStorageMB", 1_073),
];

/// The calls of a day: of the whole org, and maybe of one app.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// The number of calls made before the start.
    pub used: u64,
    /// The number of calls allowed.
    pub limit: u64,
    /// Those of the app that asks, when it has a quota of its own.
    pub per_app: Option<AppQuota>,
}

/// The calls of one app.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppQuota {
    /// The number of calls made before the start.
    pub used: u64,
    /// The number of calls allowed.
    pub limit: u64,
    /// The app, as the header names it.
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

/// Counts calls.
pub(crate) struct Meter(Mutex<Count>);

struct Count {
    quota: Quota,
    /// The number of days since the start.
    day: u64,
}

/// The cost of a call.
pub(crate) struct Spent {
    /// There was none left, and it cost nothing.
    pub(crate) exceeded: bool,
    /// The use after it, as the header tells it.
    pub(crate) header: String,
}

impl Meter {
    pub(crate) fn new(quota: Quota) -> Meter {
        Meter(Mutex::new(Count { quota, day: 0 }))
    }

    /// Counts a call. One of many at once is the last.
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

    /// Returns all limits, with what is left of them.
    pub(crate) fn limits(&self) -> Value {
        let Quota { limit: calls, used, .. } = lock(&self.0).quota;
        let limit = |max: u64, used: u64| json!({"Max": max, "Remaining": max.saturating_sub(used)});
        let unused = UNUSED.map(|(name, max)| (name.to_owned(), limit(max, 0)));
        std::iter::once(("DailyApiRequests".to_owned(), limit(calls, used))).chain(unused).collect()
    }
}

impl Count {
    /// Begins the count anew where another day has begun.
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

/// Returns the refusal of a call when there is none left.
pub(crate) fn exceeded() -> Refusal {
    let message = "TotalRequests Limit exceeded.";
    Refusal::new(403, "REQUEST_LIMIT_EXCEEDED", message)
}
