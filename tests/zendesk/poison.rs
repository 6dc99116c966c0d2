//! One row that makes its whole job fail is found, and the other rows are written.

use crate::support::{attributes, client, count, desk, named, rows};
use crm_sync::zendesk::{update_many, Outcome, RowUpdate, Written};
use crm_sync_simulator::zendesk::Zendesk;
use serde_json::{json, Value};

/// Updates a hundred organizations. The rows with the ids in `poison` are bad.
async fn updated(desk: &Zendesk, poison: &[u64]) -> Written {
    let mut all = rows(1..=100, &json!({"notes": "new"}));
    let spoil = |row: &mut RowUpdate| row.attributes = attributes(json!({"notes": "poison"}));
    all.iter_mut().filter(|row| poison.contains(&row.id)).for_each(spoil);
    update_many(&client(desk), all).await
}

fn hundred(options: Value) -> Zendesk {
    let mut all = json!({"organizations": named(100), "job_seconds": 1});
    all.as_object_mut().expect("options").extend(attributes(options));
    desk(all)
}

/// Returns the organizations that were refused, each with its reason.
fn refused(written: &Written) -> Vec<(u64, String)> {
    let refusal = |outcome: &Outcome| match outcome {
        Outcome::Refused(refusal) => Some(refusal.message.clone()),
        _ => None,
    };
    written.items.iter().filter_map(|item| Some((item.id?, refusal(&item.outcome)?))).collect()
}

fn done(written: &Written) -> usize {
    written.items.iter().filter(|item| item.outcome == Outcome::Done).count()
}

fn new_notes(desk: &Zendesk) -> usize {
    desk.organizations().iter().filter(|row| row["notes"] == "new").count()
}

#[tokio::test]
async fn a_job_that_fails_for_one_row_fails_for_that_row_alone() {
    let desk = hundred(json!({"poison": {"text": "poison", "message": "undefined method `strip'"}}));
    let written = updated(&desk, &[42]).await;
    let refused = refused(&written);
    assert_eq!((refused.len(), refused[0].0, done(&written), new_notes(&desk)), (1, 42, 99, 99), "{refused:?}");
    assert!(refused[0].1.contains("undefined method `strip'"), "the job's message is told: {refused:?}");
    assert!(count(&desk, "PUT", "/update_many") <= 15);
}

#[tokio::test]
async fn a_request_that_is_refused_for_one_row_is_refused_for_that_row_alone() {
    for status in [400, 422] {
        let desk = hundred(json!({"poison": {"text": "poison", "status": status, "message": "Notes: is spoilt"}}));
        let written = updated(&desk, &[1, 100]).await;
        let ids: Vec<u64> = refused(&written).iter().map(|(id, _)| *id).collect();
        assert_eq!((ids, done(&written), new_notes(&desk)), (vec![1, 100], 98, 98), "{status}");
        assert!(refused(&written)[0].1.contains("Notes: is spoilt"));
    }
}

/// An error at each attempt may also be caused by a row.
#[tokio::test]
async fn a_row_that_breaks_zendesk_is_found() {
    let desk = hundred(json!({"poison": {"text": "poison", "status": 500}}));
    let written = updated(&desk, &[7]).await;
    let unknown: Vec<_> =
        written.items.iter().filter(|item| item.outcome != Outcome::Done).map(|item| item.id).collect();
    assert_eq!((unknown, new_notes(&desk)), (vec![Some(7)], 99));
}

#[tokio::test]
async fn what_is_too_large_together_goes_in_parts() {
    let desk = hundred(json!({"max_job_bytes": 1_000}));
    let written = updated(&desk, &[]).await;
    assert_eq!((done(&written), new_notes(&desk)), (100, 100));
}

#[tokio::test]
async fn what_is_too_large_alone_is_named() {
    let desk = hundred(json!({"max_job_bytes": 20_000}));
    let mut all = rows(1..=100, &json!({"notes": "new"}));
    all[9].attributes = attributes(json!({"notes": "x".repeat(30_000)}));
    let written = update_many(&client(&desk), all).await;
    let ids: Vec<u64> = refused(&written).iter().map(|(id, _)| *id).collect();
    assert_eq!((ids, new_notes(&desk)), (vec![10], 99));
}

/// If every row is bad, the search for bad rows ends, and no row gets the reason of another.
#[tokio::test]
async fn no_more_is_spent_on_finding_out_than_can_be_afforded() {
    let desk = desk(json!({"organizations": named(300), "job_seconds": 1, "per_minute": 100_000,
                           "poison": {"text": "poison", "status": 422, "message": "Notes: is spoilt"}}));
    let written = update_many(&client(&desk), rows(1..=300, &json!({"notes": "poison"}))).await;
    assert_eq!(done(&written), 0);
    assert!(count(&desk, "PUT", "/update_many") <= 3 + 200);
    let left: Vec<_> = written.items.iter().filter(|item| matches!(item.outcome, Outcome::NotTried(_))).collect();
    assert_eq!(left.len() + refused(&written).len(), 300);
    let Outcome::NotTried(why) = &left[0].outcome else { panic!("{left:?}") };
    assert!(why.contains("not known by which row") && !why.contains("is spoilt"), "{why}");
}
