//! The texts of decisions: reasons of changes, issues, and the explanation for each user, in one world in which
//! everything happens.

use std::fmt::Write;

use crate::world::{emails, Address, Contact, Given, Lead, User, World};
use crm_sync::contacts::{absent, explain, links_found, Action, Key};
use crm_sync::rows::Id;

const TOLD: &str = include_str!("told.txt");

pub(crate) fn id(prefix: &str, number: u32) -> String {
    Id::parse(&format!("{prefix}{number:012}")).expect("an id").to_string()
}

fn contact(number: u32, emails: [Option<&str>; 2], says: [&'static str; 2]) -> Contact {
    let emails = emails.map(|email| email.map(|text| Given::Text(text.to_owned())));
    Contact { id: id("003", number), keys: vec![emails], says, parent_is_gone: number == 9 }
}

fn lead(number: u32, email: &str, status: &'static str, became: Option<u32>) -> Lead {
    let became = became.map(|contact| id("003", contact));
    Lead { id: id("00Q", number), keys: vec![Some(Given::Text(email.into()))], status, became }
}

/// Returns a user who may be linked to a contact, or to an id that is not one of a contact.
pub(crate) fn user(key: i64, link: Option<String>, values: [&'static str; 2]) -> User {
    User { key, link, may_link: key != 3, for_leads: true, for_sweep: true, lead: None, values }
}

pub(crate) fn address(user: i64, tier: u8, text: &str) -> Address {
    Address { user, tier, text: text.into() }
}

fn everything() -> World {
    let linked = |number| Some(id("003", number));
    let crowd = (100..120).map(|number| contact(number, [Some("none@none.com"), None], ["none", "keep"]));
    let contacts = [
        contact(1, [Some("one@b.edu"), None], ["confirmed", "n1"]),
        contact(2, [Some("two@b.edu"), Some("shared@b.edu")], ["?", "unfit"]),
        contact(3, [Some("three@b.edu"), Some("shared@b.edu")], ["none", "keep"]),
        contact(4, [Some("four@b.edu"), None], ["rejected", "NULL"]),
        contact(5, [Some("five@b.edu"), None], ["none", "keep"]),
        contact(6, [Some("six@b.edu"), None], ["none", "keep"]),
        contact(7, [Some("seven@b.edu"), None], ["none", "keep"]),
        contact(9, [Some("nine@b.edu"), None], ["none", "n2"]),
    ];
    World {
        keys: vec![emails()],
        contacts: contacts.into_iter().chain(crowd).collect(),
        leads: vec![
            lead(1, "lead@b.edu", "New", None),
            lead(2, "odd@b.edu", "Odd", None),
            lead(3, "became@b.edu", "Converted", Some(1)),
        ],
        users: vec![
            user(1, linked(1), ["confirmed", "n1"]),
            user(2, None, ["new", "NULL"]),
            user(3, None, ["new", "NULL"]),
            user(4, linked(2), ["pending", "n1"]),
            user(5, Some("nothing".into()), ["new", "NULL"]),
            user(6, None, ["new", "NULL"]),
            user(7, None, ["new", "NULL"]),
            user(8, None, ["new", "NULL"]),
            user(9, linked(9), ["none", "n1"]),
            user(10, linked(50), ["confirmed", "n1"]),
            user(11, linked(51), ["confirmed", "n1"]),
            user(12, linked(52), ["new", "n1"]),
            user(13, linked(53), ["new", "n1"]),
            user(14, None, ["confirmed", "NULL"]),
            user(15, None, ["pending", "NULL"]),
            user(16, None, ["pending", "NULL"]),
            user(17, None, ["pending", "NULL"]),
            user(18, linked(1), ["confirmed", "n1"]),
            user(19, None, ["new", "NULL"]),
        ],
        addresses: vec![
            address(2, 0, "FIVE@b.edu"),
            address(3, 1, "seven@b.edu"),
            address(6, 0, "shared@b.edu"),
            address(7, 0, "three@b.edu"),
            address(8, 0, "four@b.edu"),
            address(8, 2, "five@b.edu"),
            address(8, 1, "one@b.edu"),
            address(13, 2, "six@b.edu"),
            address(14, 0, "lead@b.edu"),
            address(15, 0, "odd@b.edu"),
            address(16, 1, "became@b.edu"),
            address(19, 1, "one@b.edu"),
        ],
        unread_users: 1,
        merges: [(id("003", 50), id("003", 4))].into(),
        gone: [id("003", 51)].into(),
        ignored: vec![],
        share: false,
        hold_disagreeing: true,
        protect: true,
        missing_before: Some([id("003", 53)].into()),
        sees_all: Some(false),
        keep: false,
        fill: false,
        tell_links: false,
        listed: true,
        stored_leads: false,
    }
}

/// Returns all texts about a world.
pub(crate) fn told(world: &World) -> String {
    let (contacts, leads, users) = world.tables();
    let rules = world.rules(&contacts, &leads, &users);
    let mut told = String::new();
    let mut say = |line: String| writeln!(told, "{line}").expect("a text takes it");
    let decision = world.decide();
    for change in &decision.changes {
        say(format!("{:?} {}: {}", users.key(change.user), change.action.name(), change.reason));
    }
    for issue in &decision.issues {
        say(format!("{}: {}", issue.kind, issue.message));
    }
    for user in &world.users {
        let story = explain(&Key::Integer(user.key), &contacts, &leads, &users, &rules).expect("a user who was read");
        say(format!("user {}", user.key));
        story.into_iter().for_each(|line| say(format!("  {line}")));
    }
    told
}

#[test]
fn everything_is_told_in_these_words() {
    let told = told(&everything());
    assert_eq!(told, TOLD, "\n{told}");
}

#[test]
fn nobody_who_was_not_read_has_a_story() {
    let world = everything();
    let (contacts, leads, users) = world.tables();
    let rules = world.rules(&contacts, &leads, &users);
    for key in [Key::Integer(99), Key::Text("1".into())] {
        assert_eq!(explain(&key, &contacts, &leads, &users, &rules), None);
    }
}

#[test]
fn a_claim_does_not_hold_who_has_verified_an_address() {
    let mut world = everything();
    world.contacts = vec![contact(1, [Some("one@b.edu"), Some("other@b.edu")], ["none", "keep"])];
    world.users = vec![user(1, None, ["new", "NULL"]), user(2, None, ["new", "NULL"])];
    world.addresses = vec![address(1, 0, "one@b.edu"), address(2, 2, "other@b.edu")];
    let decision = world.decide();
    let changes: Vec<(u32, Action)> = decision.changes.iter().map(|change| (change.user, change.action)).collect();
    assert_eq!(changes, [(0, Action::Link)]);
}

#[test]
fn who_became_a_contact_that_says_so_is_rejected() {
    let mut world = everything();
    world.contacts = vec![contact(1, [None, None], ["rejected", "keep"])];
    world.leads = vec![lead(1, "one@b.edu", "Converted", Some(1))];
    world.users = vec![user(1, None, ["pending", "NULL"])];
    world.addresses = vec![address(1, 0, "one@b.edu")];
    let reasons: Vec<Action> = world.decide().changes.iter().map(|change| change.action).collect();
    assert_eq!(reasons, [Action::Lead]);
}

#[test]
fn who_sees_all_takes_what_does_not_come_for_gone() {
    let mut world = everything();
    world.sees_all = Some(true);
    let decision = world.decide();
    assert!(!decision.issues.iter().any(|issue| issue.kind == "not_visible"));
    assert!(decision.changes.iter().any(|change| (change.user, change.action) == (11, Action::Unlink)));
    world.sees_all = None;
    assert!(
        told(&world).contains("because whether the integration user sees all records could not be read; it has not")
    );
    let unread = "and whether the integration user sees all records could not be read. Look";
    assert!(world.decide().issues.iter().any(|issue| issue.message.contains(unread)));
}

#[test]
fn who_would_be_unlinked_is_left_alone_where_the_declaration_says_so() {
    let mut world = everything();
    world.keep = true;
    let decision = world.decide();
    assert!(decision.changes.iter().all(|change| change.action != Action::Unlink));
    assert!(decision.changes.iter().any(|change| change.action == Action::Relink));
    assert!(told(&world).contains("rule 3: the contact is gone, and the declaration leaves the user alone; one open"));
}

#[test]
fn what_is_only_filled_is_not_overwritten() {
    let mut world = everything();
    world.fill = true;
    let told = told(&world);
    assert!(told.contains("note is not overwritten: the declaration only fills it, and it has a value"), "{told}");
    let fills =
        |user: u32| world.decide().changes.iter().any(|c| c.user == user && c.fields.iter().any(|f| f.column == 1));
    assert!(!fills(9), "it has a note, which the contact would clear");
}

#[test]
fn what_is_counted_for_the_source_checks() {
    let mut world = everything();
    world.ignored = vec!["NONE@none.com".into()];
    let (contacts, leads, users) = world.tables();
    assert_eq!((contacts.len(), contacts.keys().rows_with_value(), contacts.keys().filled()), (28, 8, vec![28, 2]));
    assert_eq!((contacts.without_parent(), leads.keys().filled()), (1, vec![3]));
    assert!(!contacts.is_empty() && !leads.is_empty() && !users.is_empty());
    world.contacts.clear();
    world.leads.clear();
    world.users.clear();
    let (no_contacts, no_leads, nobody) = world.tables();
    assert!(no_contacts.is_empty() && no_leads.is_empty() && nobody.is_empty());
    assert_eq!((no_contacts.keys().rows_with_value(), no_contacts.without_parent()), (0, 0));
    assert_eq!((users.trusted_values().iter().flatten().sum::<usize>(), users.linked(), users.total()), (12, 9, 20));
    assert_eq!(links_found(&contacts, &users), 5);
    assert_eq!(absent(&contacts, &users), [50, 51, 52, 53].map(|n| Id::parse(&id("003", n)).expect("an id")));
}

#[test]
fn what_is_a_users_address_is_never_named() {
    let mut world = everything();
    world.addresses.push(address(17, 1, "none@none.com"));
    let messages: String = world.decide().issues.into_iter().map(|issue| issue.message).collect();
    assert!(!messages.contains("none@none.com"), "{messages}");
}
