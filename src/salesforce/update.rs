//! Writing fields of records.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::client::{Client, SERVICE};
use super::id::Id;
use crate::error::{Error, Result};
use crate::http::Failure;

/// How many writes are on their way at once.
const AT_ONCE: usize = 8;

/// Fields of one record.
#[derive(Clone)]
pub struct RowUpdate {
    /// The record.
    pub id: Id,
    /// The fields that it gets.
    pub fields: Map<String, Value>,
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

/// For a row whose turn did not come.
fn not_written(object: &str, id: Id) -> Error {
    let message = "it was not tried, or did not end: the time was up, or writes before it were refused";
    Failure::lasting(message.into()).into_error(SERVICE, &format!("the update of {object} {id}"))
}

async fn update_one(client: &Client, object: &str, row: RowUpdate) -> Result<()> {
    let action = format!("the update of {object} {}", row.id);
    let url = client.resource(&format!("sobjects/{object}/{}", row.id)).await?;
    client.send(&action, |http| http.patch(url.clone()).json(&row.fields), |_| async { Ok(()) }).await
}
