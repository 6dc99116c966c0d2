//! Merges: the winner of each merged record.

use std::collections::HashMap;

use crm_sync::rows::Id;
use crm_sync::salesforce::{fates, Fates};
use serde_json::{json, Value};

use crate::support::{client_of, id, run, settings, start};

fn contact(number: u64) -> Id {
    Id::parse(&id("003", number)).expect("an id")
}

/// Returns the winners of the records in `asked`. `merged` holds pairs of losers and winners.
fn winners(merged: &[(u64, u64)], more: &[Value], asked: &[u64]) -> HashMap<Id, Id> {
    fates_of(merged, more, asked).winners
}

fn fates_of(merged: &[(u64, u64)], more: &[Value], asked: &[u64]) -> Fates {
    let loser = |&(loser, winner): &(u64, u64)| json!({"Id": contact(loser).as_str(), "IsDeleted": true, "MasterRecordId": contact(winner).as_str()});
    let records: Vec<Value> = merged.iter().map(loser).chain(more.iter().cloned()).collect();
    let org = start(json!({"records": {"Contact": records}}));
    let (client, ids) = (client_of(settings(&org)), asked.iter().map(|&number| contact(number)).collect::<Vec<_>>());
    run(|workers| async move { fates(&client, &workers, "Contact", &ids).await }).expect("fates")
}

fn pairs(pairs: &[(u64, u64)]) -> HashMap<Id, Id> {
    pairs.iter().map(|&(loser, winner)| (contact(loser), contact(winner))).collect()
}

#[test]
fn chains_circles_and_those_without_a_master() {
    let gone = json!({"Id": contact(20).as_str(), "IsDeleted": true, "MasterRecordId": null});
    let there = json!({"Id": contact(3).as_str(), "IsDeleted": false, "MasterRecordId": null});
    let merged = [(1, 2), (2, 3), (10, 11), (11, 10), (21, 20)];
    let Fates { winners, gone } = fates_of(&merged, &[gone, there], &[1, 2, 3, 10, 11, 20, 21, 99]);
    assert_eq!(winners, pairs(&[(1, 3), (2, 3), (21, 20)]));
    assert_eq!(gone, [1, 2, 3, 10, 11, 20, 21].map(contact).into(), "of 99 nothing is known");
}

#[test]
fn a_chain_of_ten_has_an_end_and_a_longer_one_none() {
    let chain: Vec<(u64, u64)> = (1..=11).map(|number| (number, number + 1)).collect();
    assert_eq!(winners(&chain, &[], &[1]), HashMap::new());
    assert_eq!(winners(&chain, &[], &[2]), pairs(&[(2, 12)]));
}

#[test]
fn more_ids_than_one_query_takes() {
    let merged: Vec<(u64, u64)> = (0..2_000).map(|number| (number, number + 10_000)).collect();
    let asked: Vec<u64> = (0..2_500).collect();
    assert_eq!(winners(&merged, &[], &asked), pairs(&merged));
}
