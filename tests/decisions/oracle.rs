//! The core makes the same decisions as the plain model of the rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Said, SaidChange};
use crate::world::{world, World, VALUES};
use crm_sync::contacts::Decision;
use crm_sync::decision::Book;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};

/// The file of past failures, which proptest tries first.
const PAST_FAILURES: FileFailurePersistence = FileFailurePersistence::Direct("tests/past_failures/oracle.txt");

proptest! {
    #![proptest_config(Config { cases: 3000, failure_persistence: Some(Box::new(PAST_FAILURES)), ..Config::default() })]

    #[test]
    fn the_core_says_what_the_rules_say(world in world()) {
        prop_assert_eq!(told(&world, &world.decide()), world.said());
    }
}

/// Returns a decision as texts.
fn told(world: &World, decision: &Decision) -> Said {
    let mut keys: Vec<i64> = world.users.iter().map(|user| user.key).collect();
    keys.sort_unstable();
    let value = |number: u32| VALUES[number as usize].to_owned();
    let changes = decision.changes.iter().map(|change| {
        let said = SaidChange {
            action: change.action.name().to_owned(),
            contact: change.contact.map(|id| id.to_string()),
            matched: change.matched.as_ref().map(|matched| (matched.address.clone(), matched.tier)),
            fields: change.fields.iter().map(|f| (f.column, value(f.before), value(f.after))).collect(),
            costs: change.costs.iter().map(|cost| (format!("{:?}", cost.budget), cost.column)).collect::<BTreeSet<_>>(),
        };
        (keys[change.user as usize], said)
    });
    let issues = decision.issues.iter().map(|issue| {
        let contacts = issue.contacts.iter().map(ToString::to_string).collect();
        (issue.kind.to_owned(), contacts, issue.users.iter().map(ToString::to_string).collect())
    });
    let ledger = &decision.ledger;
    let book = |book: &Book| book.buckets.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let note = |name: &str| ledger.users.notes.get(name).copied().unwrap_or_default();
    let mut said = Said {
        changes: changes.collect::<BTreeMap<_, _>>(),
        issues: issues.collect(),
        books: [book(&ledger.contacts), book(&ledger.leads), book(&ledger.users)],
        could_suffer: decision
            .could_suffer
            .iter()
            .flatten()
            .map(|(budget, count)| (format!("{budget:?}"), *count))
            .collect(),
        missing: decision.missing_contacts.iter().map(ToString::to_string).collect(),
        notes: [
            note("followed_merges"),
            note("protected_transitions"),
            note("quarantined_fields"),
            note("missing_references"),
            note("fields_of_absent_parents"),
            note("quarantined_by_lead_status"),
            note("leads_contradicted_by_contact"),
            note("followed_leads"),
        ],
    };
    said.issues.sort();
    said
}
