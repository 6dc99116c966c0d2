//! Sends one call, and determines what it means for each of its rows.

use reqwest::header::CONTENT_TYPE;

use super::list::{Ended, List};
use super::outcome::{in_doubt, is_everybodys, is_silence, is_too_large, is_turned_away, Outcome};
use super::run::Run;
use crate::error::Error;
use crate::http::Failure;
use crate::salesforce::answer::SERVICE;
use crate::salesforce::client::Sending;
use crate::salesforce::collection::{self, Fate, Operation, Row};

const JSON: &str = "application/json";
/// The header that makes Salesforce save a record although a duplicate rule warns about it.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_duplicaterules.htm>
const ALLOW_DUPLICATES: (&str, &str) = ("Sforce-Duplicate-Rule-Header", "allowSave=true");

/// A call that failed as a whole.
struct Failed {
    error: Error,
    /// True if rows may have been written despite the failure.
    lost: bool,
}

/// Sends the rows of a list, after its pause and when a turn is free.
pub(super) async fn call(run: &Run, list: List) -> Ended {
    tokio::time::sleep(list.pause).await;
    let Ok(_turn) = run.turns.acquire().await else { return Ended::default() };
    let ended = match send(run, &list).await {
        Ok(fates) => sort(run, list, fates),
        Err(failed) => settle(run, list, failed).await,
    };
    ended.again.iter().filter(|list| list.lost == 0).for_each(|list| run.note(&list.rows, false));
    ended
}

async fn send(run: &Run, list: &List) -> Result<Vec<Fate>, Failed> {
    let (client, operation) = (&run.client, &run.operation);
    let unsent = |error| Failed { error, lost: false };
    let action = run.actions.of_rows(&list.rows);
    let rows: Vec<&Row> = list.rows.iter().map(|(_, row)| row).collect();
    let body = collection::body(&run.object, &rows).map_err(|error| unsent(Error::Internal(error.to_string())))?;
    run.size_limit.refusal(body.len(), &action).map_or(Ok(()), Err).map_err(unsent)?;
    let url = client.resource(&operation.path(&run.object)).await.map_err(unsent)?;
    run.note(&list.rows, true);
    let request = |http: &reqwest::Client| {
        let request = http.request(operation.method(), url.clone()).header(CONTENT_TYPE, JSON).body(body.clone());
        let allowed = client.org.allow_duplicates.then_some(ALLOW_DUPLICATES);
        allowed.into_iter().fold(request, |request, (name, value)| request.header(name, value))
    };
    let read = |answer| {
        let fates = collection::fates(operation, &answer, &rows);
        async move { fates }
    };
    let sending = if *operation == Operation::Update { Sending::Again } else { Sending::Once };
    let fates = client.send(&action, sending, request, read).await;
    if let Some(error) = fates.as_ref().err().filter(|error| is_too_large(error)) {
        run.size_limit.note(body.len(), error);
    }
    fates.map_err(|error| Failed { lost: error.may_be_done(), error })
}

/// Handles the rows of a call that failed as a whole: they are sent again, or get an outcome.
async fn settle(run: &Run, list: List, failed: Failed) -> Ended {
    let Failed { error, lost } = failed;
    let error = match is_turned_away(&error) {
        true => run.passage.judge(&run.client, &run.object, &run.operation, error).await,
        false => error,
    };
    let (several, everybodys, silence) = (list.rows.len() > 1, is_everybodys(&error), is_silence(&error));
    let update = run.operation == Operation::Update;
    if update && several && silence && !everybodys {
        return Ended::again(List::alone(list.rows, list.lost + u32::from(lost)));
    }
    if lost && !update {
        return repeat(run, list, error).await;
    }
    if several && !everybodys && !silence {
        return Ended::again(List::halves(list.rows, list.lost));
    }
    let outcome = match lost || list.lost > 0 {
        true => Outcome::Unknown(error),
        false => Outcome::Refused(error),
    };
    Ended::all(&list.rows, &outcome)
}

/// Handles the rows of a call whose response was lost: they are sent again if that cannot write anything twice.
/// Otherwise they are in doubt.
async fn repeat(run: &Run, list: List, error: Error) -> Ended {
    let lost = list.lost + 1;
    match run.client.org.http.pause_after(lost) {
        Some(pause) if run.is_unique().await => Ended::again(vec![List { lost, pause, ..list }]),
        _ => Ended::all(&list.rows, &in_doubt(error)),
    }
}

/// Separates the rows that have an outcome from those that are sent again.
fn sort(run: &Run, list: List, fates: Vec<Fate>) -> Ended {
    let (refused, lost) = (list.refused + 1, list.lost);
    // An update sets the same values in either call.
    let earlier_unknown = lost > 0 && run.operation != Operation::Update;
    let pause = run.client.org.http.pause_after(refused);
    let all_failed = fates.len() > 1 && !fates.iter().any(|fate| matches!(fate, Fate::Written { .. }));
    let (mut ended, mut to_retry, mut to_halve) = (Ended::default(), vec![], vec![]);
    for ((number, row), fate) in list.rows.into_iter().zip(fates) {
        // The call whose response was lost may still be running, and have claimed the value.
        let passing = matches!(&fate, Fate::MayPass(_))
            || matches!(&fate, Fate::Refused(failure) if earlier_unknown && collection::is_taken(failure));
        match fate {
            Fate::Written { id, created: true } => ended.outcomes.push((number, Outcome::Created(id))),
            Fate::Written { id, .. } if earlier_unknown => ended.outcomes.push((number, Outcome::Saved(id))),
            Fate::Written { id, .. } => ended.outcomes.push((number, Outcome::Updated(id))),
            _ if passing && pause.is_some() => to_retry.push((number, row)),
            Fate::MayPass(failure) | Fate::Refused(failure) if all_failed && collection::is_of_all(&failure) => {
                to_halve.push((number, row));
            }
            Fate::MayPass(failure) | Fate::Refused(failure) => {
                let error = Failure { attempts: refused, ..failure }.into_error(SERVICE, &run.actions.of_row(number));
                let outcome = if earlier_unknown { in_doubt(error) } else { Outcome::Refused(error) };
                ended.outcomes.push((number, outcome));
            }
        }
    }
    if let (Some(pause), false) = (pause, to_retry.is_empty()) {
        ended.again.push(List { rows: to_retry, refused, lost, pause });
    }
    if !to_halve.is_empty() {
        // If the attempts of the whole list are used up, each half is tried only once.
        let refused = if pause.is_none() { list.refused } else { 0 };
        ended.again.extend(List::halves(to_halve, lost).into_iter().map(|half| List { refused, ..half }));
    }
    ended
}
