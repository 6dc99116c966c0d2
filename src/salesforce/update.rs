//! Writing fields of records.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::answer::SERVICE;
use super::client::{Client, Sending};
use super::collection::{self, Fate, RowUpdate};
use crate::error::{Error, Result};
use crate::http::Failure;
use crate::rows::Id;

/// The number of calls that are on their way at once.
const AT_ONCE: usize = 8;
/// The number of calls in a row without an answer after which the others are not tried: nobody is there.
const SILENCE: usize = 8;
/// Saves what a duplicate rule only warns of.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_duplicaterules.htm>
const ALLOW_DUPLICATES: (&str, &str) = ("Sforce-Duplicate-Rule-Header", "allowSave=true");

/// A row, with its place among those that are written.
type Numbered = (usize, RowUpdate);

/// The rows of one call.
struct List {
    rows: Vec<Numbered>,
    /// The number of calls that have refused these rows for a reason that may pass.
    refused: u32,
    /// The time that they wait for before they go.
    pause: Duration,
}

impl List {
    fn new(rows: Vec<Numbered>) -> Self {
        Self { rows, refused: 0, pause: Duration::ZERO }
    }

    /// Returns the two halves: one of them may work where the whole does not.
    fn halves(mut rows: Vec<Numbered>) -> Vec<Self> {
        let second = rows.split_off(rows.len() / 2);
        vec![Self::new(rows), Self::new(second)]
    }

    fn alone(rows: Vec<Numbered>) -> Vec<Self> {
        rows.into_iter().map(|row| Self::new(vec![row])).collect()
    }
}

/// The end of a call: results, and rows that are to be tried again.
#[derive(Default)]
struct Ended {
    results: Vec<(usize, Result<()>)>,
    again: Vec<List>,
}

/// Writes rows, 200 a call; gives a result for each, in order. No id may come twice.
///
/// One row must not take the others along. So rows that were refused for a reason that may pass go again in a list of their own;
/// a list that was refused as a whole goes in halves, until it is clear which row is to blame; and where a list got no answer,
/// each of its rows goes by itself, since a slow trigger may end with one and not with 200.
///
/// Setting a field to a value may be repeated safely, so the usual retries apply. All rows together have the deadline of one
/// query; a refused sign-in, a spent quota, and eight calls after each other without an answer end the rest.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_update.htm>
pub async fn update(client: &Client, object: &str, rows: Vec<RowUpdate>) -> Vec<Result<()>> {
    let until = tokio::time::Instant::now() + client.org.http.limits().deadline;
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut results: Vec<Result<()>> = rows.iter().map(|row| Err(not_written(object, row.id))).collect();
    let mut calls = JoinSet::new();
    let start = |calls: &mut JoinSet<Ended>, list: List| {
        let (client, turns, object) = (client.clone(), Arc::clone(&turns), object.to_owned());
        calls.spawn(async move {
            tokio::time::sleep(list.pause).await;
            match turns.acquire().await {
                Ok(_turn) => call(&client, &object, list).await,
                Err(_) => Ended::default(),
            }
        });
    };
    let (listed, others): (Vec<Numbered>, Vec<Numbered>) =
        rows.into_iter().enumerate().partition(|(_, row)| collection::can_hold(row));
    others.into_iter().for_each(|(number, row)| results[number] = Err(not_held(object, row.id)));
    listed.chunks(collection::ROWS).for_each(|rows| start(&mut calls, List::new(rows.to_vec())));
    let mut silent = 0;
    while let Ok(Some(ended)) = tokio::time::timeout_at(until, calls.join_next()).await {
        let Ok(ended) = ended else { continue };
        if !ended.results.is_empty() {
            silent = if all(&ended.results, is_silence) { silent + 1 } else { 0 };
        }
        if silent == SILENCE || any(&ended.results, is_everybodys) {
            turns.close();
        }
        ended.results.into_iter().for_each(|(number, result)| results[number] = result);
        ended.again.into_iter().for_each(|list| start(&mut calls, list));
    }
    results
}

fn all(results: &[(usize, Result<()>)], failed: fn(&Error) -> bool) -> bool {
    results.iter().all(|(_, result)| result.as_ref().is_err_and(failed))
}

