//! Reads ranges of ids side by side, with the same rows as every other way of reading.

use std::collections::BTreeSet;

use crm_sync::salesforce::Way;
use crm_sync_simulator::salesforce::{Record, Salesforce};
use proptest::prelude::*;
use serde_json::{json, Value};

use crate::support::{contacts, id, ids, read, settings, sorted, start};

/// The distribution of ids: even, in two pods far from each other, or dense at one end with a few far away.
#[derive(Debug, Clone, Copy)]
enum Spread {
    Even,
    Pods,
    Dense,
}

impl Spread {
    fn id(self, random: u64, number: u64) -> String {
        match self {
            Spread::Even => id("003", random % 62_u64.pow(10)),
            Spread::Pods if random.is_multiple_of(3) => id("0034C00000", random % 60_000),
            Spread::Pods => id("0038d00000", random % 60_000),
            Spread::Dense if number < 5 => id("003", random),
            Spread::Dense => id("003000000", number),
        }
    }
}

#[derive(Debug, Clone)]
struct Case {
    ids: Vec<String>,
    page_sizes: Vec<usize>,
    concurrency: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let spread = prop_oneof![Just(Spread::Even), Just(Spread::Pods), Just(Spread::Dense)];
    let counts = prop_oneof![1..20_u64, 1..1_000_u64, 1..20_000_u64];
    let pages = prop::collection::vec(1..40_usize, 1..4);
    (spread, counts, pages, 1..9_usize, any::<u64>()).prop_map(|(spread, count, pages, concurrency, seed)| {
        let mut random = seed;
        let ids: BTreeSet<String> = (0..count)
            .map(|number| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                spread.id(random >> 3, number)
            })
            .collect();
        let page_sizes = pages.into_iter().map(|pages| ids.len().div_ceil(pages)).collect();
        Case { ids: ids.into_iter().collect(), page_sizes, concurrency }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_way_gives_the_same_rows(case in case()) {
        let org = start(json!({
            "records": {"Contact": contacts(&case.ids)}, "page_sizes": case.page_sizes, "bulk_polls": 0, "shuffle": true,
            "bulk_page_size": 3_000
        }));
        for way in [Way::Serial, Way::Parallel, Way::Auto, Way::Bulk] {
            let mut settings = settings(&org);
            settings.limits.concurrency = case.concurrency;
            settings.bulk_from = 5_000;
            prop_assert_eq!(&sorted(read(settings, way).expect("rows")), &case.ids, "{:?}", way);
        }
        prop_assert!(org.jobs().iter().all(|job| job.deleted));
    }
}

#[test]
fn ranges_are_read_side_by_side() {
    let org = start(json!({"records": {"Contact": contacts(&ids(1_000))}, "page_size": 50}));
    assert_eq!(sorted(read(settings(&org), Way::Auto).expect("rows")), ids(1_000));
    let queries = org.requests().into_iter().filter_map(|request| request.query);
    let ranges: BTreeSet<String> =
        queries.filter(|soql| soql.contains("Id >") && soql.contains("ORDER BY Id")).collect();
    assert!(ranges.len() > 5, "{ranges:?}");
}

#[test]
fn what_fits_on_one_page_is_not_counted() {
    let org = start(json!({"records": {"Contact": contacts(&ids(10))}}));
    read(settings(&org), Way::Parallel).expect("rows");
    assert_eq!(org.requests().len(), 2);
}

#[test]
fn where_the_server_does_not_count_it_is_read_page_by_page() {
    let refusal = json!({"error": {"status": 400, "code": "MALFORMED_QUERY", "message": "no"}});
    let fault = json!({"on": "query", "skip": 1, "times": 1, "answer": refusal});
    let org = start(json!({"records": {"Contact": contacts(&ids(100))}, "page_size": 5, "faults": [fault]}));
    assert_eq!(sorted(read(settings(&org), Way::Parallel).expect("rows")), ids(100));
    assert_eq!(org.requests().len(), 1 + 1 + 1 + 19);
}

/// Replaces the records after this number of requests, or when the reading ends before.
fn replace_after(org: &Salesforce, requests: usize, records: &Value, reading: &dyn Fn() -> bool) {
    let records: Vec<Record> = serde_json::from_value(records.clone()).expect("records");
    while org.requests().len() < requests && reading() {
        std::thread::yield_now();
    }
    org.replace("Contact", records);
}

#[test]
fn a_row_that_is_there_all_the_time_is_never_lost_without_a_word() {
    let before: Vec<String> = (0..600).map(|number| id("0034C", number * 10)).collect();
    let stay = |number: u64| !number.is_multiple_of(7);
    let staying: Vec<String> = (0..600).filter(|number| stay(*number)).map(|number| id("0034C", number * 10)).collect();
    let come = (0..90).map(|number| id("0034C", number * 70 + 3));
    let after: Vec<String> = sorted(staying.iter().cloned().chain(come).collect());
    let after = contacts(&after);
    for way in [Way::Serial, Way::Parallel, Way::Bulk] {
        for requests in 2..24 {
            let org = start(json!({
                "records": {"Contact": contacts(&before)}, "page_size": 40, "bulk_polls": 0, "bulk_page_size": 100
            }));
            let rows = std::thread::scope(|scope| {
                let reading = scope.spawn(|| read(settings(&org), way));
                replace_after(&org, requests, &after, &|| !reading.is_finished());
                reading.join().expect("an end")
            });
            let Ok(rows) = rows else { continue };
            let distinct: BTreeSet<&String> = rows.iter().collect();
            assert_eq!(distinct.len(), rows.len(), "{way:?} {requests}: a row came twice");
            let lost = staying.iter().find(|id| !distinct.contains(id));
            assert_eq!(lost, None, "{way:?} {requests}");
        }
    }
}
