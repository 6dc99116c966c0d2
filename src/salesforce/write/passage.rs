//! Finds out whether writes reach Salesforce. Something between here and Salesforce, such as a firewall, may refuse one
//! write because of its content, or all writes.

use serde::de::IgnoredAny;
use serde_json::json;
use tokio::sync::OnceCell;

use super::outcome::{is_everybodys, is_turned_away, WRITES_TURNED_AWAY};
use crate::error::{Error, RemoteError, Result};
use crate::http::{Answer, Failure};
use crate::salesforce::client::{Client, Sending};
use crate::salesforce::collection::Operation;

/// The answer to whether writes reach Salesforce. It is determined once, when a write is turned away.
#[derive(Default)]
pub(super) struct Passage(OnceCell<bool>);

impl Passage {
    /// Converts the error of a write that was turned away into one that says whether all other writes are turned away
    /// too.
    pub(super) async fn judge(&self, client: &Client, object: &str, operation: &Operation, error: Error) -> Error {
        let Error::Remote(error) = error else { return error };
        let is_open = *self.0.get_or_init(|| is_open(client, object, operation)).await;
        Error::Remote(Box::new(if is_open { of_one(*error) } else { of_all(*error) }))
    }
}

/// Sends a write of no rows, which nobody can refuse because of its content, and returns whether it reached Salesforce.
/// It did if it succeeded, or if Salesforce refused it for a reason that does not concern every call.
async fn is_open(client: &Client, object: &str, operation: &Operation) -> bool {
    let is_open = match send_nothing(client, object, operation).await {
        Ok(()) => true,
        Err(error) => is_of_salesforce(&error),
    };
    if is_open {
        client.rule_out_a_move();
    }
    is_open
}

/// Returns whether the error shows that the write of no rows reached Salesforce: it has an error code of Salesforce,
/// and concerns neither the size of the call nor every call.
fn is_of_salesforce(error: &Error) -> bool {
    let coded = matches!(error, Error::Remote(error) if error.code.is_some());
    coded && !is_turned_away(error) && !is_everybodys(error)
}

async fn send_nothing(client: &Client, object: &str, operation: &Operation) -> Result<()> {
    let (action, body) = (format!("a write of no {object} records"), json!({"allOrNone": false, "records": []}));
    let url = client.resource(&operation.path(object)).await?;
    let request = |http: &reqwest::Client| http.request(operation.method(), url.clone()).json(&body);
    let read = |answer: Answer| async move {
        let is_list = serde_json::from_slice::<Vec<IgnoredAny>>(&answer.body).is_ok();
        is_list.then_some(()).ok_or_else(|| Failure::lasting("the answer is not the JSON that a write gives".into()))
    };
    client.send(&action, Sending::Again, request, read).await
}

fn of_one(error: RemoteError) -> RemoteError {
    // A write that was not sent, because a smaller one was refused for its size, already has a message that says so.
    if error.code.is_some() || error.attempts == 0 {
        return error;
    }
    let status = error.status.unwrap_or_default();
    let message =
        format!("something on the way, such as a firewall, answers HTTP {status} to it, and lets other writes pass");
    RemoteError { message, ..error }
}

fn of_all(error: RemoteError) -> RemoteError {
    RemoteError { code: Some(WRITES_TURNED_AWAY.into()), ..error }
}