fn any(results: &[(usize, Result<()>)], failed: fn(&Error) -> bool) -> bool {
    results.iter().any(|(_, result)| result.as_ref().is_err_and(failed))
}

/// Returns the error of a row whose turn did not come.
fn not_written(object: &str, id: Id) -> Error {
    let message = "it was not tried, or did not end: the time was up, or writes before it were refused";
    Failure::lasting(message.into()).into_error(SERVICE, &of_row(object, id))
}

/// Returns the error of a row that cannot stand in a list.
fn not_held(object: &str, id: Id) -> Error {
    let message =
        "it was not sent: its fields are no JSON object, or one is called Id or attributes, as what leads to \
                   the record is";
    Failure::lasting(message.into()).into_error(SERVICE, &of_row(object, id))
}

fn of_row(object: &str, id: Id) -> String {
    format!("the update of {object} {id}")
}

/// Returns whether a refusal is not about the row: the next one would get the same.
fn is_everybodys(error: &Error) -> bool {
    matches!(error, Error::Authentication(_) | Error::Quota(_))
}

/// Returns whether there was no answer, or one that tells of no mistake in what was sent.
fn is_silence(error: &Error) -> bool {
    matches!(error, Error::Remote(error) if error.status.is_none_or(|status| status >= 500))
}

async fn call(client: &Client, object: &str, list: List) -> Ended {
    let action = match &list.rows[..] {
        [(_, row)] => of_row(object, row.id),
        rows => format!("the update of {} {object} records", rows.len()),
    };
    match send(client, &action, object, &list.rows).await {
        Ok(fates) => sort(client, object, list, fates),
        Err(error) if list.rows.len() == 1 || is_everybodys(&error) => {
            let results = list.rows.into_iter().map(|(number, _)| (number, Err(error.clone()))).collect();
            Ended { results, again: vec![] }
        }
        Err(error) if is_silence(&error) => Ended { results: vec![], again: List::alone(list.rows) },
        Err(_) => Ended { results: vec![], again: List::halves(list.rows) },
    }
}

/// Tells the rows that have come to their end from those that go again.
fn sort(client: &Client, object: &str, list: List, fates: Vec<Fate>) -> Ended {
    let refused = list.refused + 1;
    let pause = client.org.http.pause_after(refused);
    let all_failed = fates.len() > 1 && !fates.iter().any(|fate| matches!(fate, Fate::Written));
    let (mut ended, mut later, mut apart) = (Ended::default(), vec![], vec![]);
    for ((number, row), fate) in list.rows.into_iter().zip(fates) {
        match fate {
            Fate::Written => ended.results.push((number, Ok(()))),
            Fate::MayPass(_) if pause.is_some() => later.push((number, row)),
            Fate::Refused(failure) if all_failed && collection::is_of_all(&failure) => apart.push((number, row)),
            Fate::MayPass(failure) | Fate::Refused(failure) => {
                let failure = Failure { attempts: refused, ..failure };
                ended.results.push((number, Err(failure.into_error(SERVICE, &of_row(object, row.id)))));
            }
        }
    }
    if let (Some(pause), false) = (pause, later.is_empty()) {
        ended.again.push(List { rows: later, refused, pause });
    }
    if !apart.is_empty() {
        ended.again.extend(List::halves(apart));
    }
    ended
}

async fn send(client: &Client, action: &str, object: &str, rows: &[Numbered]) -> Result<Vec<Fate>> {
    let url = client.resource("composite/sobjects").await?;
    let rows: Vec<&RowUpdate> = rows.iter().map(|(_, row)| row).collect();
    let body = collection::body(object, &rows);
    let request = |http: &reqwest::Client| with_header(client, http.patch(url.clone()).json(&body));
    let read = |answer| {
        let fates = collection::fates(&answer, &rows);
        async move { fates }
    };
    client.send(action, Sending::Again, request, read).await
}

fn with_header(client: &Client, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    let allowed = client.org.allow_duplicates.then_some(ALLOW_DUPLICATES);
    allowed.into_iter().fold(request, |request, (name, value)| request.header(name, value))
}
