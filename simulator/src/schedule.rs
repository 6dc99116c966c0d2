//! The choice of the requests that a planned fault hits: of the requests that match, some pass and the next ones are
//! hit.

use crate::lock;
use std::sync::Mutex;

/// Something planned, and when its turn comes.
pub(crate) trait Planned: Clone {
    /// Returns the number of matching requests that pass first.
    fn skip(&self) -> u32;
    /// Returns the number of requests that are hit then; none means all that follow.
    fn times(&self) -> Option<u32>;
}

/// All that is planned, with what has happened so far.
pub(crate) struct Schedule<P>(Mutex<Vec<Progress<P>>>);

struct Progress<P> {
    plan: P,
    skipped: u32,
    hits: u32,
}

impl<P: Planned> Schedule<P> {
    pub(crate) fn new(plans: Vec<P>) -> Schedule<P> {
        let fresh = |plan| Progress { plan, skipped: 0, hits: 0 };
        Schedule(Mutex::new(plans.into_iter().map(fresh).collect()))
    }

    /// Returns the first that is due. All that match count the request as skipped, but only the first is used up, so
    /// that several on the same requests follow each other.
    pub(crate) fn due(&self, matches: impl Fn(&P) -> bool) -> Option<P> {
        let mut due = None;
        for progress in lock(&self.0).iter_mut().filter(|progress| matches(&progress.plan)) {
            let plan = &progress.plan;
            if progress.skipped < plan.skip() {
                progress.skipped += 1;
            } else if due.is_none() && plan.times().is_none_or(|times| progress.hits < times) {
                progress.hits += 1;
                due = Some(plan.clone());
            }
        }
        due
    }
}
