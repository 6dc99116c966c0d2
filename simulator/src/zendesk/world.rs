//! The simulated Zendesk: its state, and the handling of requests.

use super::account::Account;
use super::call::{Call, Time};
use super::error::Refusal;
use super::fault::{Answer, Kind, RefusedBody, TooManyRequests};
use super::limits::{inflight_header, Meter};
use super::login::Login;
use super::options::{Options, Poison, RateHeaders};
use super::outage::{repeated, too_many_requests, unavailable};
use super::route::Route;
use super::StartError;
use crate::clock::{Clock, Moment};
use crate::http::line::{Line, Service};
use crate::http::log::Request;
use crate::http::reply::{Reply, Wire};
use crate::http::schedule::Schedule;
use crate::http::sent::Sent;
use crate::lock;
use serde_json::json;
use std::sync::{Mutex, MutexGuard};

const TOO_MANY_UPDATES: &str = "Too many requests to update";

/// Everything that outlives a request.
pub(crate) struct World {
    pub(crate) account: Mutex<Account>,
    pub(crate) clock: Clock,
    pub(crate) line: Line<Time>,
    pub(crate) login: Login,
    pub(crate) url: String,
    pub(crate) page_size: usize,
    pub(crate) rate_headers: RateHeaders,
    pub(crate) poison: Option<Poison>,
    pub(crate) max_job_bytes: Option<usize>,
    too_many_jobs_status: u16,
    faults: Schedule<Kind, Answer, ()>,
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
            line: Line::new(options.gzip, options.latency_ms),
            login: Login::new(&options),
            url: url.to_owned(),
            page_size: options.page_size,
            rate_headers: options.rate_headers,
            poison: options.poison,
            max_job_bytes: options.max_job_bytes,
            too_many_jobs_status: options.too_many_jobs_status,
            faults: Schedule::new(options.faults),
        })
    }

    /// Returns the account after all items of jobs that are due by now.
    pub(crate) fn settled(&self, now: Moment) -> MutexGuard<'_, Account> {
        let mut account = lock(&self.account);
        account.settle(now);
        account
    }

    /// Returns the response with the rate limit headers, and how to send it; `None` to drop the connection.
    async fn metered(&self, call: &Call, now: Moment) -> Option<(Reply, Wire)> {
        let meter = self.meter(call, now);
        let metered = |reply: Reply| match meter {
            Some(meter) => meter.headers(reply, self.rate_headers),
            None => reply,
        };
        if let Some(refused) = self.over_limit(call, meter, now) {
            return Some((metered(refused), Wire::Whole));
        }
        let fault = self.faults.due(call.route.kind(), |()| true);
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
            // The edge protection refuses requests before they are counted.
            Some(Answer::TooManyRequests(TooManyRequests { body: RefusedBody::Edge, .. })) => {
                Some((reply, Wire::Whole))
            }
            _ => Some((metered(reply), Wire::Whole)),
        }
    }

    /// Returns the proper response of Zendesk, altered by faults that concern its content.
    fn proper(&self, turn: &Turn<'_>) -> Reply {
        if matches!(turn.fault, Some(Answer::ExpireToken)) {
            self.login.expire();
        }
        let mut reply = self.reply(turn).unwrap_or_else(|refusal| refusal.reply());
        if let Some(Answer::Splice(splice)) = turn.fault {
            reply.body = splice.into(&reply.body);
        }
        reply
    }

    fn reply(&self, turn: &Turn<'_>) -> Result<Reply, Refusal> {
        let call = turn.call;
        if call.route == Route::Token {
            return Ok(self.login.token(&call.json()?, turn.now.seconds, &mut lock(&self.account).random));
        }
        if let Err(refused) = self.login.check(call.sent.authorization(), call.method(), turn.now.seconds) {
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

    /// Counts a request of a client that is logged in.
    fn meter(&self, call: &Call, now: Moment) -> Option<Meter> {
        self.login.check(call.sent.authorization(), call.method(), now.seconds).ok()?;
        Some(lock(&self.account).limits.request(now.seconds))
    }

    /// Returns the refusal of a request that exceeds a limit.
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
                Some(refusal.reply().retry_after(wait))
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

    /// Adds the headers that every response has.
    fn labelled(&self, reply: Reply) -> Reply {
        let id = format!("{:016x}", lock(&self.account).random.next());
        let time = format!("{:.3}", self.clock.now().seconds);
        reply.header("X-Request-Id", &id).header("X-Zendesk-Request-Id", id).header("X-Simulator-Time", time)
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
        call.logged(self.clock.now())
    }

    async fn answer(&self, call: &Call) -> Option<(Reply, Wire)> {
        let (reply, wire) = self.metered(call, self.clock.now()).await?;
        Some((self.labelled(reply), wire))
    }
}
