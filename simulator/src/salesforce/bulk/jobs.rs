//! All jobs.

use super::ingest::IngestJob;
use super::job::{Job, QueryJob};
use crate::lock;
use crate::salesforce::id;
use crate::salesforce::options::{Options, ResultPages};
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// All jobs in the order of their creation, and the rules by which they advance.
pub(crate) struct Jobs {
    all: Mutex<Vec<Arc<QueryJob>>>,
    pub(crate) ingest: Mutex<Vec<Arc<IngestJob>>>,
    polls: u32,
    time: Duration,
    /// The number of rows on a page of results, unless the client asks for another number.
    pub(crate) page_size: usize,
    pub(crate) result_pages: ResultPages,
}

impl Jobs {
    pub(crate) fn new(options: &Options) -> Jobs {
        Jobs {
            all: Mutex::default(),
            ingest: Mutex::default(),
            polls: options.bulk_polls,
            time: Duration::from_millis(options.bulk_ms),
            page_size: options.bulk_page_size,
            result_pages: options.bulk_result_pages,
        }
    }

    pub(crate) fn add(&self, job: Arc<QueryJob>) {
        lock(&self.all).push(job);
    }

    /// Returns a query job that is not deleted.
    pub(crate) fn find(&self, wanted: &str) -> Option<Arc<QueryJob>> {
        let same = |job: &&Arc<QueryJob>| id::core(&job.id) == id::core(wanted) && !job.is_deleted();
        lock(&self.all).iter().find(same).cloned()
    }

    /// Advances a query job, and returns its status.
    pub(crate) fn poll(&self, job: &QueryJob) -> Value {
        job.advance(self.polls, self.time);
        job.status()
    }

    /// Returns an ingest job that is not deleted.
    pub(crate) fn find_ingest(&self, wanted: &str) -> Option<Arc<IngestJob>> {
        let same = |job: &&Arc<IngestJob>| id::core(&job.id) == id::core(wanted) && !job.is_deleted();
        lock(&self.ingest).iter().find(same).cloned()
    }

    /// Advances an ingest job, and returns its status.
    pub(crate) fn poll_ingest(&self, job: &IngestJob) -> Value {
        job.advance(self.polls, self.time);
        job.status()
    }

    pub(crate) fn list(&self) -> Value {
        let all = lock(&self.all);
        let there = all.iter().filter(|job| !job.is_deleted());
        let records: Vec<Value> = there.map(|job| job.status()).collect();
        json!({"done": true, "records": records, "nextRecordsUrl": null})
    }

    pub(crate) fn views(&self) -> Vec<Job> {
        let reading: Vec<Job> = lock(&self.all).iter().map(|job| job.view()).collect();
        reading.into_iter().chain(lock(&self.ingest).iter().map(|job| job.view())).collect()
    }
}
