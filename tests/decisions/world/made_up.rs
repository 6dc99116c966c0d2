//! Generates worlds for the model: few contacts, leads and users, whose keys and ids coincide as often as possible.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;

use super::{emails, id, Address, Contact, Given, Kind, Lead, MatchKey, Trust, User, World, NULL, VALUES};

/// Generates few addresses in several spellings, blanks, a placeholder, and a domain in both forms.
fn address() -> impl Strategy<Value = String> {
    let spelling = prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\u{a0}")];
    (0..8u8, spelling, any::<bool>()).prop_map(|(number, blank, upper)| {
        let text = match number {
            5 => String::new(),
            6 => "n/a".to_owned(),
            7 if upper => "p7@bücher.example".to_owned(),
            7 => "p7@xn--bcher-kva.example".to_owned(),
            number => format!("p{number}@b.edu"),
        };
        let text = if upper && text.is_ascii() { text.to_ascii_uppercase() } else { text };
        format!("{blank}{text}{blank}")
    })
}

/// Generates few UUIDs in several spellings, a blank, and a text that is not a UUID.
fn uuid() -> impl Strategy<Value = String> {
    (0..10u8, 0..4u8).prop_map(|(number, spelling)| match number {
        8 => " ".into(),
        9 => "none".into(),
        number => {
            let uuid = format!("0f8fad5b-d9cb-469f-a165-70867728950{number}");
            match spelling {
                0 => uuid,
                1 => format!(" {}", uuid.to_uppercase()),
                2 => format!("{{{uuid}}}"),
                _ => uuid.replace('-', ""),
            }
        }
    })
}

/// Generates values of a kind, as a user has them and as most fields hold them.
fn spelled(kind: Kind) -> BoxedStrategy<String> {
    let one_of = |texts: &'static [&'static str]| select(texts).prop_map(str::to_owned).boxed();
    match kind {
        Kind::Email => address().boxed(),
        Kind::Uuid => uuid().boxed(),
        Kind::Text => one_of(&["A-1", "a-1", "A-2", " A-2\u{a0}", "A-3", "7", "x@b.edu", " "]),
        Kind::Integer => one_of(&["1", " 1 ", "2", "02", "3", "4", "5", "6", "1.5", "x", ""]),
    }
}

fn given(kind: Kind) -> impl Strategy<Value = Given> {
    prop_oneof![
        20 => spelled(kind).prop_map(Given::Text),
        2 => select(&["2.0", "7", "2.5"][..]).prop_map(Given::Number),
        1 => Just(Given::Flag),
    ]
}

/// Generates one key of addresses with three tiers, or up to three keys of any kinds.
fn keys() -> impl Strategy<Value = Vec<MatchKey>> {
    let kind = select(&[Kind::Email, Kind::Text, Kind::Uuid, Kind::Integer][..]);
    let tiers = vec(any::<bool>(), 1..3);
    let key = (kind, any::<bool>(), tiers, any::<bool>()).prop_map(|(kind, evidence, tiers, of_leads)| MatchKey {
        name: "id",
        kind,
        evidence,
        tiers: tiers.into_iter().map(|for_leads| Trust { name: "all", for_leads }).collect(),
        of_leads,
    });
    prop_oneof![1 => Just(vec![emails()]), 2 => vec(key, 1..4)]
}

fn contact(number: u32, keys: &[MatchKey]) -> impl Strategy<Value = Contact> {
    let fields = |kind| (weighted(0.6, given(kind)), weighted(0.2, given(kind)));
    let keys: Vec<_> = keys.iter().map(|key| fields(key.kind).prop_map(<[_; 2]>::from)).collect();
    let status = select(&["none", "confirmed", "rejected", "?"][..]);
    let note = select(&["n1", "n2", "keep", "unfit", "nowhere", NULL][..]);
    (keys, status, note, prop::bool::weighted(0.1)).prop_map(move |(keys, status, note, parent_is_gone)| Contact {
        id: id("003", number),
        keys,
        says: [status, note],
        parent_is_gone,
    })
}

fn lead(number: u32, keys: &[MatchKey]) -> impl Strategy<Value = Lead> {
    let keys: Vec<_> = keys.iter().map(|key| weighted(0.9, given(key.kind))).collect();
    let status = prop_oneof![3 => Just("Converted"), 2 => Just("New"), 1 => Just("Odd")];
    let became = weighted(0.4, (0..8u32).prop_map(|number| id("003", number)));
    (keys, status, became).prop_map(move |(keys, status, became)| Lead { id: id("00Q", number), keys, status, became })
}

