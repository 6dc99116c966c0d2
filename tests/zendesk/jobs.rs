//! Updates by jobs: the outcome of every item is known, or reported as unknown.

use std::time::Duration;

use crate::support::{
    attributes, client, count, desk, fault, named, organization, remote, rows, settings, with, Journal,
};
use crm_sync::http::Limits;
use crm_sync::zendesk::{
    job, update_many, write, Changes, JobStatus, Outcome, Reason, RowUpdate, Settings, Stage, Written,
};
use crm_sync::Error;
use crm_sync_simulator::zendesk::Zendesk;
use serde_json::{json, Value};

fn ten(faults: Value) -> Zendesk {
    desk(json!({"organizations": named(10), "faults": faults, "job_seconds": 2}))
}

fn change() -> Value {
    json!({"notes": "new"})
}

async fn updated(desk: &Zendesk) -> Written {
    update_many(&client(desk), rows(1..=10, &change())).await
}

/// Returns one letter for each outcome.
fn outcomes(written: &Written) -> String {
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Done => 'd',
        Outcome::Refused(_) => 'r',
        Outcome::Unknown(_) => 'u',
        Outcome::NotTried(_) => 'n',
    };
    written.items.iter().map(|item| letter(&item.outcome)).collect()
}

fn why(written: &Written, index: usize) -> String {
    match &written.items[index].outcome {
        Outcome::Unknown(why) | Outcome::NotTried(why) => why.clone(),
        Outcome::Refused(refusal) => refusal.message.clone(),
        Outcome::Done => String::new(),
    }
}

fn new_notes(desk: &Zendesk) -> usize {
    desk.organizations().iter().filter(|row| row["notes"] == "new").count()
}

#[tokio::test]
async fn every_row_has_its_end() {
    let desk = ten(json!([]));
    let written = updated(&desk).await;
    assert_eq!(outcomes(&written), "dddddddddd");
    let ids: Vec<_> = written.items.iter().map(|item| (item.stage, item.index, item.id)).collect();
    assert_eq!(ids[9], (Stage::Update, 9, Some(10)));
    assert_eq!(new_notes(&desk), 10);
}

#[tokio::test]
async fn nothing_to_do_sends_nothing() {
    let desk = ten(json!([]));
    assert!(update_many(&client(&desk), Vec::new()).await.items.is_empty());
    assert!(desk.requests().is_empty());
}

#[tokio::test]
async fn job_says_completed_with_failed_items() {
    let failures = json!({"item_failures": {"count": 9, "details": "Name:  A has already been taken"}});
    let desk = ten(fault("update_many", failures));
    let written = updated(&desk).await;
    assert_eq!(outcomes(&written), "rrrrrrrrrd");
    let Outcome::Refused(refusal) = &written.items[3].outcome else { panic!("not refused") };
    assert_eq!((refusal.reason, refusal.code.as_deref()), (Reason::NameTaken, Some("OrganizationUpdateFailed")));

    let unsuccessful = ten(fault("update_many", json!({"item_failures": {"count": 2, "unsuccessful": true}})));
    assert_eq!(outcomes(&updated(&unsuccessful).await), "rrdddddddd");
    let all = ten(fault("update_many", json!({"item_failures": {"count": 10}})));
    assert_eq!(outcomes(&updated(&all).await), "rrrrrrrrrr", "the job has failed, but tells of every item");
}

#[tokio::test]
async fn a_name_that_is_taken_fails_one_item_alone() {
    let desk = ten(json!([]));
    let mut rows = rows(1..=3, &change());
    rows[1].attributes = attributes(json!({"name": "n9 "}));
    rows.push(RowUpdate { id: 77, attributes: attributes(change()) });
    let written = update_many(&client(&desk), rows).await;
    let reasons = written.items.iter().map(|item| match &item.outcome {
        Outcome::Refused(refusal) => Some(refusal.reason),
        _ => None,
    });
    assert_eq!(reasons.collect::<Vec<_>>(), [None, Some(Reason::NameTaken), None, Some(Reason::Missing)]);
}

#[tokio::test]
async fn results_that_are_missing_are_unknown() {
    let desk = ten(fault("update_many", json!({"missing_results": 3})));
    let written = updated(&desk).await;
    assert_eq!(outcomes(&written), "ddddddduuu");
    assert!(why(&written, 9).contains("run the sync again"), "{}", why(&written, 9));
}

