//! Writing fields of records.

use std::sync::Arc;

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
/// The number of rows in a row without an answer after which the others are not tried: nobody is there.
const SILENCE: usize = 8;
/// Saves what a duplicate rule only warns of.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_duplicaterules.htm>
const ALLOW_DUPLICATES: (&str, &str) = ("Sforce-Duplicate-Rule-Header", "allowSave=true");

/// A row, with its place among those that are written.
type Numbered = (usize, RowUpdate);

/// The end of a call: results, and rows that are to be tried each by itself.
#[derive(Default)]
struct Ended {
    results: Vec<(usize, Result<()>)>,
    alone: Vec<Numbered>,
}

/// Writes rows, 200 a call; gives a result for each, in order. No id may come twice.
///
/// A row gets a call of its own where it is the only one, where it cannot stand in a list, where its refusal may pass, and
/// where a whole list fails: one row must not take the others along, and a slow trigger may end with one and not with 200.
///
/// Setting a field to a value may be repeated safely, so the usual retries apply. All rows together have the deadline of one
/// query; a refused sign-in, a spent quota, and eight rows after each other without an answer end the rest at once.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_update_fields.htm>
pub async fn update(client: &Client, object: &str, rows: Vec<RowUpdate>) -> Vec<Result<()>> {
    let until = tokio::time::Instant::now() + client.org.http.limits().deadline;
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut results: Vec<Result<()>> = rows.iter().map(|row| Err(not_written(object, row.id))).collect();
    let mut calls = JoinSet::new();
    let start = |calls: &mut JoinSet<Ended>, rows: Vec<Numbered>| {
        let (client, turns, object) = (client.clone(), Arc::clone(&turns), object.to_owned());
        calls.spawn(async move {
            let _turn = turns.acquire().await;
            call(&client, &object, rows).await
        });
    };
    let (listed, alone): (Vec<Numbered>, Vec<Numbered>) =
        rows.into_iter().enumerate().partition(|(_, row)| collection::can_hold(row));
    listed.chunks(collection::ROWS).for_each(|rows| start(&mut calls, rows.to_vec()));
    alone.into_iter().for_each(|row| start(&mut calls, vec![row]));
    let mut silent = 0;
    while let Ok(Some(ended)) = tokio::time::timeout_at(until, calls.join_next()).await {
        let Ok(ended) = ended else { continue };
        let mut hopeless = false;
        for (number, result) in ended.results {
            silent = if result.as_ref().is_err_and(is_silence) { silent + 1 } else { 0 };
            hopeless |= silent == SILENCE || result.as_ref().is_err_and(is_everybodys);
            results[number] = result;
        }
        if hopeless {
            break;
        }
        ended.alone.into_iter().for_each(|row| start(&mut calls, vec![row]));
    }
    results
}

/// Returns the error of a row whose turn did not come.
fn not_written(object: &str, id: Id) -> Error {
    let message = "it was not tried, or did not end: the time was up, or writes before it were refused";
    Failure::lasting(message.into()).into_error(SERVICE, &format!("the update of {object} {id}"))
}

/// Returns whether a refusal is not about the row: the next one would get the same.
fn is_everybodys(error: &Error) -> bool {
    matches!(error, Error::Authentication(_) | Error::Quota(_))
}

/// Returns whether there was no answer, or one that tells of no mistake in what was sent.
fn is_silence(error: &Error) -> bool {
    matches!(error, Error::Remote(error) if error.status.is_none_or(|status| status >= 500))
}

async fn call(client: &Client, object: &str, rows: Vec<Numbered>) -> Ended {
    match <[Numbered; 1]>::try_from(rows) {
        Ok([(number, row)]) => Ended { results: vec![(number, one(client, object, row).await)], alone: vec![] },
        Err(rows) => many(client, object, rows).await,
    }
}

async fn one(client: &Client, object: &str, row: RowUpdate) -> Result<()> {
    let action = format!("the update of {object} {}", row.id);
    let url = client.resource(&format!("sobjects/{object}/{}", row.id)).await?;
    let request = |http: &reqwest::Client| with_header(client, http.patch(url.clone()).json(&row.fields));
    client.send(&action, Sending::Again, request, |_| async { Ok(()) }).await
}

async fn many(client: &Client, object: &str, rows: Vec<Numbered>) -> Ended {
    let (numbers, rows): (Vec<usize>, Vec<RowUpdate>) = rows.into_iter().unzip();
    let action = format!("the update of {} {object} records", rows.len());
    match send(client, &action, object, &rows).await {
        Ok(fates) => fates.into_iter().zip(numbers.into_iter().zip(rows)).fold(Ended::default(), |mut ended, end| {
            match end {
                (Fate::Written, (number, _)) => ended.results.push((number, Ok(()))),
                (Fate::MayPass, row) => ended.alone.push(row),
                (Fate::Refused(failure), (number, row)) => {
                    let action = format!("the update of {object} {}", row.id);
                    ended.results.push((number, Err(failure.into_error(SERVICE, &action))));
                }
            }
            ended
        }),
        Err(error) if is_everybodys(&error) => {
            Ended { results: numbers.into_iter().map(|number| (number, Err(error.clone()))).collect(), alone: vec![] }
        }
        Err(_) => Ended { results: vec![], alone: numbers.into_iter().zip(rows).collect() },
    }
}

async fn send(client: &Client, action: &str, object: &str, rows: &[RowUpdate]) -> Result<Vec<Fate>> {
    let url = client.resource("composite/sobjects").await?;
    let body = collection::body(object, rows);
    let request = |http: &reqwest::Client| with_header(client, http.patch(url.clone()).json(&body));
    client.send(action, Sending::Again, request, |answer| async move { collection::fates(&answer, rows) }).await
}

fn with_header(client: &Client, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    let allowed = client.org.allow_duplicates.then_some(ALLOW_DUPLICATES);
    allowed.into_iter().fold(request, |request, (name, value)| request.header(name, value))
}
