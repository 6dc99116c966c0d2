//! The texts of decisions by several keys, in one world in which everything happens that only several keys can cause.

use crate::told::{address, id, told, user};
use crate::world::{emails, Contact, Given, Kind, Lead, MatchKey, Trust, World};

const TOLD: &str = include_str!("told_keys.txt");

fn uuid(number: u32) -> String {
    format!("0f8fad5b-d9cb-469f-a165-{number:012}")
}

/// Returns a key with a single tier.
fn key(name: &'static str, kind: Kind, evidence: bool) -> MatchKey {
    MatchKey { name, kind, evidence, tiers: vec![Trust { name: "all", for_leads: true }], of_leads: true }
}

fn contact(number: u32, uuid: Option<String>, external_id: Option<&str>, email: Option<&str>) -> Contact {
    let field = |text: Option<String>| [text.map(Given::Text), None];
    let keys = vec![field(uuid), field(external_id.map(str::to_owned)), field(email.map(str::to_owned))];
    Contact { id: id("003", number), keys, says: ["none", "keep"], parent_is_gone: false }
}

fn several_keys() -> World {
    let linked = |number| Some(id("003", number));
    let free = |key| user(key, None, ["none", "NULL"]);
    let nobodys_lead = vec![Some(Given::Flag), Some(Given::Text("L-1".into())), None];
    World {
        keys: vec![key("uuid", Kind::Uuid, true), key("external_id", Kind::Text, false), emails()],
        contacts: vec![
            contact(1, Some(uuid(1)), None, None),
            contact(2, Some(uuid(2)), None, None),
            contact(3, None, Some("E-3"), None),
            contact(4, None, Some("E-3"), Some("four@b.edu")),
            contact(5, Some("none".into()), None, Some("five@b.edu")),
            contact(6, Some(uuid(6)), None, Some("six@b.edu")),
            contact(7, Some(uuid(7)), None, Some("seven@b.edu")),
            contact(8, None, Some("E-8"), Some("eight@b.edu")),
            contact(9, None, None, Some("nine@b.edu")),
            contact(10, None, Some("ten@b.edu"), None),
            contact(11, None, Some("ten@b.edu"), Some("eight@b.edu")),
        ],
        leads: vec![Lead { id: id("00Q", 1), keys: nobodys_lead, status: "New", became: None }],
        users: vec![
            user(1, linked(2), ["none", "n1"]),
            user(2, linked(1), ["none", "n1"]),
            free(3),
            free(4),
            free(5),
            free(6),
            free(7),
            free(8),
            free(9),
            user(10, linked(50), ["none", "n1"]),
            free(11),
            user(12, linked(53), ["none", "n1"]),
            user(13, linked(3), ["none", "n1"]),
            free(14),
            free(15),
        ],
        addresses: vec![
            address(1, 0, &uuid(1).to_uppercase()),
            address(2, 0, &uuid(2)),
            address(3, 2, "four@b.edu"),
            address(4, 1, "E-3"),
            address(5, 2, "six@b.edu"),
            address(6, 2, "seven@b.edu"),
            address(7, 0, "zz"),
            address(8, 1, "L-1"),
            address(9, 0, &uuid(7)),
            address(9, 2, "nine@b.edu"),
            address(11, 0, &uuid(1)),
            address(11, 0, &uuid(2)),
            address(12, 1, "E-8"),
            address(14, 2, "eight@b.edu"),
        ],
        unread_users: 0,
        merges: [(id("003", 50), id("003", 6))].into(),
        gone: [id("003", 53)].into(),
        ignored: vec![],
        share: false,
        hold_disagreeing: true,
        protect: false,
        missing_before: None,
        sees_all: Some(true),
        keep: false,
        fill: false,
        tell_links: false,
        listed: false,
        stored_leads: false,
    }
}

#[test]
fn everything_is_told_in_these_words() {
    let told = told(&several_keys());
    assert_eq!(told, TOLD, "\n{told}");
}

#[test]
fn a_value_of_a_user_who_was_not_read_is_that_of_another_user() {
    let mut world = several_keys();
    world.users.retain(|user| user.key != 9);
    let messages: Vec<String> = world.decide().issues.into_iter().map(|issue| issue.message).collect();
    assert!(messages.iter().any(|message| message.contains("has the uuid of another user")), "{messages:#?}");
}

/// A user who cannot be corrected stays with the wrong contact, and no other user gets that contact.
#[test]
fn who_is_not_corrected_keeps_others_from_the_contact() {
    let mut world = several_keys();
    world.contacts = vec![contact(1, Some(uuid(1)), None, None), contact(2, Some(uuid(2)), None, None)];
    let linked = |key, number| user(key, Some(id("003", number)), ["none", "n1"]);
    world.users = vec![linked(1, 1), linked(2, 2), user(4, None, ["none", "NULL"])];
    // The first user has the contact that the second one should have, and nothing contradicts that link.
    world.addresses = vec![address(2, 0, &uuid(1)), address(4, 0, &uuid(2))];
    let decision = world.decide();
    assert!(decision.changes.is_empty(), "{:?}", decision.changes);
    let held: Vec<String> = decision.issues.iter().flat_map(|issue| &issue.users).map(ToString::to_string).collect();
    assert_eq!(held, ["2", "4"]);
}

#[test]
fn what_became_of_a_stored_lead_is_told_in_these_words() {
    let mut world = several_keys();
    world.stored_leads = true;
    world.leads[0].became = Some(id("003", 9));
    world.users[2].lead = Some(world.leads[0].id.clone());
    world.users[2].may_link = true;
    let told_of_one = told(&world);
    let lead = "00Q000000000001EAA";
    for line in [
        format!("Integer(3) link: lead {lead} became contact 003000000000009AAA"),
        format!("the lead_id {lead} leads to 1 lead"),
        "rule 4: the lead became contact 003000000000009AAA".to_owned(),
        "a weaker key leads 2 users (3, 9) to other contacts".to_owned(),
    ] {
        assert!(told_of_one.contains(&line), "{line}\n{told_of_one}");
    }
    world.users[3].lead = Some(lead[..15].to_owned());
    let held = "user 3 is held: the lead_id leads to a contact that other users have or could have as well";
    let told_of_two = told(&world);
    assert!(told_of_two.contains(held) && told_of_two.contains("user 4 is held: the lead_id leads"), "{told_of_two}");
}
