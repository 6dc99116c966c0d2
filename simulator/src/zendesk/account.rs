//! The state of the account, which requests and jobs change.

use super::error::Invalid;
use super::fields::Fields;
use super::habits::Habits;
use super::job::{Job, Work};
use super::limits::Limits;
use super::options::Options;
use super::organizations::Organizations;
use super::running::{Item, Mishap, Running, Target};
use super::{Record, StartError};
use crate::clock::Moment;
use crate::random::Random;

/// Everything that a request can change.
pub(crate) struct Account {
    pub(crate) organizations: Organizations,
    pub(crate) fields: Fields,
    pub(crate) jobs: Jobs,
    pub(crate) limits: Limits,
    pub(crate) random: Random,
}

/// All jobs, including those whose status can no longer be read.
pub(crate) struct Jobs {
    all: Vec<Running>,
    pub(crate) limit: usize,
    seconds: f64,
    status_seconds: f64,
    statuses_kept: usize,
}

impl Account {
    pub(crate) fn new(options: &mut Options, url: &str, now: Moment) -> Result<Account, StartError> {
        let puts_back = std::mem::take(&mut options.puts_back);
        let habits = Habits { squeezes_blanks: options.squeezes_blanks, puts_back };
        let mut account = Account {
            organizations: Organizations::new(url, options.uniqueness_delay, options.search_delay, habits),
            fields: Fields::new(std::mem::take(&mut options.organization_fields), url, now)?,
            jobs: Jobs {
                all: Vec::new(),
                limit: options.job_limit,
                seconds: options.job_seconds,
                status_seconds: options.job_status_seconds,
                statuses_kept: options.job_statuses_kept,
            },
            limits: Limits::new(options.per_minute),
            random: Random::new(options.seed),
        };
        account.replace(std::mem::take(&mut options.organizations), now)?;
        Ok(account)
    }

    pub(crate) fn replace(&mut self, organizations: Vec<Record>, now: Moment) -> Result<(), StartError> {
        self.organizations.replace(organizations, &self.fields, now, &mut self.random)
    }

    pub(crate) fn create(&mut self, attributes: &Record, now: Moment) -> Result<u64, Vec<Invalid>> {
        self.organizations.create(attributes, &self.fields, now, &mut self.random)
    }

    /// Updates an organization. Returns `None` if it does not exist.
    pub(crate) fn update(&mut self, id: u64, attributes: &Record, now: Moment) -> Option<Result<(), Vec<Invalid>>> {
        self.organizations.update(id, attributes, &self.fields, now)
    }

    /// Accepts a job and returns its index.
    pub(crate) fn start(&mut self, work: Work, items: Vec<Item>, mishap: Mishap, now: Moment) -> usize {
        let id = format!("V3-{:016x}{:016x}", self.random.next(), self.random.next());
        let job = Running::new(id, work, items, now.seconds, self.jobs.seconds, mishap);
        self.jobs.all.push(job);
        self.jobs.all.len() - 1
    }

    /// Carries out the items that are due by now, in the order in which they were due.
    pub(crate) fn settle(&mut self, now: Moment) {
        while let Some((place, at, item)) = self.jobs.next(now.seconds) {
            let at = now.at(at);
            let (id, outcome) = match item.target {
                _ if self.jobs.all[place].fails_next() => (item.target.id(), Err(Vec::new())),
                Target::New => match self.create(&item.attributes, at) {
                    Ok(id) => (Some(id), Ok(())),
                    Err(reasons) => (None, Err(reasons)),
                },
                Target::Organization(id) => {
                    let updated = self.update(id, &item.attributes, at);
                    (Some(id), updated.unwrap_or_else(|| Err(vec![nobody()])))
                }
                Target::Nothing => (None, Err(vec![nobody()])),
            };
            self.jobs.all[place].done(id, outcome);
        }
    }
}

impl Jobs {
    pub(crate) fn get(&self, place: usize) -> &Running {
        &self.all[place]
    }

    /// Returns the jobs whose status can be read.
    pub(crate) fn known(&self, now: Moment) -> impl DoubleEndedIterator<Item = &Running> {
        let old = self.all.len().saturating_sub(self.statuses_kept);
        let known = move |(place, job): &(usize, &Running)| {
            let ended = job.ended_at(now.seconds);
            let fresh = ended.is_none_or(|at| *place >= old && now.seconds < at + self.status_seconds);
            fresh && !job.is_forgotten
        };
        self.all.iter().enumerate().filter(known).map(|(_, job)| job)
    }

    pub(crate) fn forget(&mut self, is_meant: impl Fn(&str) -> bool) {
        for job in self.all.iter_mut().filter(|job| is_meant(&job.id)) {
            job.is_forgotten = true;
        }
    }

    /// Returns the ids of the jobs that are queued or working.
    pub(crate) fn in_flight(&self, now: Moment) -> Vec<&str> {
        let jobs = self.all.iter().filter(|job| job.state(now.seconds).is_in_flight());
        jobs.map(|job| job.id.as_str()).collect()
    }

    pub(crate) fn reports(&self, now: Moment) -> Vec<Job> {
        self.all.iter().map(|job| job.report(now)).collect()
    }

    /// Returns the next item that is due, with the index of its job and the time at which it was done.
    fn next(&self, now: f64) -> Option<(usize, f64, Item)> {
        let due = self.all.iter().enumerate().filter_map(|(place, job)| Some((place, job.due()?)));
        let first = due.filter(|(_, at)| *at <= now).min_by(|(_, one), (_, other)| one.total_cmp(other));
        first.and_then(|(place, at)| Some((place, at, self.all[place].next_item()?.clone())))
    }
}

fn nobody() -> Invalid {
    Invalid::new("id", "Organization", "not found", "RecordNotFound")
}
