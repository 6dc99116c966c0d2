//! Turns the results of a job that has ended into the outcome of each of its rows.

use super::in_flight::InFlightJob;
use crate::error::presentable;
use crate::zendesk::job::{Job, JobStatus};
use crate::zendesk::outcome::{Outcome, Refusal};
use crate::zendesk::queue::Item;
use crate::zendesk::results::of_items;
use crate::zendesk::warning::concerning;

/// The outcomes of the rows of a job that has ended.
pub(super) struct Ending {
    /// The rows that have an outcome, which may be that nothing is known about them.
    pub(super) told: Vec<(Item, Outcome)>,
    /// The rows of a failed job that have no result. One of them may have made the job fail.
    pub(super) untold: Vec<Item>,
    /// The reason why nothing is known about the rows without a result.
    pub(super) why: String,
}

/// Reads the results of a job that has ended.
pub(super) fn ending(job: &Job, in_flight: InFlightJob) -> Ending {
    let InFlightJob { batch, ignored, shared, .. } = in_flight;
    let ids = batch.ids();
    let says = job.message.as_deref().map(presentable).filter(|text| !text.is_empty());
    let says = says.map(|text| format!(": {text}")).unwrap_or_default();
    let why = format!("job {} {} without telling what became of it{says}", job.id, word(job));
    let (alone, failed) = (ids.len() == 1, job.status == JobStatus::Failed && !shared);
    let (mut told, mut untold) = (Vec::new(), Vec::new());
    for (item, result) in batch.items.into_iter().zip(of_items(job.results.as_ref(), &ids, shared)) {
        let unknown_keys = concerning(&ignored, &item.row.attributes);
        let outcome = match result {
            Some(Ok(())) if !unknown_keys.is_empty() => Outcome::Refused(Refusal::unknown_attributes(&unknown_keys)),
            Some(Ok(())) => Outcome::Done,
            Some(Err(refusal)) => Outcome::Refused(refusal),
            None if failed && !alone => {
                untold.push(item);
                continue;
            }
            None if failed => Outcome::Refused(Refusal::of_job(format!("its job failed, with it alone{says}"))),
            None => Outcome::unknown(&why),
        };
        told.push((item, outcome));
    }
    Ending { told, untold, why }
}

fn word(job: &Job) -> &'static str {
    match job.status {
        JobStatus::Failed => "failed",
        JobStatus::Killed => "was killed",
        _ => "ended",
    }
}
