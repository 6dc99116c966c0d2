//! Retrieves records by their ids.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::answer::SERVICE;
use super::client::{Client, Sending};
use crate::error::{counted, Result};
use crate::http::{damage, Answer, Failure};
use crate::rows::Id;

/// The maximum number of ids in one call.
const IDS_PER_CALL: usize = 2_000;

/// Retrieves `fields` of the records with these ids. Returns JSON for each id, in order, or `None` for a record that
/// does not exist or is not visible to the user.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_retrieve.htm>
///
/// # Errors
/// Returns the errors of a [query](fn@super::query).
pub async fn retrieve(
    client: &Client,
    object: &str,
    ids: &[Id],
    fields: &[String],
) -> Result<Vec<Option<Box<RawValue>>>> {
    let action = format!("the retrieval of {object}");
    // Salesforce returns one record for an id that is listed twice.
    let mut seen = HashSet::new();
    let once: Vec<Id> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
    let calls = try_join_all(once.chunks(IDS_PER_CALL).map(|ids| call(client, &action, object, ids, fields)));
    let found = client.org.http.within_deadline(&action, calls).await?;
    let found: HashMap<Id, Option<Box<RawValue>>> = once.into_iter().zip(found.into_iter().flatten()).collect();
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
    let read = |mut answer: Answer| async move {
        damage::mend_json(SERVICE, action, &mut answer.body);
        let records: Vec<Option<Box<RawValue>>> = serde_json::from_slice(&answer.body).map_err(|_| {
            Failure::passing("the answer is not the JSON that a retrieval gives, or is cut short".into())
        })?;
        Ok(records)
    };
    let records = client.send(action, Sending::Again, |http| http.post(url.clone()).json(&body), read).await?;
    let wrong = match records.len() == ids.len() {
        true => ids.iter().zip(&records).any(|(id, record)| is_another(*id, record.as_deref())),
        false => {
            let message = format!(
                "the answer is not whole: {} came for {}",
                counted(records.len(), "record"),
                counted(ids.len(), "id")
            );
            return Err(Failure::lasting(message).into_error(SERVICE, action));
        }
    };
    match wrong {
        false => Ok(records),
        true => {
            let message = "the answer is not whole: a record stands in the place of another one";
            Err(Failure::lasting(message.into()).into_error(SERVICE, action))
        }
    }
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(default)]
    url: Option<String>,
}

/// Returns whether the JSON is not a record, or identifies itself as another record: by an `Id` field, whether that was
/// asked for or not, or else by the URL in its attributes.
fn is_another(id: Id, record: Option<&RawValue>) -> bool {
    let Some(record) = record else { return false };
    let Ok(fields) = serde_json::from_str::<HashMap<Cow<'_, str>, &RawValue>>(record.get()) else { return true };
    let mut ids = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Id")).map(|(_, value)| value).peekable();
    if ids.peek().is_some() {
        let told = |value: &RawValue| Id::parse(&serde_json::from_str::<String>(value.get()).ok()?);
        return ids.any(|value| told(value) != Some(id));
    }
    let attributes = fields.get("attributes").and_then(|value| serde_json::from_str::<Attributes>(value.get()).ok());
    let url = attributes.and_then(|attributes| attributes.url);
    url.and_then(|url| Some(Id::parse(url.rsplit('/').next()?))).is_some_and(|told| told != Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_identified_by_id_or_url() {
        let id = Id::parse("0034C00000VaYfKQAV").unwrap();
        let another = |json: &str| is_another(id, Some(serde_json::from_str::<&RawValue>(json).unwrap()));
        assert!(!another(r#"{"Id":"0034C00000VaYfKQAV"}"#) && !another(r#"{"id":"0034C00000VaYfK","Fax":"1"}"#));
        assert!(!another(r#"{"attributes":{"url":"/services/data/v66.0/sobjects/Contact/0034C00000VaYfKQAV"}}"#));
        assert!(!another(r#"{"Fax":"1"}"#), "it does not tell");
        assert!(another(r#"{"Id":"0034C00000VaYfLQAV"}"#) && another(r#"{"Id":"x"}"#));
        assert!(another(r#"{"iD":"0034C00000VaYfLQAV"}"#) && another(r#"{"Id":5}"#) && another(r#"{"Id":null}"#));
        let both = r#"{"Id":"0034C00000VaYfKQAV","id":"0034C00000VaYfLQAV"}"#;
        assert!(another(both) && another("1") && another("[]") && another(r#""0034C00000VaYfKQAV""#), "no record");
        assert!(another(r#"{"attributes":{"url":"/services/data/v66.0/sobjects/Contact/0034C00000VaYfLQAV"}}"#));
    }
}
