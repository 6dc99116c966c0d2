//! Writes records in calls of up to 200 rows, each of which gets its own outcome.

mod actions;
mod call;
mod list;
mod outcome;
mod passage;
mod run;
mod size;

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;

use self::list::{Ended, List};
use self::outcome::{late, not_held};
use self::run::Run;
use super::client::Client;
use super::collection::{self, Operation, Row};

pub(super) use self::actions::Actions;
pub(super) use self::list::Numbered;
pub use self::outcome::{concerns_all_writes, Outcome};
pub(super) use self::outcome::{in_doubt, not_tried};

/// The number of consecutive calls without a response after which the other rows are not tried, because nothing seems
/// to respond at all.
const SILENCE: usize = 8;

/// Writes rows of an object in calls of up to 200 rows, and returns an outcome for each row, in order. No id, and no
/// value of the upsert field, may occur twice.
///
/// One row must not affect the others. Therefore rows that were refused for a reason that may be temporary are sent
/// again in a list of their own, and a list that was refused as a whole is halved until the row at fault is found. A
/// list that is no smaller than one that was refused for its size is not sent at all. If the refusal may come from
/// something between here and Salesforce, such as a firewall, a write of no rows shows whether it applies to all
/// writes. If it does, no row at fault is searched for.
///
/// After a lost response, the next step depends on the operation. An update sets fields to values, so it is sent again.
/// If a list gets no response at all, each of its rows is sent alone, because a slow trigger may finish for one row but
/// not for 200. A creation is never sent again. An upsert is sent again if no two records can have the same value of
/// the field. Otherwise a second call could create a record that the first call, which is still running, has not stored
/// yet.
///
/// All rows together have the deadline of one query. The remaining rows are not sent after a refused sign-in, a spent
/// quota, a refusal that concerns every call, or eight consecutive calls without a response.
pub async fn write(client: &Client, object: &str, operation: Operation, rows: Vec<Row>) -> Vec<Outcome> {
    let until = Instant::now() + client.org.http.limits().deadline;
    let actions = Arc::new(Actions::new(object, &operation, &rows));
    let rows = rows.into_iter().enumerate().collect();
    let mut outcomes = write_some(client, object, operation, rows, actions, until).await;
    outcomes.sort_unstable_by_key(|(number, _)| *number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Writes some of the rows that `actions` describes, until the time `until`.
pub(super) async fn write_some(
    client: &Client,
    object: &str,
    operation: Operation,
    rows: Vec<Numbered>,
    actions: Arc<Actions>,
    until: Instant,
) -> Vec<(usize, Outcome)> {
    let run = Arc::new(Run::new(client, object, operation, actions));
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    let (listed, others): (Vec<Numbered>, Vec<Numbered>) =
        rows.into_iter().partition(|(_, row)| collection::can_hold(row));
    let not_held = |(number, _): &Numbered| (*number, not_held(&run.actions.of_row(*number)));
    let mut outcomes: Vec<(usize, Outcome)> = others.iter().map(not_held).collect();
    let mut calls = JoinSet::new();
    let mut listed = listed.into_iter();
    let lists = std::iter::repeat_with(|| listed.by_ref().take(collection::ROWS).collect::<Vec<_>>());
    lists.take_while(|rows| !rows.is_empty()).for_each(|rows| start(&run, &mut calls, List::new(rows)));
    let mut silent = 0;
    while let Ok(Some(ended)) = tokio::time::timeout_at(until, calls.join_next()).await {
        let Ok(ended) = ended else { continue };
        if !ended.outcomes.is_empty() {
            silent = if ended.outcomes.iter().all(|(_, outcome)| outcome.is_silence()) { silent + 1 } else { 0 };
        }
        if silent == SILENCE || ended.outcomes.iter().any(|(_, outcome)| outcome.is_everybodys()) {
            run.turns.close();
        }
        outcomes.extend(ended.outcomes);
        ended.again.into_iter().for_each(|list| start(&run, &mut calls, list));
    }
    // Stopped before it is asked what was sent, because a call could still be sent in between.
    calls.abort_all();
    while let Some(ended) = calls.join_next().await {
        outcomes.extend(ended.into_iter().flat_map(|ended| ended.outcomes));
    }
    let known: HashSet<usize> = outcomes.iter().map(|(number, _)| *number).collect();
    let end = |number: usize| match run.is_sent(number) {
        true => late(&run.actions.of_row(number)),
        false => not_tried(&run.actions.of_row(number)),
    };
    outcomes.extend(numbers.into_iter().filter(|number| !known.contains(number)).map(|number| (number, end(number))));
    outcomes
}

fn start(run: &Arc<Run>, calls: &mut JoinSet<Ended>, list: List) {
    let run = Arc::clone(run);
    calls.spawn(async move { call::call(&run, list).await });
}
