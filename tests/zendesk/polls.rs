//! Polls of jobs at an account that responds exactly as each test says.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crm_sync::zendesk::{update_many, write, Changes, Finished, Outcome, Progress, Settings, Written};
use serde_json::{json, Value};

use crate::support::{rows, settings_at, with};
use crate::wire::{Answer, Request, Wire};

const PATIENCE: Duration = Duration::from_secs(10);

/// The jobs of an account, each with the ids of its organizations.
#[derive(Default)]
struct Jobs(Mutex<Vec<Vec<u64>>>);

impl Jobs {
    /// Accepts a job, and returns the response.
    fn accept(&self, request: &Request) -> Value {
        let body: Value = serde_json::from_str(&request.body).expect("a body");
        let organizations = body["organizations"].as_array().expect("rows");
        let mut jobs = self.0.lock().expect("jobs");
        jobs.push(organizations.iter().map(|row| row["id"].as_u64().expect("an id")).collect());
        json!({"job_status": {"id": format!("j{}", jobs.len()), "status": "queued"}})
    }

    fn count(&self) -> usize {
        self.0.lock().expect("jobs").len()
    }

    /// Returns the status of a job that has written its organizations.
    fn completed(&self, number: usize) -> Value {
        let result = |id: &u64| json!({"id": id, "status": "Updated", "success": true});
        let results: Vec<Value> = self.0.lock().expect("jobs")[number - 1].iter().map(result).collect();
        json!({"id": format!("j{number}"), "status": "completed", "results": results})
    }
}

fn working(number: usize) -> Value {
    json!({"id": format!("j{number}"), "status": "working"})
}

fn found(jobs: &[Value]) -> Answer {
    (200, json!({"job_statuses": jobs}).to_string())
}

fn listed(jobs: &[Value]) -> Answer {
    (200, json!({"job_statuses": jobs, "meta": {"has_more": false}, "links": {"next": null}}).to_string())
}

fn sign_in() -> Answer {
    (200, json!({"access_token": "hush", "token_type": "bearer", "scope": "read write"}).to_string())
}

fn settings(wire: &Wire) -> Settings {
    let mut settings = settings_at(&wire.url);
    settings.limits.read_timeout = PATIENCE;
    settings
}

fn not_done(written: &Written) -> Vec<&Finished> {
    written.items.iter().filter(|item| item.outcome != Outcome::Done).collect()
}

/// The first poll asks for the first job only. It cannot miss the second one, which is accepted meanwhile.
#[tokio::test]
async fn a_poll_that_did_not_ask_for_a_job_does_not_miss_it() {
    let (jobs, polls) = (Jobs::default(), Mutex::new(0));
    let both_accepted = Signal::default();
    let wire = Wire::start(move |_, request| match request.line.as_str() {
        "PUT /api/v2/organizations/update_many" => {
            let accepted = jobs.accept(request);
            if jobs.count() == 2 {
                both_accepted.give();
            }
            (200, accepted.to_string())
        }
        "GET /api/v2/job_statuses/show_many" => {
            both_accepted.wait();
            let mut polls = polls.lock().expect("polls");
            *polls += 1;
            match *polls {
                // The second poll asks for both, and misses the second one.
                1 | 2 => found(&[working(1)]),
                _ => found(&[jobs.completed(1), jobs.completed(2)]),
            }
        }
        "GET /api/v2/job_statuses" => listed(&[]),
        "POST /oauth/tokens" => sign_in(),
        other => panic!("{other}"),
    });
    let written = update_many(&with(settings(&wire)), rows(1..=150, &json!({"notes": "new"}))).await;
    assert!(written.items.len() == 150 && not_done(&written).is_empty(), "{:?}", not_done(&written));
}

/// The list of running jobs lags behind, and names a job of this run that has ended. The lost batch cannot have become
/// that job.
#[tokio::test]
async fn a_job_of_this_run_that_has_ended_does_not_keep_a_lost_batch_waiting() {
    let jobs = Jobs::default();
    let lost = Mutex::new(false);
    let wire = Wire::start(move |_, request| match request.line.as_str() {
        "PUT /api/v2/organizations/update_many"
            if jobs.count() == 1 && !std::mem::replace(&mut *lost.lock().expect("lost"), true) =>
        {
            (500, String::new())
        }
        "PUT /api/v2/organizations/update_many" => (200, jobs.accept(request).to_string()),
        "GET /api/v2/job_statuses/show_many" => {
            found(&(1..=jobs.count()).map(|number| jobs.completed(number)).collect::<Vec<_>>())
        }
        "GET /api/v2/job_statuses" => listed(&[working(1)]),
        "POST /oauth/tokens" => sign_in(),
        other => panic!("{other}"),
    });
    let written = update_many(&with(settings(&wire)), rows(1..=150, &json!({"notes": "new"}))).await;
    assert!(not_done(&written).is_empty(), "{:?}", not_done(&written));
}

/// The first job never ends. The response to the second one is lost after the first has been given up.
#[tokio::test]
async fn a_job_that_was_given_up_does_not_keep_a_lost_batch_waiting() {
    let (jobs, given_up) = (Jobs::default(), std::sync::Arc::new(Signal::default()));
    let (first_is_given_up, lost) = (std::sync::Arc::clone(&given_up), Mutex::new(false));
    let wire = Wire::start(move |_, request| match request.line.as_str() {
        "PUT /api/v2/organizations/update_many"
            if jobs.count() == 1 && !std::mem::replace(&mut *lost.lock().expect("lost"), true) =>
        {
            first_is_given_up.wait();
            (500, String::new())
        }
        "PUT /api/v2/organizations/update_many" => (200, jobs.accept(request).to_string()),
        "GET /api/v2/job_statuses/show_many" if jobs.count() == 1 => found(&[working(1)]),
        "GET /api/v2/job_statuses/show_many" => found(&[working(1), jobs.completed(2)]),
        "GET /api/v2/job_statuses" => listed(&[working(1)]),
        "POST /oauth/tokens" => sign_in(),
        other => panic!("{other}"),
    });
    let changes = Changes { updates: rows(1..=150, &json!({"notes": "new"})), ..Changes::default() };
    let written = write(&with(settings(&wire)), changes, &*given_up).await;
    let unknown = not_done(&written);
    assert_eq!(unknown.len(), 100, "only the rows of the first job: {:?}", unknown.last());
}

/// Something that one thread waits for, for a limited time.
#[derive(Default)]
struct Signal(Mutex<bool>, Condvar);

impl Signal {
    fn give(&self) {
        *self.0.lock().expect("a signal") = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        let waiting = self.1.wait_timeout_while(self.0.lock().expect("a signal"), PATIENCE, |given| !*given);
        assert!(!waiting.expect("a signal").1.timed_out());
    }
}

/// Gives the signal when the first item is finished.
impl Progress for Signal {
    fn finished(&self, _: &Finished) {
        self.give();
    }
}
