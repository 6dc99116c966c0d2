//! Properties of the comparison over generated partners (P1 and P4 to P7): the books balance, values that somebody else
//! has changed are not overwritten, budgets count what they limit, the order of rows does not matter, and a second run
//! finds nothing to do.

use std::collections::BTreeSet;

use crate::books::balances;
use crate::partners::{folded, partners, Partners};
use crm_sync::organizations::{moved, Action, Budget, Change, FieldChange, Planned, Policy};
use crm_sync::rows::Id;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};

/// The file of past failures, which proptest tries first.
const PAST_FAILURES: FileFailurePersistence = FileFailurePersistence::Direct("tests/past_failures/organizations.txt");

proptest! {
    #![proptest_config(Config { cases: 600, failure_persistence: Some(Box::new(PAST_FAILURES)), ..Config::default() })]

    #[test]
    fn any_permutation_of_the_rows_gives_the_same_decision((partners, permutation) in permuted()) {
        prop_assert_eq!(partners.decide(), permutation.decide());
    }

    #[test]
    fn the_books_balance(partners in partners()) {
        let ledger = partners.decide().ledger;
        prop_assert!(balances(&ledger.accounts) && balances(&ledger.organizations), "{ledger:?}");
        prop_assert_eq!(ledger.accounts.rows, partners.accounts.len());
        prop_assert_eq!(ledger.organizations.rows, partners.organizations.len());
    }

    /// If another organization gives up a name in the first run, the name is announced in that run and taken in the
    /// next.
    #[test]
    fn a_second_run_plans_nothing_but_names_that_became_free(partners in partners()) {
        let mut partners = partners.with_unique_names();
        for _ in 0..=partners.organizations.len() + partners.accounts.len() {
            let first = partners.decide();
            partners.apply(&first);
            let announced = first.issues.iter().filter(|issue| issue.message.contains("the next run takes it"));
            let announced: BTreeSet<Id> = announced.flat_map(|issue| issue.accounts.clone()).collect();
            let second = partners.decide();
            for change in &second.changes {
                prop_assert!(announced.contains(&change.key), "{change:?}");
                let renames = change.action == Action::Create || change.fields.iter().all(|f| f.target.to_string() == "name");
                prop_assert!(renames, "{change:?}");
            }
            if second.changes.is_empty() {
                return Ok(());
            }
        }
        prop_assert!(false, "it never ends");
    }

    /// P4: somebody else changes some of the organizations between the plan and the write.
    #[test]
    fn what_another_hand_has_touched_is_told_and_nothing_else(
        (partners, touched) in (partners(), prop::collection::btree_set(1..30_u64, 0..20))
    ) {
        let mut partners = partners;
        let changes: Vec<_> = partners.decide().changes.into_iter().filter(|c| c.organization.is_some()).collect();
        partners.organizations.iter_mut().filter(|o| touched.contains(&o.id)).for_each(|o| o.owner = Some("Hand".into()));
        let told = moved(&planned(&changes), &partners.organization_table(), &partners.rules());
        for (change, told) in changes.iter().zip(told) {
            let writes_owner = change.fields.iter().any(|field| field.target.to_string().ends_with("owner"));
            let is_touched = touched.contains(&change.organization.unwrap_or_default());
            prop_assert_eq!(told.is_some(), writes_owner && is_touched, "{:?}: {:?}", change, told);
        }
    }

    /// P5: rows that spend a budget are among those that could, because the limits would mean nothing otherwise.
    #[test]
    fn no_budget_is_spent_on_more_than_could_suffer(partners in partners()) {
        let decision = partners.decide();
        for (budget, count) in &decision.could_suffer {
            let spent = decision.changes.iter().filter(|change| change.budgets.contains(budget)).count();
            prop_assert!(spent <= *count, "{budget:?}: {spent} of {count}");
        }
    }

    #[test]
    fn nothing_is_changed_twice(partners in partners()) {
        let changes = partners.decide().changes;
        prop_assert!(changes.windows(2).all(|pair| pair[0].key < pair[1].key), "sorted, without repeats: {changes:?}");
        let organizations: Vec<u64> = changes.iter().filter_map(|change| change.organization).collect();
        prop_assert_eq!(organizations.iter().collect::<BTreeSet<_>>().len(), organizations.len());
        prop_assert!(changes.iter().all(|change| !change.fields.is_empty()));
    }

    #[test]
    fn marks_are_for_managed_organizations_without_account_only(partners in partners()) {
        for change in partners.decide().changes {
            prop_assert_eq!(change.action == Action::Mark, change.budgets.contains(&Budget::Mark));
            if change.action != Action::Mark {
                continue;
            }
            let organization = partners.only(change.organization);
            prop_assert!(organization.kind.is_some_and(|kind| kind != "customer") && organization.mark != Some(true));
            prop_assert!(organization.date.is_some_and(|date| date < "2023-11-21") || !partners.aged);
            prop_assert!(partners.accounts.iter().all(|account| Id::parse(account.key.trim()) != Some(change.key)));
        }
    }

    #[test]
    fn what_is_written_has_the_id_or_is_adopted_for_its_name(partners in partners()) {
        for change in partners.decide().changes.into_iter().filter(|change| change.organization.is_some()) {
            let organization = partners.only(change.organization);
            if organization.key.trim().is_empty() {
                let account = partners.accounts.iter().find(|account| Id::parse(account.key.trim()) == Some(change.key));
                prop_assert_eq!(partners.name_taken, Policy::Adopt);
                prop_assert_eq!(account.map(|account| folded(&account.name)), Some(folded(&organization.name)));
            } else {
                prop_assert_eq!(Id::parse(organization.key.trim()), Some(change.key));
            }
        }
    }

    #[test]
    fn no_name_is_given_that_another_has(mut partners in partners()) {
        let decision = partners.decide();
        let before = partners.clone();
        partners.apply(&decision);
        for change in &decision.changes {
            let name = change.fields.iter().find(|field| field.target.to_string() == "name");
            let Some(name) = name.and_then(|field| field.after.text()) else { continue };
            let has = |p: &Partners| p.organizations.iter().filter(|o| folded(&o.name) == folded(name)).count();
            prop_assert_eq!(has(&partners), 1);
            prop_assert!(has(&before) <= 1);
        }
    }
}

fn planned(changes: &[Change]) -> Vec<Planned> {
    let field = |field: &FieldChange| (field.target.clone(), field.before.clone(), field.after.clone());
    let planned = |change: &Change| Planned {
        action: change.action,
        key: change.key,
        organization: change.organization.unwrap_or_default(),
        fields: change.fields.iter().map(field).collect(),
    };
    changes.iter().map(planned).collect()
}

/// Generates partners, and the same partners with their rows in another order.
fn permuted() -> impl Strategy<Value = (Partners, Partners)> {
    partners().prop_flat_map(|original| {
        let accounts = Just(original.accounts.clone()).prop_shuffle();
        let organizations = Just(original.organizations.clone()).prop_shuffle();
        (Just(original), accounts, organizations).prop_map(|(original, accounts, organizations)| {
            let permutation = Partners { accounts, organizations, ..original.clone() };
            (original, permutation)
        })
    })
}
