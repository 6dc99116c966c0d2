//! Records by their ids.

use std::collections::HashSet;

use futures_util::future::try_join_all;
use serde_json::json;
use serde_json::value::RawValue;

use super::client::{Client, SERVICE};
use super::id::Id;
use crate::error::{counted, Result};
use crate::http::{Answer, Failure};

/// The most ids that one call takes.
const AT_ONCE: usize = 2_000;

/// Retrieves `fields` of the records with these ids: JSON for each id, in order; nothing for one that is gone or that the
/// user may not see.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_retrieve.htm>
///
/// # Errors
/// As for a query.
pub async fn retrieve(
    client: &Client,
    object: &str,
    ids: &[Id],
    fields: &[String],
) -> Result<Vec<Option<Box<RawValue>>>> {
    let action = format!("the retrieval of {object}");
    // An id that is asked for twice would come once.
    let mut seen = HashSet::new();
    let once: Vec<Id> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
    let calls = try_join_all(once.chunks(AT_ONCE).map(|ids| call(client, &action, object, ids, fields)));
    let found = client.org.http.within_deadline(&action, calls).await?;
    let found: std::collections::HashMap<Id, Option<Box<RawValue>>> =
        once.into_iter().zip(found.into_iter().flatten()).collect();
    Ok(ids.iter().map(|id| found.get(id).cloned().flatten()).collect())
}

async fn call(
    client: &Client,
    action: &str,
    object: &str,
    ids: &[Id],
    fields: &[String],
) -> Result<Vec<Option<Box<RawValue>>>> {
    let url = client.resource(&format!("composite/sobjects/{object}")).await?;
    let body = json!({ "ids": ids.iter().map(Id::as_str).collect::<Vec<_>>(), "fields": fields });
    let read = |answer: Answer| async move {
        let records: Vec<Option<Box<RawValue>>> = serde_json::from_slice(&answer.body).map_err(|_| {
            Failure::passing("the answer is not the JSON that a retrieval gives, or is cut short".into())
        })?;
        Ok(records)
    };
    let records = client.send(action, |http| http.post(url.clone()).json(&body), read).await?;
    match records.len() == ids.len() {
        true => Ok(records),
        false => {
            let message = format!(
                "the answer is not whole: {} came for {}",
                counted(records.len(), "record"),
                counted(ids.len(), "id")
            );
            Err(Failure::lasting(message).into_error(SERVICE, action))
        }
    }
}
