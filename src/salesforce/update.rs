//! Writing fields of records.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::client::Client;
use super::id::Id;
use crate::error::{Error, Result};

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
/// Setting a field to a value may be repeated safely, so the usual retries apply.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_update_fields.htm>
pub async fn update(client: &Arc<Client>, object: &str, rows: Vec<RowUpdate>) -> Vec<Result<()>> {
    let turns = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    let mut tasks = tokio::task::JoinSet::new();
    let count = rows.len();
    for (number, row) in rows.into_iter().enumerate() {
        let (client, turns, object) = (Arc::clone(client), Arc::clone(&turns), object.to_owned());
        tasks.spawn(async move {
            let _turn = turns.acquire().await;
            (number, update_one(&client, &object, row).await)
        });
    }
    let lost = || Err(Error::Internal("a write went away".into()));
    let mut results: Vec<Result<()>> = (0..count).map(|_| lost()).collect();
    while let Some(finished) = tasks.join_next().await {
        if let Ok((number, result)) = finished {
            results[number] = result;
        }
    }
    results
}

async fn update_one(client: &Client, object: &str, row: RowUpdate) -> Result<()> {
    let action = format!("the update of {object} {}", row.id);
    let write = async {
        let mut url = client.instance().await?;
        url.set_path(&client.data_path(&format!("sobjects/{object}/{}", row.id)));
        client.send(&action, |http| http.patch(url.clone()).json(&row.fields), |_| Ok(())).await
    };
    client.http.within_deadline(&action, write).await
}
