//! Creates an organization, and makes sure that a lost response does not lead to two of it.

use serde::Deserialize;
use serde_json::json;

use super::answer::{into_error, is_hopeless, is_turned_away};
use super::client::{unreadable, Client, Tried};
use super::lookup::{find, find_new};
use super::outcome::{Attributes, Outcome, Reason, Refusal};
use super::warning::ignored;
use crate::error::{Error, Result};
use crate::http::{Answer, Failure, Repeat};

const ACTION: &str = "the creation of an organization";
/// The pause before the first look-up, in seconds of the account's clock, because the request may still arrive. It
/// doubles with each attempt, up to 32 seconds.
const PAUSE: f64 = 1.0;

/// The outcome of a creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The id of the new organization, if there is one.
    pub id: Option<u64>,
    /// The outcome.
    pub outcome: Outcome,
}

/// Creates an organization. If the response is lost, looks for the organization by its external id and its name before
/// sending the row again.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#create-organization>
///
/// # Errors
/// [`Error::Authentication`], [`Error::Quota`], or [`Error::Remote`] with status 403, which every other creation would
/// meet too. Errors that concern only this organization are in the outcome.
pub async fn create(client: &Client, row: &Attributes) -> Result<Created> {
    let deadline = client.account.http.limits().deadline;
    let created = tokio::time::timeout(deadline, settle(client, row)).await;
    match created {
        Ok(Ok(created)) => Ok(created),
        // The organization may have been created.
        Ok(Err(hopeless)) if matches!(hopeless.created.outcome, Outcome::Unknown(_)) => Ok(hopeless.created),
        Ok(Err(hopeless)) => Err(hopeless.error),
        Err(_) => Ok(unknown("the creation did not end in time")),
    }
}

/// An error that every other creation would meet too.
pub(super) struct Hopeless {
    pub(super) error: Error,
    /// The outcome of the creation that met the error.
    pub(super) created: Created,
}

impl Hopeless {
    /// Creates the error. `lost` is the failure of the earlier attempt whose response was lost, if there was one.
    fn new(error: Error, lost: Option<&Failure>) -> Box<Self> {
        let outcome = match lost {
            Some(failure) => Outcome::unknown(format!(
                "the answer to the creation was lost ({}), and then: {error}",
                failure.message
            )),
            None if is_of_the_way(&error) => Outcome::Refused(Refusal::new(None, error.to_string())),
            None => Outcome::NotTried(format!("it was refused: {error}")),
        };
        Box::new(Self { error, created: Created { id: None, outcome } })
    }
}

/// Creates an organization as [`create`] does, without a deadline.
pub(super) async fn settle(client: &Client, row: &Attributes) -> std::result::Result<Created, Box<Hopeless>> {
    let mut lost: Option<Failure> = None;
    for attempt in 0..client.account.http.limits().attempts.max(1) {
        let posted = post(client, row).await.map_err(|error| Hopeless::new(error, lost.as_ref()))?;
        let failure = match (posted, &lost) {
            (Ok(answer), None) => return Ok(answer.created()),
            (Ok(answer), Some(_)) => return Ok(once(client, row, answer).await),
            (Err(failure), _) => failure,
        };
        if let Some(error) = hopeless(&failure) {
            return Err(Hopeless::new(error, lost.as_ref()));
        }
        let taken = failure.code.as_deref() == Some(super::answer::DUPLICATE);
        let repeated = lost.is_some();
        match failure.may_be_done() {
            true => lost = Some(failure),
            false if taken => return Ok(holder(client, row, Refusal::of(failure), repeated).await),
            false => return Ok(refused(Refusal::of(failure))),
        }
        client.account.clock.wait(PAUSE * f64::from(1 << attempt.min(5))).await;
        match find_new(client, row).await {
            Ok(found) if found.is_empty() => {}
            Ok(found) => return Ok(found_instead(&found, row, true, taken_name())),
            Err(error) if is_hopeless(&error) => return Err(Hopeless::new(error, lost.as_ref())),
            Err(error) => {
                return Ok(unknown(&format!("the answer to the creation was lost, and the look-up failed ({error})")))
            }
        }
    }
    let why = lost.map(|failure| failure.message).unwrap_or_default();
    Ok(unknown(&format!("the answer to the creation was lost again and again ({why})")))
}

