//! The simulated Zendesk: its state, and the way of a request through it.

use super::account::Account;
use super::call::Call;
use super::clock::{Clock, Moment};
use super::error::Refusal;
use super::fault::{Answer, Fault, RefusedBody, TooManyRequests};
use super::limits::{inflight_header, Meter};
use super::log::Log;
use super::login::Login;
use super::options::{Options, Poison, RateHeaders};
use super::outage::{repeated, too_many_requests, unavailable};
use super::route::Route;
use super::StartError;
use crate::http::reply::{send, Body, Reply, Wire};
use crate::http::server::{Dropped, Handler};
use crate::lock;
use crate::schedule::Schedule;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// More than any request to Zendesk may have.
const MAX_BODY: usize = 50 << 20;
const TOO_MANY_UPDATES: &str = "Too many requests to update";

/// Everything that lasts longer than a request.
pub(crate) struct World {
    pub(crate) account: Mutex<Account>,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) login: Login,
    pub(crate) url: String,
    pub(crate) page_size: usize,
    pub(crate) rate_headers: RateHeaders,
    pub(crate) poison: Option<Poison>,
    pub(crate) max_job_bytes: Option<usize>,
    too_many_jobs_status: u16,
    faults: Schedule<Fault>,
    gzip: bool,
    latency: Duration,
}

/// A request that is being answered.
pub(crate) struct Turn<'a> {
    pub(crate) call: &'a Call,
    pub(crate) fault: Option<&'a Answer>,
    pub(crate) now: Moment,
}

impl World {
    pub(crate) fn new(mut options: Options, url: &str) -> Result<World, StartError> {
        let clock = Clock::new(options.clock_speed);
        let account = Account::new(&mut options, url, clock.beginning())?;
        Ok(World {
            account: Mutex::new(account),
            clock,
            log: Log::default(),
            login: Login::new(&options),
            url: url.to_owned(),
            page_size: options.page_size,
            rate_headers: options.rate_headers,
            poison: options.poison,
            max_job_bytes: options.max_job_bytes,
            too_many_jobs_status: options.too_many_jobs_status,
            faults: Schedule::new(options.faults),
            gzip: options.gzip,
            latency: Duration::from_millis(options.latency_ms),
        })
    }