#[tokio::test]
async fn jobs_that_are_killed_or_never_end_leave_their_items_unknown() {
    for (status, word) in [("killed", "was killed"), ("working", "no end"), ("queued", "no end")] {
        let desk = ten(fault("update_many", json!({"job_stops": {"status": status, "after": 4}})));
        let written = updated(&desk).await;
        assert_eq!(outcomes(&written), "uuuuuuuuuu", "{status}");
        assert!(why(&written, 0).contains(word) && why(&written, 0).contains("V3-"), "{}", why(&written, 0));
    }
}

#[tokio::test]
async fn jobs_that_are_forgotten_leave_their_items_unknown() {
    let desk = ten(json!([{"on": "job_status", "answer": "job_expire"}]));
    let written = updated(&desk).await;
    assert_eq!(outcomes(&written), "uuuuuuuuuu");
    assert!(why(&written, 0).contains("has forgotten"), "{}", why(&written, 0));
    assert!(count(&desk, "GET", "/job_statuses") > 0, "the list was looked at too");
}

#[tokio::test]
async fn a_look_up_that_misses_a_job_is_no_proof() {
    let nothing = json!({"status": {"status": 200, "body": "{\"job_statuses\":[]}"}});
    let desk = ten(fault("job_status", nothing));
    assert_eq!(outcomes(&updated(&desk).await), "dddddddddd");
}

#[tokio::test]
async fn a_look_up_that_finds_no_job_leaves_the_list_to_tell() {
    let desk = ten(fault("job_status", json!({"status": {"status": 404}})));
    assert_eq!(outcomes(&updated(&desk).await), "dddddddddd");
    assert_eq!(count(&desk, "GET", "/job_statuses"), 1);
}

#[tokio::test]
async fn a_job_that_neither_its_id_nor_the_list_finds_is_given_up_before_its_patience_ends() {
    let not_found = json!({"on": "job_status", "times": 1, "answer": {"status": {"status": 404}}});
    let list = json!({"job_statuses": [], "meta": {"has_more": false}, "links": {"next": null}}).to_string();
    let no_jobs = json!({"on": "job_status", "times": 1, "answer": {"status": {"status": 200, "body": list}}});
    let desk = ten(json!([not_found, no_jobs, not_found, no_jobs]));
    let written = updated(&desk).await;
    assert_eq!(outcomes(&written), "uuuuuuuuuu");
    assert!(why(&written, 0).contains("has forgotten"), "{}", why(&written, 0));
    assert_eq!(count(&desk, "GET", "/job_statuses"), 2, "it is asked for twice, and not until its patience ends");
}

#[tokio::test]
async fn answers_that_neither_the_jobs_nor_their_list_are_found_are_no_proof() {
    let not_found = json!({"on": "job_status", "times": 8, "answer": {"status": {"status": 404}}});
    let desk = ten(json!([not_found]));
    assert_eq!(outcomes(&updated(&desk).await), "dddddddddd", "a gateway answers so, which knows of neither");
}

#[tokio::test]
async fn questions_that_fail_in_passing_do_no_harm() {
    for answer in [
        json!("close"),
        json!("hang"),
        json!("html"),
        json!("cut_json"),
        json!({"status": {"status": 500}}),
        json!({"too_many_requests": {"retry_after": 1, "body": "html"}}),
        json!("expire_token"),
    ] {
        let desk = ten(fault("job_status", answer.clone()));
        assert_eq!(outcomes(&updated(&desk).await), "dddddddddd", "{answer}");
    }
    let desk = ten(json!([{"on": "job_status", "times": 8, "answer": {"status": {"status": 500}}}]));
    assert_eq!(outcomes(&updated(&desk).await), "dddddddddd");
}

/// A job whose response was lost is sent again only when no job runs that it can have become.
#[tokio::test]
async fn a_lost_job_is_sent_again_and_never_beside_itself() {
    for answer in [
        json!("lost_answer"),
        json!("close"),
        json!("hang"),
        json!("truncate"),
        json!("cut_json"),
        json!("html"),
        json!({"status": {"status": 500}}),
        // A 503 without a reason may come from a gateway that lost the response.
        json!({"unavailable": {}}),
    ] {
        // The job takes longer than the 2 s for which a request may still be on its way after its response was lost.
        let faults = fault("update_many", answer.clone());
        let desk = desk(json!({"organizations": named(10), "faults": faults, "job_seconds": 6}));
        assert_eq!(outcomes(&updated(&desk).await), "dddddddddd", "{answer}");
        let jobs = desk.jobs();
        assert!(jobs.windows(2).all(|two| two[0].ended_at.is_some_and(|end| end <= two[1].at)), "{answer}");
        assert_eq!(new_notes(&desk), 10, "{answer}");
    }
    let desk = ten(json!([{"on": "update_many", "answer": "close"}]));
    let written = updated(&desk).await;
    assert_eq!((outcomes(&written).as_str(), count(&desk, "PUT", "/update_many")), ("uuuuuuuuuu", 3));
}