/// Finds the organization that has the name or the external id: another one, or the one that an earlier attempt
/// created, if the creation was `repeated` after a lost response.
async fn holder(client: &Client, row: &Attributes, refusal: Refusal, repeated: bool) -> Created {
    let found = match repeated {
        true => find_new(client, row).await,
        false => find(client, row).await,
    };
    match found {
        Ok(found) if found.is_empty() && repeated => {
            let why = "the answer to its creation was lost, and now its name or external id is taken";
            unknown(&format!("{why}, by an organization that cannot be found: probably its own"))
        }
        Ok(found) => found_instead(&found, row, repeated, refusal),
        Err(error) if repeated => {
            unknown(&format!("the answer to the creation was lost, and the look-up failed ({error})"))
        }
        Err(_) => refused(refusal),
    }
}

fn found_instead(found: &[super::lookup::Organization], row: &Attributes, lost: bool, refusal: Refusal) -> Created {
    match found.iter().find(|organization| lost && organization.is_made_of(row)) {
        Some(ours) => Created { id: Some(ours.id), outcome: Outcome::Done },
        None => refused(Refusal { holder: found.first().map(|other| other.id), ..refusal }),
    }
}

/// Checks whether both attempts created an organization, after the response to the first one was lost.
async fn once(client: &Client, row: &Attributes, answer: Posted) -> Created {
    let id = answer.organization.id;
    let twin = match find_new(client, row).await {
        Ok(found) => found.into_iter().find(|other| other.id != id && other.is_made_of(row)),
        Err(_) => None,
    };
    let Some(twin) = twin else { return answer.created() };
    let message = format!("it was created twice, as {id} and {}; merge or delete one of them", twin.id);
    let refusal = Refusal { reason: Reason::Twice, code: None, message, holder: Some(twin.id) };
    Created { id: Some(id), outcome: Outcome::Refused(refusal) }
}

fn taken_name() -> Refusal {
    let message = "Name: another organization has it already".to_owned();
    Refusal { reason: Reason::NameTaken, code: None, message, holder: None }
}

fn refused(refusal: Refusal) -> Created {
    Created { id: None, outcome: Outcome::Refused(refusal) }
}

fn unknown(why: &str) -> Created {
    Created { id: None, outcome: Outcome::unknown(why) }
}

/// Returns whether something between here and Zendesk refused a creation, perhaps because of its contents.
pub(super) fn is_of_the_way(error: &Error) -> bool {
    matches!(error, Error::Remote(error) if is_turned_away(error.status, error.code.as_deref()))
}

fn hopeless(failure: &Failure) -> Option<Error> {
    let error = into_error(failure.clone(), ACTION);
    is_hopeless(&error).then_some(error)
}

struct Posted {
    organization: WithId,
    ignored: Vec<String>,
}

#[derive(Deserialize)]
struct Body {
    organization: WithId,
}

#[derive(Deserialize)]
struct WithId {
    id: u64,
}

impl Posted {
    fn created(self) -> Created {
        let outcome = match self.ignored.is_empty() {
            true => Outcome::Done,
            false => Outcome::Refused(Refusal::unknown_attributes(&self.ignored)),
        };
        Created { id: Some(self.organization.id), outcome }
    }
}

async fn post(client: &Client, row: &Attributes) -> Result<Tried<Posted>> {
    let url = client.resource("organizations");
    let body = json!({"organization": row});
    let read = |answer: Answer| {
        let body: Body = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer))?;
        Ok(Posted { organization: body.organization, ignored: ignored(&answer.headers) })
    };
    client.send(ACTION, Repeat::IfRefused, |http| http.post(url.clone()).json(&body), read).await
}
