//! Properties of the decision over generated organisations (P1 and P5 to P8): the books balance, budgets count what
//! they limit, the order of rows does not matter, a second run finds nothing to do, and nobody loses a privilege
//! without evidence.

use crate::books::balances;
use crate::organisation::{changed_places, organisation, Decided, Organisation, CONFIRMED};
use crm_sync::contacts::{Action, Budget, Change};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};

/// The file of past failures, which proptest tries first.
const PAST_FAILURES: FileFailurePersistence = FileFailurePersistence::Direct("tests/past_failures/contacts.txt");

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: Some(Box::new(PAST_FAILURES)), ..Config::default() })]

    #[test]
    fn any_permutation_of_the_rows_gives_the_same_decision((organisation, permutation) in permuted()) {
        prop_assert_eq!(organisation.decide().story(), permutation.decide().story());
    }

    #[test]
    fn the_books_balance(organisation in organisation()) {
        let decided = organisation.decide();
        for account in [&decided.decision.ledger.contacts, &decided.decision.ledger.leads, &decided.decision.ledger.users] {
            prop_assert!(balances(account), "{account:?}");
        }
        prop_assert_eq!(decided.decision.ledger.contacts.rows, organisation.contacts.len());
        prop_assert_eq!(decided.decision.ledger.users.rows, organisation.users.len());
    }

    #[test]
    fn a_table_is_empty_where_nothing_was_read(organisation in organisation()) {
        let (contacts, leads, users) = organisation.tables();
        prop_assert_eq!(contacts.is_empty(), organisation.contacts.is_empty());
        prop_assert_eq!(leads.is_empty(), organisation.leads.is_empty());
        prop_assert_eq!(users.is_empty(), organisation.users.is_empty());
    }

    #[test]
    fn a_second_run_finds_nothing_to_do(mut organisation in organisation()) {
        organisation.apply();
        let story = organisation.decide().story();
        prop_assert!(story.iter().all(|line| !line.starts_with("change")), "{story:?}");
    }

    #[test]
    fn everybody_is_changed_at_most_once(organisation in organisation()) {
        let decided = organisation.decide();
        let users: Vec<u32> = decided.decision.changes.iter().map(|change| change.user).collect();
        prop_assert!(users.windows(2).all(|pair| pair[0] < pair[1]), "sorted, without repeats: {users:?}");
    }

    #[test]
    fn nobody_gets_a_contact_that_is_closed_gone_or_had_by_another(organisation in organisation()) {
        let decided = organisation.decide();
        for change in linking(&decided) {
            let contact = change.contact.expect("who is linked has a contact");
            let by_uuid = organisation.has_uuids && change.matched.as_ref().is_some_and(|matched| matched.tier == 0);
            let followed = change.matched.is_none();
            prop_assert!(followed || !organisation.contested(contact, by_uuid), "{contact} claims a contested value");
            if !organisation.share {
                let leaves = |other: &String| linking(&decided).any(|change| decided.key(change) == *other);
                prop_assert!(organisation.linked_to(contact).all(|other| leaves(&other)), "{contact} is another user's");
                let takers = decided.decision.changes.iter().filter(|other| other.contact == Some(contact)).count();
                prop_assert_eq!(takers, 1);
            }
        }
    }

    #[test]
    fn nobody_is_linked_against_a_stronger_key(organisation in organisation()) {
        let decided = organisation.decide();
        for change in linking(&decided) {
            let contact = change.contact.expect("who is linked has a contact");
            let Some(owners) = organisation.owners(contact) else { continue };
            let allowed = if owners.is_empty() { !organisation.hold_disagreeing } else { organisation.share };
            prop_assert!(owners.contains(&decided.key(change)) || allowed, "{contact} is for {owners:?}");
        }
    }

    #[test]
    fn a_merge_is_followed_whatever_the_addresses_say(organisation in organisation()) {
        let decided = organisation.decide();
        for change in decided.decision.changes.iter().filter(|change| change.action == Action::Relink) {
            let winner = organisation.winner(change.user, &decided);
            let corrected = change.reason.contains("has another uuid");
            prop_assert_eq!(change.matched.is_none(), winner.is_some() && !corrected);
            prop_assert!(winner.is_none() || winner == change.contact || corrected);
        }
    }

    /// P8: nobody loses a privilege without evidence that the change names, or without a budget that counts it.
    #[test]
    fn nobody_loses_a_privilege_without_evidence(organisation in organisation()) {
        let decided = organisation.decide();
        for change in &decided.decision.changes {
            for field in change.fields.iter().filter(|field| field.before == CONFIRMED && field.after != CONFIRMED) {
                prop_assert!(change.budgets().contains(&Budget::Demote), "{change:?}");
                match change.action {
                    Action::Link | Action::Relink | Action::Update => {
                        let contact = change.contact.expect("who follows a contact has one");
                        prop_assert_eq!(organisation.status_of(contact), Some(field.after));
                        prop_assert!(change.reason.contains(contact.as_str()), "{}", change.reason);
                    }
                    Action::Unlink => prop_assert!(organisation.is_gone(change.user, &decided), "{change:?}"),
                    Action::Lead | Action::Sweep => prop_assert!(!organisation.is_linked(change.user, &decided)),
                }
            }
        }
    }

    /// P5: users for whom a budget is spent are among those for whom it could be, because the limits would mean nothing
    /// otherwise.
    #[test]
    fn no_budget_is_spent_on_more_than_could_suffer(organisation in organisation()) {
        let decision = organisation.decide().decision;
        for (budget, count) in decision.could_suffer.as_ref().expect("all users were read") {
            let spent = decision.changes.iter().filter(|change| change.budgets().contains(budget)).count();
            prop_assert!(spent <= *count, "{budget:?}: {spent} of {count}");
        }
    }

    #[test]
    fn every_unlink_is_counted(organisation in organisation()) {
        for change in organisation.decide().decision.changes {
            prop_assert_eq!(change.action == Action::Unlink, change.budgets().contains(&Budget::Unlink));
        }
    }
}

#[test]
fn users_who_have_each_others_contacts_change_places_in_one_decision() {
    let mut organisation = changed_places();
    let decided = organisation.decide();
    let actions: Vec<Action> = decided.decision.changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Relink, Action::Relink]);
    assert_eq!(decided.decision.issues, []);
    organisation.apply();
    let decided = organisation.decide();
    assert!(decided.decision.changes.is_empty() && decided.decision.issues.is_empty());
}

/// Returns the changes that link a user to a contact.
fn linking(decided: &Decided) -> impl Iterator<Item = &Change> {
    decided.decision.changes.iter().filter(|change| matches!(change.action, Action::Link | Action::Relink))
}

/// Generates an organisation, and the same organisation with its rows in another order.
fn permuted() -> impl Strategy<Value = (Organisation, Organisation)> {
    organisation().prop_flat_map(|original| {
        let other = original.clone();
        let contacts = Just(other.contacts.clone()).prop_shuffle();
        let leads = Just(other.leads.clone()).prop_shuffle();
        let users = Just(other.users.clone()).prop_shuffle();
        let addresses = Just(other.addresses.clone()).prop_shuffle();
        (Just(original), contacts, leads, users, addresses).prop_map(
            move |(original, contacts, leads, users, addresses)| {
                (original, Organisation { contacts, leads, users, addresses, ..other.clone() })
            },
        )
    })
}
