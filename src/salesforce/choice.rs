//! Chooses how the rest of a large query is read: page by page, in concurrent ranges, or by a Bulk API job.

use std::time::Duration;

/// A way to read a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// The way that is estimated to be the fastest.
    #[default]
    Auto,
    /// Pages of the REST API, one after the other.
    Serial,
    /// Pages of the REST API, in concurrent ranges of ids.
    Parallel,
    /// A Bulk API 2.0 job.
    Bulk,
}

/// The facts that are known after the first page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The number of rows in the first page.
    pub(super) page_rows: u64,
    /// The time that the first page took.
    pub(super) page_time: Duration,
    /// The number of rows still to come.
    pub(super) remaining: u64,
    /// The number of requests that may be in flight at once.
    pub(super) concurrency: u64,
    /// The number of calls that may still be made today, if known.
    pub(super) calls_left: Option<u64>,
    /// The number of rows from which a job is considered.
    pub(super) bulk_from: u64,
}

/// The fewest remaining pages that are worth the requests that find out where to split.
const WORTH_CUTTING: u64 = 4;
/// The cost of a job before its first row, and for each row: a job takes 10 to 15 s to start, and has large pages.
const JOB: Duration = Duration::from_secs(15);
const JOB_PER_ROW: Duration = Duration::from_micros(10);

impl Known {
    /// Returns the number of pages still to come.
    pub(super) fn pages(&self) -> u64 {
        self.remaining.div_ceil(self.page_rows.max(1))
    }

    /// Returns the number of rows for each of several readers. They are whole pages, because a partial page costs as
    /// much as a full one.
    pub(super) fn fair(&self) -> u64 {
        self.pages().div_ceil(self.concurrency.max(1)).max(1) * self.page_rows.max(1)
    }

    /// Chooses the way for the remaining rows.
    pub(super) fn choose(&self) -> Way {
        let pages = self.pages();
        if pages < WORTH_CUTTING {
            return Way::Serial;
        }
        let dear = self.calls_left.is_some_and(|left| pages > left / 2);
        if self.remaining >= self.bulk_from && (dear || self.job_time() < self.parallel_time()) {
            return Way::Bulk;
        }
        if self.concurrency > 1 {
            Way::Parallel
        } else {
            Way::Serial
        }
    }

    /// Estimates the duration of concurrent ranges, with one round to find out where to split.
    fn parallel_time(&self) -> Duration {
        let rounds = 1 + self.pages().div_ceil(self.concurrency.max(1));
        self.page_time.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }

    fn job_time(&self) -> Duration {
        JOB + JOB_PER_ROW.saturating_mul(u32::try_from(self.remaining).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(remaining: u64, page_ms: u64) -> Known {
        Known {
            page_rows: 2_000,
            page_time: Duration::from_millis(page_ms),
            remaining,
            concurrency: 12,
            calls_left: None,
            bulk_from: 100_000,
        }
    }

    #[test]
    fn small_queries_are_read_serially_and_large_ones_in_ranges() {
        assert_eq!(known(6_000, 250).choose(), Way::Serial);
        assert_eq!(known(98_000, 250).choose(), Way::Parallel);
        assert_eq!(Known { concurrency: 1, ..known(98_000, 250) }.choose(), Way::Serial);
    }

    #[test]
    fn a_job_is_chosen_where_it_is_faster_or_calls_are_short() {
        assert_eq!(known(1_000_000, 250).choose(), Way::Parallel);
        assert_eq!(known(1_000_000, 900).choose(), Way::Bulk);
        assert_eq!(known(99_000, 5_000).choose(), Way::Parallel, "below the threshold");
        assert_eq!(Known { calls_left: Some(900), ..known(1_000_000, 250) }.choose(), Way::Bulk);
    }
}
