//! Sessions for which several requests wait at once, while a sign-in takes its time or fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use crm_sync::salesforce::{limits, sign_in, Client, Org, Sessions};
use crm_sync::Error;
use futures_util::future::{join, join_all, BoxFuture};
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::support::{org_of, run, settings, sign_ins, start, SignIns};

/// The time after which a test no longer waits for the end of something that would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A source of sessions that belongs to a thread with other work to do.
struct Busy {
    org: Arc<Org>,
    asked: Semaphore,
    free: Semaphore,
}

impl Sessions for Busy {
    fn open(&self, _: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String), Error>> {
        Box::pin(async {
            self.asked.add_permits(1);
            let _free = self.free.acquire().await;
            let granted = sign_in(&self.org, None).await?;
            Ok((granted.access_token, granted.instance_url))
        })
    }
}

fn busy(org: &Arc<Org>) -> Arc<Busy> {
    Arc::new(Busy { org: Arc::clone(org), asked: Semaphore::new(0), free: Semaphore::new(0) })
}

#[test]
fn a_session_that_waits_for_a_busy_thread_holds_up_no_other_client() {
    let simulator = start(json!({"records": {"Contact": []}}));
    let org = org_of(settings(&simulator));
    let thread = busy(&org);
    let waiting = Client::new(Arc::clone(&org), thread.clone());
    let other = Client::new(Arc::clone(&org), Arc::new(SignIns(org, None)));
    let ends = run(|_| async move {
        let work_of_thread = async {
            let _asked = thread.asked.acquire().await;
            let done = limits(&other).await;
            thread.free.add_permits(1);
            done
        };
        timeout(PATIENCE, join(limits(&waiting), work_of_thread)).await
    });
    let (waited, worked) = ends.expect("an end");
    assert!(waited.is_ok() && worked.is_ok(), "{waited:?} {worked:?}");
}

#[test]
fn the_work_of_a_thread_may_take_longer_than_the_deadline() {
    let simulator = start(json!({"records": {"Contact": []}}));
    let mut settings = settings(&simulator);
    settings.limits.deadline = Duration::from_secs(1);
    let org = org_of(settings);
    let thread = busy(&org);
    let client = Client::new(org, thread.clone());
    let end = run(|_| async move {
        let work_of_thread = async {
            let _asked = thread.asked.acquire().await;
            sleep(Duration::from_secs(2)).await;
            thread.free.add_permits(1);
        };
        join(limits(&client), work_of_thread).await.0
    });
    assert!(end.is_ok(), "{end:?}");
}

/// A source of sessions that counts how often it is asked.
struct Counting(SignIns, AtomicUsize);

impl Sessions for Counting {
    fn open(&self, ended: Option<SecretString>) -> BoxFuture<'_, Result<(SecretString, String), Error>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.open(ended)
    }
}

#[test]
fn a_sign_in_that_fails_is_not_repeated_by_those_who_waited_for_it() {
    let status = json!({"status": {"status": 500}});
    let simulator = start(json!({"latency_ms": 10, "faults": [{"on": "token", "answer": status}]}));
    let org = org_of(settings(&simulator));
    let sessions = Arc::new(Counting(SignIns(Arc::clone(&org), None), AtomicUsize::new(0)));
    let client = Client::new(org, sessions.clone());
    let twice = run(|_| async move {
        let all = async || join_all((0..20).map(|_| limits(&client))).await;
        [all().await, all().await].concat()
    });
    let failed = |end: &Result<_, Error>| matches!(end, Err(Error::Remote(error)) if error.attempts == 3);
    assert!(twice.len() == 40 && twice.iter().all(failed));
    assert_eq!((sessions.1.load(Ordering::Relaxed), sign_ins(&simulator)), (2, 6), "one sign-in each time");
}
