//! Generates organisations whose rows collide as often as possible.

use std::collections::HashMap;

use proptest::prelude::*;

use super::{id, Address, Contact, Lead, Organisation, User};

/// Generates few addresses in several spellings, so that they coincide.
fn address() -> impl Strategy<Value = String> {
    let spelling = prop_oneof![Just(""), Just(" "), Just("\u{a0}")];
    (0..6u8, spelling).prop_map(|(number, blank)| match number {
        5 => blank.to_owned(),
        number => format!("{blank}p{number}@b.edu"),
    })
}

/// Generates few UUIDs.
fn uuid() -> impl Strategy<Value = Option<String>> {
    proptest::option::weighted(0.6, (0..6u8).prop_map(|number| format!("0f8fad5b-d9cb-469f-a165-70867728950{number}")))
}

fn contact(number: u32) -> impl Strategy<Value = Contact> {
    let addresses = (proptest::option::of(address()), proptest::option::of(address()));
    (addresses, uuid(), proptest::option::weighted(0.9, 0..4u32), prop::bool::weighted(0.1)).prop_map(
        move |((first, second), uuid, status, parent_is_gone)| Contact {
            id: id("003", number),
            uuid,
            addresses: [first, second],
            status,
            parent_is_gone,
        },
    )
}

fn lead(number: u32) -> impl Strategy<Value = Lead> {
    (address(), any::<bool>()).prop_map(move |(address, converted)| Lead { id: id("00Q", number), address, converted })
}

fn user(key: u32) -> impl Strategy<Value = User> {
    let link = prop_oneof![
        4 => Just(None),
        3 => (0..8u32).prop_map(|number| Some(id("003", number).to_string())),
        1 => (0..8u32).prop_map(|number| Some(id("003", number).as_str()[..15].to_owned())),
        1 => Just(Some("no id".to_owned())),
    ];
    (link, uuid(), any::<[bool; 3]>(), 0..4u32).prop_map(move |(link, uuid, flags, status)| User {
        key,
        link,
        uuid,
        flags,
        status,
    })
}

fn owned_address(users: u32) -> impl Strategy<Value = Address> {
    (0..users + 1, 0..2u8, address()).prop_map(|(user, tier, text)| Address { user, tier, text })
}

fn several<S: Strategy>(most: u32, one: impl Fn(u32) -> S + 'static) -> impl Strategy<Value = Vec<S::Value>>
where
    S::Value: Clone,
{
    (0..=most).prop_flat_map(move |count| (0..count).map(&one).collect::<Vec<_>>())
}

pub(crate) fn organisation() -> impl Strategy<Value = Organisation> {
    let addresses = proptest::collection::vec(owned_address(8), 0..14);
    let merge = (4..8u32, 0..7u32).prop_map(|(loser, winner)| (id("003", loser), id("003", winner)));
    let merges = proptest::collection::vec(merge, 0..3);
    (several(6, contact), several(4, lead), several(8, user), addresses, merges, any::<[bool; 5]>()).prop_map(
        |(contacts, leads, users, addresses, merges, switches)| Organisation {
            contacts,
            leads,
            users,
            addresses,
            merges: merges.into_iter().collect(),
            has_uuids: switches[0],
            evidence: switches[1],
            hold_disagreeing: switches[2],
            share: switches[3],
            protected: switches[4],
        },
    )
}

/// Returns an organisation in which two users each have the contact of the other, according to their UUIDs.
pub(crate) fn changed_places() -> Organisation {
    let uuid = |number: u32| Some(format!("0f8fad5b-d9cb-469f-a165-70867728950{number}"));
    let contact = |number| Contact {
        id: id("003", number),
        uuid: uuid(number),
        addresses: [None, None],
        status: Some(0),
        parent_is_gone: false,
    };
    let user = |key, linked| User {
        key,
        link: Some(id("003", linked).to_string()),
        uuid: uuid(key),
        flags: [true; 3],
        status: 0,
    };
    Organisation {
        contacts: vec![contact(1), contact(2)],
        leads: Vec::new(),
        users: vec![user(1, 2), user(2, 1)],
        addresses: Vec::new(),
        merges: HashMap::new(),
        has_uuids: true,
        evidence: true,
        hold_disagreeing: true,
        share: false,
        protected: false,
    }
}
