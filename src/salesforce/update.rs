//! Writing fields of records.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::answer::SERVICE;
use super::client::Client;
use crate::error::{Error, Result};
use crate::http::Failure;
use crate::rows::Id;

/// The number of writes that are on their way at once.
const AT_ONCE: usize = 8;
/// Saves what a duplicate rule only warns of.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_duplicaterules.htm>
const ALLOW_DUPLICATES: (&str, &str) = ("Sforce-Duplicate-Rule-Header", "allowSave=true");

/// Fields of one record.
#[derive(Clone)]
pub struct RowUpdate {
    /// The record.
    pub id: Id,
    /// The fields that it gets, a JSON object. It is sent as it is: read as numbers of the machine, long decimals would lose
    /// digits.
    pub fields: Box<RawValue>,
}

/// Writes each row with a request of its own; gives a result for each, in order.
///
/// Setting a field to a value may be repeated safely, so the usual retries apply. All rows together have the deadline of one
/// query; a refused sign-in or a spent quota ends the rest at once.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_update_fields.htm>
pub async fn update(client: &Client, object: &str, rows: Vec<RowUpdate>) -> Vec<Result<()>> {
    let until = tokio::time::Instant::now() + client.org.http.limits().deadline;
    let turns = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    let mut tasks = tokio::task::JoinSet::new();
    let mut results: Vec<Result<()>> = rows.iter().map(|row| Err(not_written(object, row.id))).collect();
    for (number, row) in rows.into_iter().enumerate() {
        let (client, turns, object) = (client.clone(), Arc::clone(&turns), object.to_owned());
        tasks.spawn(async move {
            let _turn = turns.acquire().await;
            (number, update_one(&client, &object, row).await)
        });
    }
    while let Ok(Some(finished)) = tokio::time::timeout_at(until, tasks.join_next()).await {
        let Ok((number, result)) = finished else { continue };
        let hopeless = matches!(result, Err(Error::Authentication(_) | Error::Quota(_)));
        results[number] = result;
        if hopeless {
            break;
        }
    }
    results
}

/// Returns the error of a row whose turn did not come.
fn not_written(object: &str, id: Id) -> Error {
    let message = "it was not tried, or did not end: the time was up, or writes before it were refused";
    Failure::lasting(message.into()).into_error(SERVICE, &format!("the update of {object} {id}"))
}

async fn update_one(client: &Client, object: &str, row: RowUpdate) -> Result<()> {
    let action = format!("the update of {object} {}", row.id);
    let url = client.resource(&format!("sobjects/{object}/{}", row.id)).await?;
    let request = |http: &reqwest::Client| {
        let request = http.patch(url.clone()).json(&row.fields);
        let allowed = client.org.allow_duplicates.then_some(ALLOW_DUPLICATES);
        allowed.into_iter().fold(request, |request, (name, value)| request.header(name, value))
    };
    client.send(&action, request, |_| async { Ok(()) }).await
}
