//! Writing records: 200 a call, and each row with its own end.

mod call;
mod list;
mod outcome;
mod run;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use self::list::{Ended, List, Numbered};
use self::outcome::{late, not_held, not_tried};
use self::run::Run;
use super::client::Client;
use super::collection::{self, Operation, Row};

pub use self::outcome::Outcome;

/// The number of calls in a row without an answer after which the others are not tried: nobody is there.
const SILENCE: usize = 8;

/// Writes rows of an object, 200 a call; gives an outcome for each, in order. No id, and no value of the field by which is
/// upserted, may come twice.
///
/// One row must not take the others along. So rows that were refused for a reason that may pass go again in a list of their own,
/// and a list that was refused as a whole goes in halves, until it is clear which row is to blame.
///
/// What is done where an answer is lost depends on the operation. An update sets fields to values, and is sent again; where a
/// list gets no answer at all, each of its rows goes by itself, since a slow trigger may end with one and not with 200. A
/// creation is never sent again. An upsert is, if no two records can have the same value of the field: otherwise a second call
/// could create what the first one, which is still at work, has not stored yet.
///
/// All rows together have the deadline of one query; a refused sign-in, a spent quota, a refusal that is about every call, and
/// eight calls after each other without an answer end the rest.
pub async fn write(client: &Client, object: &str, operation: Operation, rows: Vec<Row>) -> Vec<Outcome> {
    let until = Instant::now() + client.org.http.limits().deadline;
    let run = Arc::new(Run::new(client, object, operation, &rows));
    let mut outcomes: Vec<Option<Outcome>> = rows.iter().map(|_| None).collect();
    let (listed, others): (Vec<Numbered>, Vec<Numbered>) =
        rows.into_iter().enumerate().partition(|(_, row)| collection::can_hold(row));
    others.iter().for_each(|(number, _)| outcomes[*number] = Some(not_held(&run.of_row(*number))));
    let mut calls = JoinSet::new();
    listed.chunks(collection::ROWS).for_each(|rows| start(&run, &mut calls, List::new(rows.to_vec())));
    let mut silent = 0;
    while let Ok(Some(ended)) = tokio::time::timeout_at(until, calls.join_next()).await {
        let Ok(ended) = ended else { continue };
        if !ended.outcomes.is_empty() {
            silent = if ended.outcomes.iter().all(|(_, outcome)| outcome.is_silence()) { silent + 1 } else { 0 };
        }
        if silent == SILENCE || ended.outcomes.iter().any(|(_, outcome)| outcome.is_everybodys()) {
            run.turns.close();
        }
        ended.outcomes.into_iter().for_each(|(number, outcome)| outcomes[number] = Some(outcome));
        ended.again.into_iter().for_each(|list| start(&run, &mut calls, list));
    }
    let end = |number: usize| match run.is_sent(number) {
        true => late(&run.of_row(number)),
        false => not_tried(&run.of_row(number)),
    };
    outcomes.into_iter().enumerate().map(|(number, outcome)| outcome.unwrap_or_else(|| end(number))).collect()
}

fn start(run: &Arc<Run>, calls: &mut JoinSet<Ended>, list: List) {
    let run = Arc::clone(run);
    calls.spawn(async move { call::call(&run, list).await });
}