/// Rows that were sent may have been written, even if they wait to be sent again when the run ends.
#[tokio::test]
async fn what_was_sent_without_an_answer_is_never_said_to_be_untried_or_refused() {
    let desk = ten(json!([{"on": "update_many", "answer": {"status": {"status": 500}}}]));
    assert_eq!(outcomes(&updated(&desk).await), "uuuuuuuuuu");
    let limited = json!({"too_many_requests": {"retry_after": 90_000}});
    let refused = [json!({"error": {"status": 403, "code": "Forbidden"}}), limited];
    for answer in refused {
        let faults =
            json!([{"on": "update_many", "times": 1, "answer": "close"}, {"on": "update_many", "answer": answer}]);
        let written = updated(&ten(faults)).await;
        assert_eq!(outcomes(&written), "uuuuuuuuuu", "{answer}");
        assert!(written.stopped.is_some());
    }
}

#[tokio::test]
async fn a_refusal_that_did_nothing_is_tried_again() {
    for answer in [
        json!({"unavailable": {"retry_after": 1}}),
        json!({"too_many_requests": {"retry_after": 1}}),
        json!({"too_many_requests": {"body": "edge"}}),
        json!("expire_token"),
    ] {
        let desk = ten(fault("update_many", answer.clone()));
        assert_eq!(outcomes(&updated(&desk).await), "dddddddddd", "{answer}");
        assert_eq!(desk.jobs().len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn jobs_that_are_refused_whatever_is_in_them_refuse_every_row() {
    let error = json!({"error": {"status": 422, "code": "RecordInvalid", "description": "No"}});
    let desk = ten(json!([{"on": "update_many", "answer": error}]));
    let written = updated(&desk).await;
    assert_eq!((outcomes(&written).as_str(), written.stopped.is_none()), ("rrrrrrrrrr", true));
    assert!(why(&written, 0).starts_with("No (request "), "{}", why(&written, 0));
}

#[tokio::test]
async fn rights_that_are_missing_end_the_run() {
    let forbidden = json!({"error": {"status": 403, "code": "Forbidden"}});
    let desk = desk(json!({"organizations": named(250), "faults": [{"on": "update_many", "answer": forbidden}]}));
    let written = update_many(&client(&desk), rows(1..=250, &change())).await;
    assert!(matches!(&written.stopped, Some(Error::Remote(error)) if error.status == Some(403)));
    let (refused, rest) = written.items.split_at(100);
    assert!(refused.iter().all(|item| matches!(item.outcome, Outcome::Refused(_))));
    assert!(rest.iter().all(|item| matches!(item.outcome, Outcome::NotTried(_))));
    assert_eq!(count(&desk, "PUT", "/update_many"), 1);
}

#[tokio::test]
async fn field_key_missing_in_zendesk() {
    let desk = ten(json!([]));
    let mut rows = rows(1..=3, &change());
    rows[1].attributes = attributes(json!({"notes": "new", "organization_fields": {"typo": "x"}}));
    let written = update_many(&client(&desk), rows).await;
    assert_eq!(outcomes(&written), "drd");
    assert!(why(&written, 1).contains("organization_fields.typo"), "{}", why(&written, 1));
}

#[tokio::test]
async fn same_organization_in_an_update_and_a_mark() {
    let desk = ten(json!([]));
    let updates = rows([1, 2, 1], &json!({"notes": "first"}));
    let marks = rows([2, 3], &json!({"notes": "last"}));
    let journal = Journal::default();
    let written = write(&client(&desk), Changes { updates, marks, ..Changes::default() }, &journal).await;
    assert_eq!(outcomes(&written), "ddddd");
    assert_eq!(organization(&desk, 2)["notes"], "last");
    let jobs = desk.jobs();
    let overlap = jobs.iter().enumerate().flat_map(|(n, one)| jobs[n + 1..].iter().map(move |other| (one, other)));
    for (one, other) in
        overlap.filter(|(one, other)| one.organization_ids.iter().any(|id| other.organization_ids.contains(id)))
    {
        assert!(one.ended_at.is_some_and(|end| end <= other.at), "one organization in two jobs at once");
    }
    assert_eq!(journal.lines("sending Mark").len(), 2);
    assert_eq!(journal.lines("accepted").len(), jobs.len());
}

#[tokio::test]
async fn an_organization_whose_job_has_no_end_is_written_by_no_other() {
    let desk = ten(fault("update_many", json!({"job_stops": {"status": "working"}})));
    let settings = Settings { job_patience: Duration::from_secs(4), ..settings(&desk) };
    let changes = Changes { updates: rows([1], &change()), marks: rows([1, 2], &change()), ..Changes::default() };
    let written = write(&with(settings), changes, &Journal::default()).await;
    assert_eq!(outcomes(&written), "und");
    assert!(why(&written, 1).contains("hold its organization"), "{}", why(&written, 1));
}

#[tokio::test]
async fn too_many_jobs_is_obeyed() {
    for (status, limit) in [(429, 3), (503, 1), (400, 3)] {
        let options =
            json!({"organizations": named(1000), "job_limit": limit, "too_many_jobs_status": status, "job_seconds": 2});
        let desk = desk(options);
        let written = update_many(&client(&desk), rows(1..=1000, &change())).await;
        assert!(written.items.iter().all(|item| item.outcome == Outcome::Done), "{status}");
        let refused = desk.requests().iter().filter(|request| request.status == status).count();
        assert!(refused <= 1, "{refused} times {status}");
    }
}

#[tokio::test]
async fn places_that_others_have_are_waited_for() {
    let desk = desk(json!({"organizations": named(300), "job_seconds": 2,
                           "faults": [{"on": "update_many", "times": 2, "answer": "too_many_jobs"}]}));
    let written = update_many(&client(&desk), rows(1..=300, &change())).await;
    assert!(written.items.iter().all(|item| item.outcome == Outcome::Done));
    let sent: Vec<f64> =
        desk.requests().iter().filter(|request| request.method == "PUT").map(|request| request.time.at).collect();
    assert!(sent[1] >= sent[0] + 5.0 && sent[2] >= sent[1] + 10.0, "{sent:?}");
}

#[tokio::test]
async fn places_that_others_take_in_mid_run_are_left_to_them() {
    let faults = json!([{"on": "update_many", "skip": 5, "times": 1, "answer": "too_many_jobs"}]);
    let desk = desk(json!({"organizations": named(1000), "job_seconds": 2, "faults": faults}));
    let written = update_many(&client(&desk), rows(1..=1000, &change())).await;
    assert!(written.items.iter().all(|item| item.outcome == Outcome::Done));
    assert_eq!((desk.jobs().len(), count(&desk, "PUT", "/update_many")), (10, 11));
}

#[tokio::test]
async fn no_wait_goes_beyond_the_deadline() {
    let desk = ten(json!([{"on": "update_many", "skip": 1, "answer": "too_many_jobs"}]));
    let limits = Limits { deadline: Duration::from_millis(400), ..settings(&desk).limits };
    let settings = Settings { limits, job_patience: Duration::from_secs(3600), ..settings(&desk) };
    let stuck = ten(fault("update_many", json!({"job_stops": {"status": "working"}})));
    let written =
        update_many(&with(Settings { host: stuck.url().into(), ..settings.clone() }), rows(1..=10, &change())).await;
    assert_eq!(outcomes(&written), "uuuuuuuuuu");
    let full = ten(json!([{"on": "update_many", "answer": "too_many_jobs"}]));
    let written = update_many(&with(Settings { host: full.url().into(), ..settings }), rows(1..=10, &change())).await;
    assert_eq!(outcomes(&written), "nnnnnnnnnn");
    assert!(why(&written, 0).contains("deadline"), "{}", why(&written, 0));
}

/// The request may have arrived, although it had no response when the run ended.
#[tokio::test]
async fn a_batch_without_an_answer_at_the_deadline_has_an_outcome() {
    let desk = ten(fault("update_many", json!("hang")));
    let limits = Limits {
        deadline: Duration::from_millis(400),
        read_timeout: Duration::from_secs(60),
        ..settings(&desk).limits
    };
    let changes = Changes { updates: rows(1..=10, &change()), ..Changes::default() };
    let journal = Journal::default();
    let written = write(&with(Settings { limits, ..settings(&desk) }), changes, &journal).await;
    assert_eq!((outcomes(&written).as_str(), journal.lines("finished").len()), ("uuuuuuuuuu", 10));
    assert!(why(&written, 0).contains("run the sync again"), "{}", why(&written, 0));
}

#[tokio::test]
async fn one_job_can_be_asked_for() {
    let desk = ten(json!([]));
    updated(&desk).await;
    let id = desk.jobs()[0].id.clone();
    let found = job(&client(&desk), &id).await.expect("a job");
    assert_eq!((found.status, found.total, found.progress), (JobStatus::Completed, Some(10), Some(10)));
    let error = remote(job(&client(&desk), "../organizations").await);
    assert_eq!(error.status, Some(404));
}
