//! Responses to write requests: for a single organization at once, for many by a job.

use super::account::Account;
use super::change::unpermitted;
use super::error::{Refusal, MAX_ITEMS};
use super::fault::Answer;
use super::job::Work;
use super::limits::inflight_header;
use super::running::{Item, Mishap, Target};
use super::world::{Turn, World};
use super::Record;
use crate::http::reply::Reply;
use serde_json::{json, Value};

impl World {
    pub(crate) fn create(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let attributes = turn.call.record("organization")?;
        let mut account = self.settled(turn.now);
        let id = account.create(&attributes, turn.now).map_err(|reasons| Refusal::invalid(&reasons))?;
        let ignored = unpermitted(&attributes, &account.fields, "organization", &[]);
        Ok(warned(self.written(201, id, &account), "create", &ignored))
    }

    /// Creates or updates by id or external id, never by name.
    pub(crate) fn create_or_update(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let attributes = turn.call.record("organization")?;
        let mut account = self.settled(turn.now);
        let id = match (attributes.get("id"), attributes.get("external_id").and_then(Value::as_str)) {
            (Some(id), _) => id.as_u64(),
            (None, Some(external_id)) if !external_id.trim().is_empty() => {
                account.organizations.with("external_id", external_id).first().copied()
            }
            _ => None,
        };
        let ignored = unpermitted(&attributes, &account.fields, "organization", &["id"]);
        let (status, id) = match id {
            Some(id) => {
                let updated = account.update(id, &attributes, turn.now).ok_or_else(Refusal::not_found)?;
                updated.map_err(|reasons| Refusal::invalid(&reasons))?;
                (200, id)
            }
            None => (201, account.create(&attributes, turn.now).map_err(|reasons| Refusal::invalid(&reasons))?),
        };
        Ok(warned(self.written(status, id, &account), "create_or_update", &ignored))
    }

    pub(crate) fn update(&self, id: u64, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let attributes = turn.call.record("organization")?;
        let mut account = self.settled(turn.now);
        let updated = account.update(id, &attributes, turn.now).ok_or_else(Refusal::not_found)?;
        updated.map_err(|reasons| Refusal::invalid(&reasons))?;
        let ignored = unpermitted(&attributes, &account.fields, "organization", &[]);
        Ok(warned(self.written(200, id, &account), "update", &ignored))
    }

    pub(crate) fn bulk(&self, work: Work, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        if self.max_job_bytes.is_some_and(|most| turn.call.bytes() > most) {
            return Ok(Reply::page(413, "Request Entity Too Large"));
        }
        let body = turn.call.json()?;
        let poison = self.poison.as_ref().filter(|poison| turn.call.holds(&poison.text));
        if let Some((poison, status)) = poison.and_then(|poison| Some((poison, poison.status?))) {
            return Err(Refusal::new(status, "RecordInvalid", &poison.message));
        }
        let mut account = self.settled(turn.now);
        let (items, ignored) = match work {
            Work::Create => created(&body, &account)?,
            Work::Update => updated(&body, turn, &account)?,
        };
        let mishap = poison.map_or_else(|| Mishap::of(turn.fault), |poison| Mishap::fatal(&poison.message));
        let place = account.start(work, items, mishap, turn.now);
        let told = match turn.fault {
            Some(Answer::RepeatJob) => place.saturating_sub(1),
            _ => place,
        };
        let row = account.jobs.get(told).accepted_row(turn.now, &self.url);
        let reply = Reply::json(200, &json!({"job_status": row}));
        let in_flight = account.jobs.in_flight(turn.now).len();
        let reply = inflight_header(reply, self.rate_headers, account.jobs.limit, in_flight);
        let action = match work {
            Work::Create => "create_many",
            Work::Update => "update_many",
        };
        Ok(warned(reply, action, &ignored))
    }

    fn written(&self, status: u16, id: u64, account: &Account) -> Reply {
        let reply = Reply::json(status, &json!({"organization": account.organizations.get(id)}));
        match status {
            201 => reply.header("Location", format!("{}/api/v2/organizations/{id}.json", self.url)),
            _ => reply,
        }
    }
}

/// The items of a job, and the attribute names that it ignores.
type JobInput = (Vec<Item>, Vec<String>);

fn created(body: &Value, account: &Account) -> Result<JobInput, Refusal> {
    let records = batch(body)?;
    let ignored = ignored(&records, account, &[]);
    let item = |attributes| Item { target: Target::New, attributes };
    Ok((records.into_iter().map(item).collect(), ignored))
}

/// Parses one change for all organizations named in the query string, or a change for each organization.
fn updated(body: &Value, turn: &Turn<'_>, account: &Account) -> Result<JobInput, Refusal> {
    let parameters = &turn.call.parameters;
    let targets: Vec<Target> = match (parameters.ids("ids"), parameters.list("external_ids")) {
        (Some(ids), _) => ids?.into_iter().map(Target::Organization).collect(),
        (None, Some(external_ids)) => {
            let with = |id: &&str| account.organizations.with("external_id", id).first().copied();
            external_ids.iter().map(|id| with(id).map_or(Target::Nothing, Target::Organization)).collect()
        }
        (None, None) => {
            let records = batch(body)?;
            let ignored = ignored(&records, account, &["id"]);
            // Whether an external id alone would do is not known. Here it does not.
            let target = |row: &Record| row.get("id").and_then(Value::as_u64);
            let item = |row: Record| Item {
                target: target(&row).map_or(Target::Nothing, Target::Organization),
                attributes: row,
            };
            return Ok((records.into_iter().map(item).collect(), ignored));
        }
    };
    let Some(Value::Object(attributes)) = body.get("organization") else {
        return Err(Refusal::missing("organization"));
    };
    limit(targets.len())?;
    let ignored = unpermitted(attributes, &account.fields, "organization", &[]);
    let item = |target| Item { target, attributes: attributes.clone() };
    Ok((targets.into_iter().map(item).collect(), ignored))
}

fn batch(body: &Value) -> Result<Vec<Record>, Refusal> {
    let rows = body.get("organizations").and_then(Value::as_array).ok_or_else(|| Refusal::missing("organizations"))?;
    limit(rows.len())?;
    let record = |row: &Value| row.as_object().cloned().ok_or_else(|| Refusal::missing("organizations"));
    rows.iter().map(record).collect()
}

fn limit(items: usize) -> Result<(), Refusal> {
    match items {
        0 => Err(Refusal::missing("organizations")),
        1..=MAX_ITEMS => Ok(()),
        _ => Err(Refusal::too_many_values()),
    }
}

/// Returns the ignored names without duplicates.
fn ignored(records: &[Record], account: &Account, also: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for name in records.iter().flat_map(|record| unpermitted(record, &account.fields, "organizations", also)) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Adds a header, in Ruby syntax, which is the only sign of the ignored names.
fn warned(reply: Reply, action: &str, ignored: &[String]) -> Reply {
    if ignored.is_empty() {
        return reply;
    }
    let quoted = |name: &String| format!("\"{}\"", name.escape_default());
    let keys = ignored.iter().map(quoted).collect::<Vec<_>>().join(", ");
    reply.header(
        "x-zendesk-api-warn",
        format!(
            "{{:allowed_parameters=>{{:controller=>\"organizations\", :action=>\"{action}\", \
             :unpermitted_keys=>[{keys}], :invalid_values=>[]}}}}"
        ),
    )
}
