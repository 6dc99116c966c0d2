//! The simulated Salesforce: its state, and the handling of requests.

use super::bulk::{self, Jobs};
use super::call::{Call, Time};
use super::collections::Operation;
use super::cursors::Cursors;
use super::error::Refusal;
use super::fault::{Answer, Faults};
use super::login::Login;
use super::options::Options;
use super::org::{Declared, Org};
use super::quota::{self, Meter, Spent};
use super::route::Route;
use super::StartError;
use crate::clock::Clock;
use crate::http::echo::Echo;
use crate::http::line::{Line, Service};
use crate::http::log::Request;
use crate::http::reply::{Reply, Wire};
use crate::http::sent::Sent;
use crate::random::Random;
use serde_json::json;
use std::sync::Mutex;

/// Everything that outlives a request.
pub(crate) struct World {
    pub(crate) org: Mutex<Org>,
    pub(crate) random: Mutex<Random>,
    pub(crate) cursors: Cursors,
    pub(crate) jobs: Jobs,
    pub(crate) login: Login,
    pub(crate) quota: Meter,
    pub(crate) line: Line<Time>,
    pub(crate) clock: Clock,
    /// The seed for the order of rows, if they are shuffled.
    pub(crate) shuffle: Option<u64>,
    /// The number of rows above which a query runs too long.
    pub(crate) timeout_rows: Option<usize>,
    faults: Faults,
    strip_headers: bool,
}

impl World {
    pub(crate) fn new(options: Options, url: &str) -> Result<World, StartError> {
        let mut random = Random::new(options.seed);
        let (cursors, jobs) = (Cursors::new(&options), Jobs::new(&options));
        let declared = Declared {
            fields: options.fields.clone(),
            required: options.required.clone(),
            external_ids: options.external_ids.clone(),
            unique: options.unique.clone(),
            picklists: options.picklists.clone(),
        };
        let clock = options.clock();
        Ok(World {
            login: Login::new(&options, url, &mut random)?,
            quota: Meter::new(options.quota),
            org: Mutex::new(Org::new(options.records, declared, options.view_all_data, &mut random)),
            random: Mutex::new(random),
            cursors,
            jobs,
            line: Line::new(options.gzip, options.latency_ms),
            clock,
            shuffle: options.shuffle.then_some(options.seed),
            timeout_rows: options.query_timeout_rows,
            faults: Faults::new(options.faults),
            strip_headers: options.strip_headers,
        })
    }

    /// Returns the proper response of Salesforce, altered by faults that concern its content.
    fn proper(&self, call: &Call, fault: Option<&Answer>) -> Reply {
        let mut reply = self.route(call, fault).unwrap_or_else(|refusal| refusal.reply());
        if let Some(Answer::Splice(splice)) = fault {
            reply.body = splice.into(&reply.body);
        }
        reply
    }

    /// Counts a call of a client that is logged in. Logins and the list of versions are free.
    fn spend(&self, call: &Call) -> Option<Spent> {
        let free = matches!(call.route, Route::Token | Route::Versions);
        (!free && self.login.knows(call.sent.authorization())).then(|| self.quota.spend(self.clock.now()))
    }

    /// Adds the `Date` header, unless a fault has set it.
    fn dated(&self, reply: Reply) -> Reply {
        match reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Date")) {
            true => reply,
            false => reply.header("Date", self.clock.now().header()),
        }
    }

    /// Returns the object that a request is about.
    fn object(&self, call: &Call) -> Option<String> {
        match &call.route {
            Route::Query { soql, .. } => super::soql::object(soql),
            Route::NextPage { locator, .. } => self.cursors.find(locator).map(|(cursor, _)| cursor.object().to_owned()),
            Route::Bulk { request, .. } => match request.id() {
                Some(id) => self.jobs.find(id).map(|job| job.object().to_owned()),
                None => bulk::object(&call.sent.body),
            },
            Route::Ingest { request, .. } => match request.id() {
                Some(id) => self.jobs.find_ingest(id).map(|job| job.object.clone()),
                None => bulk::ingest::object(&call.sent.body),
            },
            Route::Read { object, .. }
            | Route::Describe { object, .. }
            | Route::Retrieve { object, .. }
            | Route::Create { object }
            | Route::Update { object, .. }
            | Route::WriteMany(Operation::Upsert { object, .. }) => Some(object.clone()),
            _ => None,
        }
    }
}

impl Service for World {
    type Call = Call;
    type Time = Time;

    fn line(&self) -> &Line<Time> {
        &self.line
    }

    fn call(&self, sent: Sent) -> Call {
        Call::new(sent)
    }

    fn logged(&self, call: &Call) -> Request<Time> {
        call.logged(Time { at_ms: (self.clock.now().seconds * 1_000.0) as u64 })
    }

    async fn answer(&self, call: &Call) -> Option<(Reply, Wire)> {
        let fault = self.faults.due(call.route.kind(), self.object(call).as_deref());
        if matches!(fault, Some(Answer::Expire)) {
            self.login.expire();
        }
        let spent = self.spend(call);
        let proper = || match &spent {
            Some(Spent { exceeded: true, .. }) => quota::exceeded().reply(),
            _ => self.proper(call, fault.as_ref()),
        };
        let (reply, wire) = match &fault {
            Some(Answer::Wire(fault)) => fault.answer(proper).await?,
            Some(Answer::Error(error)) => {
                (Refusal::new(error.status, &error.code, &error.message).reply(), Wire::Whole)
            }
            Some(Answer::Echo(echo)) => (repeated(call, *echo), Wire::Whole),
            Some(Answer::RetryAfter(seconds)) => (unavailable(*seconds), Wire::Whole),
            _ => (proper(), Wire::Whole),
        };
        let reply = self.dated(reply);
        let mut reply = match spent {
            Some(Spent { header, .. }) => reply.header(quota::HEADER, header),
            None => reply,
        };
        if self.strip_headers {
            reply.headers.retain(|(name, _)| !name.starts_with("Sforce-"));
        }
        Some((reply, wire))
    }
}

/// Creates an error that repeats the request, in the format of the API or as a page.
fn repeated(call: &Call, echo: Echo) -> Reply {
    let message = call.sent.echoed(echo);
    match (&call.route, echo.html) {
        (_, true) => Reply::page(echo.status, &message),
        (Route::Token, _) => {
            Reply::json(echo.status, &json!({"error": "invalid_request", "error_description": message}))
        }
        _ => Refusal::new(echo.status, "UNKNOWN_EXCEPTION", message).reply(),
    }
}

fn unavailable(seconds: u64) -> Reply {
    let message = "Server temporarily unavailable";
    let refusal = Refusal::new(503, "SERVER_UNAVAILABLE", message);
    refusal.reply().retry_after(seconds)
}