fn user(key: i64) -> impl Strategy<Value = User> {
    let link = prop_oneof![
        6 => Just(None),
        4 => (0..8u32).prop_map(|number| Some(id("003", number))),
        1 => (0..8u32).prop_map(|number| Some(id("003", number)[..15].to_owned())),
        1 => Just(Some("no id".to_owned())),
        1 => (0..8u32).prop_map(|number| Some(id("003", number).replace("AAA", "AAB"))),
    ];
    (link, any::<[bool; 3]>(), stored_lead(), select(&VALUES[..5]), select(&VALUES[5..])).prop_map(
        move |(link, [may_link, for_leads, for_sweep], lead, status, note)| User {
            key,
            link,
            may_link,
            for_leads,
            for_sweep,
            lead,
            values: [status, note],
        },
    )
}

/// Generates ids of leads that exist or do not, in several spellings, a blank, and texts that are not ids.
fn stored_lead() -> impl Strategy<Value = Option<String>> {
    let lead = || (0..6u32).prop_map(|number| id("00Q", number));
    prop_oneof![
        4 => Just(None),
        6 => lead().prop_map(Some),
        2 => lead().prop_map(|id| Some(id[..15].to_owned())),
        1 => lead().prop_map(|id| Some(format!(" {id}\u{a0}"))),
        1 => Just(Some(" ".to_owned())),
        1 => lead().prop_map(|id| Some(id.replace("EAA", "EAB"))),
        1 => Just(Some("no id".to_owned())),
    ]
}

/// Generates values of all keys, of users who are read and of one who is not.
fn addresses(keys: &[MatchKey]) -> impl Strategy<Value = Vec<Address>> {
    let kinds: Vec<Kind> = keys.iter().flat_map(|key| key.tiers.iter().map(|_| key.kind)).collect();
    let most = 8 + 6 * keys.len();
    let address = (0..kinds.len()).prop_flat_map(move |tier| {
        let one = move |(user, text)| Address { user: user + 7, tier: tier as u8, text };
        (0..9i64, spelled(kinds[tier])).prop_map(one)
    });
    vec(address, most / 3..most)
}

fn several<S: Strategy>(most: u32, one: impl Fn(u32) -> S + 'static) -> impl Strategy<Value = Vec<S::Value>> {
    prop_oneof![0..=most, Just(most)].prop_flat_map(move |count| (0..count).map(&one).collect::<Vec<_>>())
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    keys().prop_flat_map(world_of)
}

fn world_of(keys: Vec<MatchKey>) -> impl Strategy<Value = World> {
    let some_contacts = || btree_set((0..8u32).prop_map(|number| id("003", number)), 0..6);
    let merge = (4..8u32, 0..7u32).prop_map(|(loser, winner)| (id("003", loser), id("003", winner)));
    let (of_contacts, of_leads) = (keys.clone(), keys.clone());
    let rows = (
        several(7, move |number| contact(number, &of_contacts)),
        several(4, move |number| lead(number, &of_leads)),
        several(8, |number| user(i64::from(number) + 7)),
        addresses(&keys),
    );
    let past = (btree_map((4..8u32).prop_map(|n| id("003", n)), merge, 0..3), some_contacts());
    let ignored = prop_oneof![Just(vec![]), Just(vec!["N/A ".to_owned()]), Just(vec!["P0@b.edu".to_owned()])];
    let waiting = (of(some_contacts()), of(any::<bool>()), any::<bool>());
    let follows = (any::<bool>(), any::<bool>(), any::<bool>());
    let switches = ((any::<bool>(), any::<bool>()), follows, waiting, any::<[bool; 2]>(), 0..3usize);
    (rows, past, ignored, switches).prop_map(
        move |(
            (contacts, leads, users, addresses),
            (merges, gone),
            ignored,
            (
                (share, hold_disagreeing),
                (protect, fill, tell_links),
                (missing_before, sees_all, keep),
                [listed, stored_leads],
                unread_users,
            ),
        )| {
            World {
                keys: keys.clone(),
                contacts,
                leads,
                users,
                addresses,
                unread_users,
                merges: merges.into_values().collect(),
                gone,
                ignored,
                share,
                hold_disagreeing,
                protect,
                missing_before,
                sees_all,
                keep,
                fill,
                tell_links,
                listed,
                stored_leads,
            }
        },
    )
}
