//! Chooses the requests that a planned fault hits.

use super::plan::{Fault, RequestKind};
use crate::lock;
use std::sync::Mutex;

/// All planned faults with their progress.
pub(crate) struct Schedule<K, A, O>(Mutex<Vec<Progress<K, A, O>>>);

struct Progress<K, A, O> {
    fault: Fault<K, A, O>,
    skipped: u32,
    hits: u32,
}

impl<K: RequestKind, A: Clone, O> Schedule<K, A, O> {
    pub(crate) fn new(faults: Vec<Fault<K, A, O>>) -> Self {
        let fresh = |fault| Progress { fault, skipped: 0, hits: 0 };
        Schedule(Mutex::new(faults.into_iter().map(fresh).collect()))
    }

    /// Returns the response of the first fault that is due for a request of this kind and this object. All matching
    /// faults count the request toward their `skip`, but only the first due one counts a hit, so that several faults on
    /// the same requests follow each other.
    pub(crate) fn due(&self, kind: Option<K>, about: impl Fn(&O) -> bool) -> Option<A> {
        let mut due = None;
        let mut all = lock(&self.0);
        let matching = all.iter_mut().filter(|progress| progress.fault.is_on(kind) && about(&progress.fault.object));
        for progress in matching {
            let fault = &progress.fault;
            if progress.skipped < fault.skip {
                progress.skipped += 1;
            } else if due.is_none() && fault.times.is_none_or(|times| progress.hits < times) {
                progress.hits += 1;
                due = Some(fault.answer.clone());
            }
        }
        due
    }
}
