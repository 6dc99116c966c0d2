//! Handles requests for versions, logins and queries, and dispatches all others. Single records have their own file.

use super::call::Call;
use super::collections::Planned;
use super::error::Refusal;
use super::fault::Answer;
use super::page::Pages;
use super::plan::plan;
use super::route::{Route, VERSIONS};
use super::soql::parser::parse;
use super::world::World;
use crate::http::reply::{Reply, JSON};
use crate::lock;
use crate::random::Random;
use serde_json::{json, Value};

impl World {
    pub(crate) fn route(&self, call: &Call, fault: Option<&Answer>) -> Result<Reply, Refusal> {
        let foreign = matches!(fault, Some(Answer::ForeignInstance));
        let open = matches!(call.route, Route::Token | Route::Versions);
        if !open && !self.login.knows(call.sent.authorization()) {
            let message = "Session expired or invalid";
            return Err(Refusal::new(401, "INVALID_SESSION_ID", message));
        }
        let warned = matches!(fault, Some(Answer::Duplicates)) && !call.allows_duplicates();
        match &call.route {
            Route::Token => {
                Ok(self.login.login(&call.sent.body, call.sent.authorization(), foreign, &mut lock(&self.random)))
            }
            Route::Versions => Ok(Reply::json(200, &versions())),
            Route::Query { version, soql, deleted } => self.query(version, soql, *deleted, fault),
            Route::NextPage { version, locator } => self.next_page(version, locator, fault),
            Route::Read { version, object, id, fields } => self.read(version, object, id, fields.as_deref()),
            Route::Describe { version, object } => self.describe(version, object),
            Route::Objects { version } => Ok(self.objects(version)),
            Route::Ingest { version, request } => self.ingest(version, request, &call.sent.body, fault),
            Route::Bulk { version, request } => self.bulk(version, request, &call.sent.body, fault),
            Route::Retrieve { version, object } => self.retrieve(version, object, &call.sent.body),
            Route::Create { .. } | Route::Update { .. } if warned => Err(Refusal::duplicates()),
            Route::Create { object } => self.create(object, &call.sent.body),
            Route::Update { object, id } => self.update(object, id, &call.sent.body),
            Route::WriteMany(operation) => self.write_many(operation, &call.sent.body, planned(fault, warned)),
            Route::Limits => Ok(Reply::json(200, &self.quota.limits())),
            Route::Refused(refusal) => Err(refusal.clone()),
        }
    }

    fn query(&self, version: &str, soql: &str, deleted: bool, fault: Option<&Answer>) -> Result<Reply, Refusal> {
        let query = parse(soql).map_err(|mistake| Refusal::malformed(soql, &mistake))?;
        let org = lock(&self.org).clone();
        let plan = plan(soql, &query, org, deleted, self.shuffle.map(Random::new))?;
        if self.timeout_rows.is_some_and(|most| plan.rows.len() > most) {
            let message = "Your query request was running for too long.";
            return Err(Refusal::new(400, "QUERY_TIMEOUT", message));
        }
        let cursor = self.cursors.start(Pages::new(plan), &mut lock(&self.random));
        let page = self.cursors.page(&cursor, 0, version, fault);
        Ok(Reply::new(200, JSON, page))
    }

    fn next_page(&self, version: &str, locator: &str, fault: Option<&Answer>) -> Result<Reply, Refusal> {
        let unknown = || Refusal::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        let (cursor, offset) = self.cursors.find(locator).ok_or_else(unknown)?;
        if matches!(fault, Some(Answer::ExpireLocator)) {
            self.cursors.forget(&cursor);
            return Err(unknown());
        }
        let page = self.cursors.page(&cursor, offset, version, fault);
        Ok(Reply::new(200, JSON, page))
    }
}

/// Returns the refusals that a fault has planned for the records of a list.
fn planned(fault: Option<&Answer>, warned: bool) -> Option<Planned> {
    match fault {
        Some(Answer::RowFailures(rows)) => {
            Some(Planned { count: rows.count, refusal: Refusal::new(400, &rows.code, &rows.message) })
        }
        _ => warned.then(|| Planned { count: usize::MAX, refusal: Refusal::duplicates() }),
    }
}

/// Returns the list of versions. Salesforce has three releases a year, and each is a version.
fn versions() -> Value {
    let version = |number: u32| {
        let (season, year) = match number % 3 {
            0 => ("Spring", 4 + number / 3),
            1 => ("Summer", 4 + number / 3),
            _ => ("Winter", 5 + number / 3),
        };
        let url = format!("/services/data/v{number}.0");
        json!({"label": format!("{season} '{year}"), "url": url, "version": format!("{number}.0")})
    };
    VERSIONS.map(version).collect()
}
