//! The limits of the org.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::client::{Client, Sending};
use crate::error::Result;
use crate::http::{Answer, Failure};

/// A limit of the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Limit {
    /// The maximum.
    pub max: i64,
    /// The amount that is left.
    pub remaining: i64,
}

/// Returns the org's limits by their names, such as `DailyApiRequests`. The request is sent even if the reserve of the
/// quota is reached.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm>
///
/// # Errors
/// Returns the errors of a [query](fn@super::query).
pub async fn limits(client: &Client) -> Result<BTreeMap<String, Limit>> {
    const ACTION: &str = "the question for limits";
    let url = client.resource("limits").await?;
    let read = |answer: Answer| async move {
        let limits = serde_json::from_slice(&answer.body);
        limits.map_err(|_| Failure::passing("the answer is not what limits look like".into()))
    };
    client.send(ACTION, Sending::AtAnyRate, |http| http.get(url.clone()), read).await
}
