//! Responses to read requests: lists, lookups, definitions and job statuses.

use super::account::Account;
use super::change::folded;
use super::error::{Refusal, MAX_ITEMS};
use super::fault::Answer;
use super::order::{Ordered, Place};
use super::page::{List, Page};
use super::world::{Turn, World};
use crate::clock::Moment;
use crate::http::reply::Reply;
use hyper::header::{CACHE_CONTROL, ETAG};
use serde_json::{json, Map, Value};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The minimum length of a name prefix to search for.
const MIN_PREFIX: usize = 2;

impl World {
    pub(crate) fn organizations(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let account = self.settled(turn.now);
        let (ordered, sort) = Ordered::of(&account.organizations, &turn.call.parameters)?;
        let list = self.list("organizations", ordered, sort, account.organizations.len());
        let page = list.page(&turn.call.parameters, turn.fault)?;
        let rows = page.places.iter().filter_map(|place| account.organizations.get(place.id));
        let body = framed("organizations", rows.cloned().map(Value::Object).collect(), &page);
        Ok(cached(&body, turn.call.known_version()))
    }

    pub(crate) fn count(&self, turn: &Turn<'_>) -> Reply {
        let now = turn.now;
        let (count, made) = match turn.fault {
            Some(Answer::ClaimedCount(count)) => (*count, Some(now)),
            Some(Answer::OldCount(old)) => (old.value, old.seconds_ago.map(|ago| now.at(now.seconds - ago))),
            _ => (self.settled(now).organizations.len() as u64, Some(now)),
        };
        Reply::json(200, &json!({"count": {"value": count, "refreshed_at": made.map(Moment::stamp)}}))
    }

    pub(crate) fn show(&self, id: u64, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let account = self.settled(turn.now);
        let row = account.organizations.get(id).ok_or_else(Refusal::not_found)?;
        Ok(Reply::json(200, &json!({"organization": row})))
    }

    /// Returns the organizations that exist, in another order than requested.
    pub(crate) fn show_many(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let parameters = &turn.call.parameters;
        let account = self.settled(turn.now);
        let mut ids = match (parameters.ids("ids"), parameters.list("external_ids")) {
            (Some(ids), _) => limited(ids?)?,
            (None, Some(external_ids)) => {
                let with = |id: &str| account.organizations.with("external_id", id);
                limited(external_ids)?.into_iter().flat_map(with).collect()
            }
            (None, None) => return Err(Refusal::missing("ids")),
        };
        ids.reverse();
        Ok(found(&ids, &account))
    }

    /// Searches by the exact external id or name.
    pub(crate) fn search(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let parameters = &turn.call.parameters;
        let (attribute, value) = match (parameters.get("external_id"), parameters.get("name")) {
            (Some(external_id), _) => ("external_id", external_id),
            (None, Some(name)) => ("name", name),
            (None, None) => return Err(Refusal::missing("external_id")),
        };
        let account = self.settled(turn.now);
        let ids = match value.trim() {
            "" => Vec::new(),
            value => account.organizations.found(attribute, value, turn.now),
        };
        Ok(found(&ids, &account))
    }

    /// Searches by the beginning of the name.
    pub(crate) fn autocomplete(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let prefix = turn.call.parameters.get("name").map(folded).unwrap_or_default();
        if prefix.chars().count() < MIN_PREFIX {
            return Err(Refusal::attribute("name", "name must have at least 2 characters"));
        }
        let account = self.settled(turn.now);
        let fits = |row: &&super::Record| row["name"].as_str().is_some_and(|name| folded(name).starts_with(&prefix));
        let ids = account.organizations.indexed(turn.now).filter(fits).filter_map(|row| row["id"].as_u64());
        let ids: Vec<u64> = ids.take(MAX_ITEMS).collect();
        Ok(found(&ids, &account))
    }