    /// Returns the account, after all that its jobs have done by now.
    pub(crate) fn settled(&self, now: Moment) -> MutexGuard<'_, Account> {
        let mut account = lock(&self.account);
        account.settle(now);
        account
    }

    /// Returns the answer and how it goes out; none when there shall be no answer.
    async fn answer(&self, call: &Call, now: Moment) -> Option<(Reply, Wire)> {
        let meter = self.meter(call, now);
        let metered = |reply: Reply| match meter {
            Some(meter) => meter.headers(reply, self.rate_headers),
            None => reply,
        };
        if let Some(refused) = self.over_limit(call, meter, now) {
            return Some((metered(refused), Wire::Whole));
        }
        let fault = self.faults.due(|fault| fault.matches(call.route.kind())).map(|fault| fault.answer);
        let turn = Turn { call, fault: fault.as_ref(), now };
        if let Some(Answer::Wire(fault)) = &fault {
            return fault.answer(|| self.proper(&turn)).await.map(|(reply, wire)| (metered(reply), wire));
        }
        let reply = match &fault {
            Some(Answer::Error(error)) => Refusal::new(error.status, &error.code, &error.description).reply(),
            Some(Answer::Echo(echo)) => repeated(call, *echo),
            Some(Answer::TooManyRequests(refusal)) => too_many_requests(*refusal),
            Some(Answer::Unavailable(outage)) => unavailable(outage.retry_after),
            Some(Answer::TooManyJobs) => self.too_many_jobs(now),
            _ => self.proper(&turn),
        };
        match fault {
            Some(Answer::LostAnswer) => None,
            // The edge stands before what would count the request.
            Some(Answer::TooManyRequests(TooManyRequests { body: RefusedBody::Edge, .. })) => {
                Some((reply, Wire::Whole))
            }
            _ => Some((metered(reply), Wire::Whole)),
        }
    }

    /// Returns the answer that Zendesk would give, but for what a fault changes in it.
    fn proper(&self, turn: &Turn<'_>) -> Reply {
        if matches!(turn.fault, Some(Answer::ExpireToken)) {
            self.login.expire();
        }
        self.reply(turn).unwrap_or_else(|refusal| refusal.reply())
    }

    fn reply(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let call = turn.call;
        if call.route == Route::Token {
            return Ok(self.login.token(&call.json()?, turn.now.seconds, &mut lock(&self.account).random));
        }
        if let Err(refused) = self.login.check(call.authorization(), call.method(), turn.now.seconds) {
            return Ok(refused);
        }
        match &call.route {
            Route::Organizations => self.organizations(turn),
            Route::Count => Ok(self.count(turn)),
            Route::ShowMany => self.show_many(turn),
            Route::Search => self.search(turn),
            Route::Autocomplete => self.autocomplete(turn),
            Route::Show(id) => self.show(*id, turn),
            Route::Fields => self.fields(turn),
            Route::Create => self.create(turn),
            Route::CreateOrUpdate => self.create_or_update(turn),
            Route::Update(id) => self.update(*id, turn),
            Route::Bulk(work) => self.bulk(*work, turn),
            Route::Jobs => self.jobs(turn),
            Route::JobsShowMany => self.show_many_jobs(turn),
            Route::Job(id) => self.job(id, turn),
            Route::Refused(refusal) => Err(refusal.clone()),
            Route::Token => Err(Refusal::no_endpoint()),
        }
    }

    /// Counts a request of somebody who is logged in.
    fn meter(&self, call: &Call, now: Moment) -> Option<Meter> {
        self.login.check(call.authorization(), call.method(), now.seconds).ok()?;
        Some(lock(&self.account).limits.request(now.seconds))
    }

    /// Returns the refusal of a request that is one too many.
    fn over_limit(&self, call: &Call, meter: Option<Meter>, now: Moment) -> Option<Reply> {
        let meter = meter?;
        if meter.over {
            let retry_after = Some(meter.reset);
            return Some(too_many_requests(TooManyRequests { retry_after, body: RefusedBody::Text }));
        }
        match call.route {
            Route::Update(id) => {
                let wait = lock(&self.account).limits.update(id, now.seconds).err()?;
                let refusal = Refusal::listed(429, "TooManyRequests", TOO_MANY_UPDATES, None);
                Some(refusal.reply().header("Retry-After", wait.to_string()))
            }
            Route::Bulk(_) => {
                let account = self.settled(now);
                let full = account.jobs.in_flight(now).len() >= account.jobs.limit;
                drop(account);
                full.then(|| self.too_many_jobs(now))
            }
            _ => None,
        }
    }

    fn too_many_jobs(&self, now: Moment) -> Reply {
        let account = self.settled(now);
        let jobs = account.jobs.in_flight(now);
        let description = "Too many OrganizationBulkUpdateJobV2 jobs are currently queued or running. Try again later.";
        let body = json!({"error": "TooManyJobs", "description": description, "current_job_ids": jobs});
        let reply = Reply::json(self.too_many_jobs_status, &body);
        // No place is left, whoever holds them.
        inflight_header(reply, self.rate_headers, account.jobs.limit, account.jobs.limit)
    }

    /// Adds the headers that every answer has.
    fn labelled(&self, reply: Reply) -> Reply {
        let id = format!("{:016x}", lock(&self.account).random.next());
        let time = format!("{:.3}", self.clock.now().seconds);
        reply.header("X-Request-Id", &id).header("X-Zendesk-Request-Id", id).header("X-Simulator-Time", time)
    }
}

impl Handler for World {
    async fn handle(self: Arc<Self>, request: hyper::Request<Incoming>) -> Result<hyper::Response<Body>, Dropped> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| Dropped)?;
        let call = Call::new(head, body.to_bytes());
        let place = self.log.arrived(call.logged(self.clock.now()));
        // Even no time at all, slept, takes a tick of the timer.
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let (reply, wire) = self.answer(&call, self.clock.now()).await.ok_or(Dropped)?;
        let (response, bytes) = send(self.labelled(reply), self.gzip && call.takes_gzip(), wire);
        self.log.answered(place, response.status().as_u16(), bytes);
        Ok(response)
    }
}