    pub(crate) fn fields(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let account = self.settled(turn.now);
        let all: Vec<(u64, &Value)> = account.fields.iter().map(|field| (field.id, field.row())).collect();
        self.plain_list("organization_fields", &all, turn)
    }

    pub(crate) fn job(&self, id: &str, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        self.forget_jobs(turn, |known| known == id);
        let account = self.settled(turn.now);
        let job = account.jobs.known(turn.now).find(|job| job.id == id).ok_or_else(Refusal::not_found)?;
        Ok(Reply::json(200, &json!({"job_status": job.row(turn.now, &self.url)})))
    }

    pub(crate) fn show_many_jobs(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let ids = turn.call.parameters.list("ids").ok_or_else(|| Refusal::missing("ids"))?;
        let ids = limited(ids)?;
        self.forget_jobs(turn, |id| ids.contains(&id));
        let account = self.settled(turn.now);
        let jobs = account.jobs.known(turn.now).filter(|job| ids.contains(&job.id.as_str()));
        // The newest come first, as in the list, and not in the order of the request.
        let rows: Vec<Value> = jobs.rev().map(|job| job.row(turn.now, &self.url)).collect();
        Ok(Reply::json(200, &json!({"job_statuses": rows})))
    }

    pub(crate) fn jobs(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        self.forget_jobs(turn, |_| true);
        let account = self.settled(turn.now);
        let rows: Vec<Value> = account.jobs.known(turn.now).rev().map(|job| job.row(turn.now, &self.url)).collect();
        let all: Vec<(u64, &Value)> = (1..).zip(&rows).collect();
        self.plain_list("job_statuses", &all, turn)
    }

    fn forget_jobs(&self, turn: &Turn<'_>, is_meant: impl Fn(&str) -> bool) {
        if matches!(turn.fault, Some(Answer::JobExpire)) {
            self.settled(turn.now).jobs.forget(is_meant);
        }
    }

    /// Returns a page of a list that cannot be sorted.
    fn plain_list(&self, name: &'static str, all: &[(u64, &Value)], turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let ordered = Ordered::by_ids(all.iter().map(|(id, _)| *id));
        let page = self.list(name, ordered, "id".into(), all.len()).page(&turn.call.parameters, turn.fault)?;
        let row = |place: &Place| all.iter().find(|(id, _)| *id == place.id).map(|(_, row)| Value::clone(row));
        let body = framed(name, page.places.iter().filter_map(row).collect(), &page);
        Ok(Reply::json(200, &body))
    }

    fn list<'a>(&self, name: &str, ordered: Ordered<'a>, sort: String, total: usize) -> List<'a> {
        List { ordered, sort, total, url: format!("{}/api/v2/{name}.json", self.url), cap: self.page_size }
    }
}

fn found(ids: &[u64], account: &Account) -> Reply {
    let rows: Vec<_> = ids.iter().filter_map(|id| account.organizations.get(*id)).collect();
    let body = json!({"organizations": rows, "next_page": null, "previous_page": null, "count": rows.len()});
    Reply::json(200, &body)
}

fn limited<T>(items: Vec<T>) -> Result<Vec<T>, Refusal> {
    if items.len() > MAX_ITEMS {
        return Err(Refusal::too_many_values());
    }
    Ok(items)
}

fn framed(name: &str, rows: Vec<Value>, page: &Page) -> Value {
    let mut body = Map::new();
    body.insert(name.into(), rows.into());
    body.extend(page.frame.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Object(body)
}

/// Returns a response that may be cached for half a minute, or a 304 if the client has it already.
fn cached(body: &Value, known: &str) -> Reply {
    let reply = Reply::json(200, body);
    let mut hasher = DefaultHasher::new();
    reply.body.hash(&mut hasher);
    let version = format!("W/\"{:016x}\"", hasher.finish());
    let reply = if known == version { Reply::new(304, "", "") } else { reply };
    reply.header(CACHE_CONTROL.as_str(), "max-age=30, private").header(ETAG.as_str(), version)
}
