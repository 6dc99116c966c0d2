//! Worlds for the model: few contacts, leads and users, whose addresses and ids meet as often as they can.

#![expect(clippy::unwrap_used, reason = "what is made up here is made to fit")]

use std::collections::{BTreeMap, BTreeSet};

use crm_sync::contacts::{
    decide, Assignment, AttributeRule, AttributeSource, ColumnRule, ContactLayout, ContactTable, Decision,
    Fingerprints, KeyKind, KeyLayout, KeyRule, LeadLayout, LeadRule, LeadTable, NamedBudget, Outcome, ParentSource,
    Rules, Tier, UserTable,
};
use crm_sync::rows::{Cell, Column, Id, RowSink};
use proptest::prelude::*;

/// The values of both columns by their numbers; the last one is NULL.
pub(crate) const VALUES: [&str; 8] = ["none", "pending", "confirmed", "rejected", "new", "n1", "n2", "NULL"];
/// The contents of the fields of a contact, beside values: what is kept, not known, does not fit, or leads nowhere.
pub(crate) const NULL: &str = "NULL";

#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) emails: [Option<String>; 2],
    /// The value that follows into each column.
    pub(crate) says: [&'static str; 2],
    pub(crate) parent_is_gone: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Lead {
    pub(crate) id: String,
    pub(crate) email: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) became: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) key: i64,
    pub(crate) link: Option<String>,
    pub(crate) may_link: bool,
    pub(crate) for_leads: bool,
    pub(crate) for_sweep: bool,
    pub(crate) values: [&'static str; 2],
}

#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) user: i64,
    pub(crate) tier: u8,
    pub(crate) text: String,
}

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) contacts: Vec<Contact>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) users: Vec<User>,
    pub(crate) addresses: Vec<Address>,
    pub(crate) unread_users: usize,
    pub(crate) merges: BTreeMap<String, String>,
    pub(crate) gone: BTreeSet<String>,
    pub(crate) ignored: Vec<String>,
    pub(crate) share: bool,
    /// Confirmed does not become none.
    pub(crate) protect: bool,
    pub(crate) missing_before: Option<BTreeSet<String>>,
    pub(crate) sees_all: Option<bool>,
    /// True if nobody is unlinked.
    pub(crate) keep: bool,
    /// True if the note is only filled.
    pub(crate) fill: bool,
    /// True if links are written back.
    pub(crate) tell_links: bool,
    /// True if `otherwise` names its statuses.
    pub(crate) listed: bool,
}

impl World {
    pub(crate) fn tables(&self) -> (ContactTable, LeadTable, UserTable) {
        let fingerprints = Fingerprints::new();
        (self.contact_table(&fingerprints), self.lead_table(&fingerprints), self.user_table(fingerprints))
    }

    pub(crate) fn decide(&self) -> Decision {
        let (contacts, leads, users) = self.tables();
        decide(&contacts, &leads, &users, &self.rules(&contacts, &leads, &users))
    }

    fn contact_table(&self, fingerprints: &Fingerprints) -> ContactTable {
        let layout = ContactLayout {
            id: 0,
            keys: vec![email(&[1, 2])],
            ignored: self.ignored.clone(),
            parents: vec![ParentSource { reference: 5, id: 6 }],
            attributes: vec![
                AttributeSource { cells: vec![(3, vec![0])] },
                AttributeSource { cells: vec![(4, vec![])] },
            ],
        };
        let mut contacts = ContactTable::new(layout, fingerprints.clone());
        for contact in &self.contacts {
            let [first, second] = contact.emails.each_ref().map(|email| cell(email.as_deref()));
            let [one, other] = contact.says.map(|says| cell(Some(says)));
            let parent = cell((!contact.parent_is_gone).then_some("001"));
            contacts.row(&[cell(Some(&contact.id)), first, second, one, other, cell(Some("001")), parent]).unwrap();
        }
        contacts.merged(self.merges.iter().map(|(loser, winner)| (id_of(loser), id_of(winner))).collect());
        contacts.gone(self.gone.iter().map(|id| id_of(id)).collect());
        contacts
    }

    fn lead_table(&self, fingerprints: &Fingerprints) -> LeadTable {
        let layout =
            LeadLayout { id: 0, keys: vec![email(&[1])], ignored: self.ignored.clone(), status: 2, converted: Some(3) };
        let mut leads = LeadTable::new(layout, fingerprints.clone());
        for lead in &self.leads {
            let (email, became) = (cell(lead.email.as_deref()), cell(lead.became.as_deref()));
            leads.row(&[cell(Some(&lead.id)), email, cell(Some(lead.status)), became]).unwrap();
        }
        leads
    }

    fn user_table(&self, fingerprints: Fingerprints) -> UserTable {
        let mut table = UserTable::new(2, true, fingerprints, vec![KeyKind::Email; 3]);
        for user in &self.users {
            let link = user.link.as_deref().map_or("~".to_owned(), pack);
            let digit = |flag: bool| if flag { '1' } else { '0' };
            let flags: String = [user.may_link, user.for_leads, user.for_sweep].map(digit).iter().collect();
            let values: String =
                user.values.iter().map(|value| if *value == NULL { "~".into() } else { pack(value) }).collect();
            table.read(format!("u{}{link}{}{values}", pack(&user.key.to_string()), pack(&flags))).unwrap();
        }
        for address in &self.addresses {
            let tier = pack(&address.tier.to_string());
            table.read(format!("a{}{tier}{}", pack(&address.user.to_string()), pack(&address.text))).unwrap();
        }
        table.read(format!("c{}", pack(&(self.users.len() + self.unread_users).to_string()))).unwrap();
        table.finish().unwrap();
        table
    }

    pub(crate) fn rules(&self, contacts: &ContactTable, leads: &LeadTable, users: &UserTable) -> Rules {
        let tier = |name: &str, leads| Tier { name: name.into(), contacts: true, leads, key: 0 };
        let column = |number: usize, name: &str| ColumnRule {
            name: name.into(),
            values: each(&users.columns()[number], number_of),
            ..ColumnRule::default()
        };
        let attribute = |column: usize| AttributeRule {
            column,
            fills: self.fill && column == 1,
            outcomes: each(&contacts.attributes()[column], outcome),
        };
        let listed = |status: &str| ["Converted", "New"].contains(&status);
        Rules {
            columns: vec![
                ColumnRule {
                    default: Some(number_of("new")),
                    privileged: [number_of("confirmed")].into(),
                    protected: self.protect.then(|| (number_of("confirmed"), number_of("none"))).into_iter().collect(),
                    ..column(0, "status")
                },
                ColumnRule { blank: [number_of(NULL)].into(), ..column(1, "note") },
            ],
            attributes: vec![attribute(0), attribute(1)],
            keys: vec![KeyRule { name: "emails".into(), kind: KeyKind::Email, evidence: false }],
            hold_disagreeing: true,
            tiers: vec![tier("verified", true), tier("confirmed", true), tier("claimed", false)],
            share_contacts: self.share,
            contact_missing: vec![set(0, "none"), set(1, NULL)],
            missing_before: self.missing_before.as_ref().map(|ids| ids.iter().map(|id| id_of(id)).collect()),
            sees_all: self.sees_all,
            keep_missing: self.keep,
            leads: vec![
                LeadRule { all: Some(each(leads.statuses(), |s| s == "Converted")), set: vec![set(0, "rejected")] },
                LeadRule { all: None, set: vec![set(0, "pending"), set(1, "n1")] },
            ],
            lead_statuses: self.listed.then(|| each(leads.statuses(), listed)),
            unmatched: vec![set(0, "none")],
            write_backs: vec![set(0, "confirmed")],
            write_back_links: self.tell_links,
            budgets: vec![NamedBudget { name: "reject".into(), on: set(0, "rejected") }],
        }
    }
}

fn set(column: usize, value: &str) -> Assignment {
    Assignment { column, value: number_of(value) }
}

fn number_of(value: &str) -> u32 {
    VALUES.iter().position(|known| *known == value).unwrap() as u32
}

fn outcome(says: &str) -> Outcome {
    match says {
        "keep" => Outcome::Keep,
        "?" => Outcome::Quarantine,
        "unfit" => Outcome::Unfit,
        "nowhere" => Outcome::Missing,
        value => Outcome::Set(number_of(value)),
    }
}

fn cell(text: Option<&str>) -> Cell<'static> {
    text.map_or(Cell::Null, |text| Cell::Text(text.to_owned().into()))
}

fn email(fields: &[usize]) -> KeyLayout {
    KeyLayout { kind: KeyKind::Email, fields: fields.to_vec() }
}

fn pack(text: &str) -> String {
    format!("{}:{text}", text.chars().count())
}

fn each<T>(column: &Column, value: impl Fn(&str) -> T) -> Vec<T> {
    column.distinct().iter().map(|tuple| value(tuple[0].text().unwrap_or(NULL))).collect()
}

fn id_of(text: &str) -> Id {
    Id::parse(text).unwrap()
}

fn id(prefix: &str, number: u32) -> String {
    id_of(&format!("{prefix}{number:012}")).to_string()
}

/// Few addresses in several spellings, blanks, a placeholder, and a domain in both forms.
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

fn contact(number: u32) -> impl Strategy<Value = Contact> {
    let emails = (proptest::option::weighted(0.7, address()), proptest::option::weighted(0.3, address()));
    let status = prop_oneof![Just("none"), Just("confirmed"), Just("rejected"), Just("?")];
    let note = prop_oneof![Just("n1"), Just("n2"), Just("keep"), Just("unfit"), Just("nowhere"), Just(NULL)];
    (emails, status, note, prop::bool::weighted(0.1)).prop_map(
        move |((first, second), status, note, parent_is_gone)| Contact {
            id: id("003", number),
            emails: [first, second],
            says: [status, note],
            parent_is_gone,
        },
    )
}

fn lead(number: u32) -> impl Strategy<Value = Lead> {
    let status = prop_oneof![3 => Just("Converted"), 2 => Just("New"), 1 => Just("Odd")];
    let became = proptest::option::weighted(0.4, (0..8u32).prop_map(|number| id("003", number)));
    (proptest::option::weighted(0.9, address()), status, became).prop_map(move |(email, status, became)| Lead {
        id: id("00Q", number),
        email,
        status,
        became,
    })
}

fn user(key: i64) -> impl Strategy<Value = User> {
    let link = prop_oneof![
        6 => Just(None),
        4 => (0..8u32).prop_map(|number| Some(id("003", number))),
        1 => (0..8u32).prop_map(|number| Some(id("003", number)[..15].to_owned())),
        1 => Just(Some("no id".to_owned())),
        1 => (0..8u32).prop_map(|number| Some(id("003", number).replace("AAA", "AAB"))),
    ];
    let status = proptest::sample::select(&VALUES[..5]);
    let note = proptest::sample::select(&VALUES[5..]);
    (link, any::<[bool; 3]>(), status, note).prop_map(move |(link, [may_link, for_leads, for_sweep], status, note)| {
        User { key, link, may_link, for_leads, for_sweep, values: [status, note] }
    })
}

fn several<S: Strategy>(most: u32, one: impl Fn(u32) -> S + 'static) -> impl Strategy<Value = Vec<S::Value>> {
    (0..=most).prop_flat_map(move |count| (0..count).map(&one).collect::<Vec<_>>())
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let some_contacts = || proptest::collection::btree_set((0..8u32).prop_map(|number| id("003", number)), 0..6);
    let address = (0..9i64, 0..3u8, address()).prop_map(|(user, tier, text)| Address { user: user + 7, tier, text });
    let merge = (4..8u32, 0..7u32).prop_map(|(loser, winner)| (id("003", loser), id("003", winner)));
    let rows = (
        several(6, contact),
        several(4, lead),
        several(8, |n| user(i64::from(n) + 7)),
        proptest::collection::vec(address, 0..14),
    );
    let past = (proptest::collection::btree_map((4..8u32).prop_map(|n| id("003", n)), merge, 0..3), some_contacts());
    let ignored = prop_oneof![Just(vec![]), Just(vec!["N/A ".to_owned()]), Just(vec!["P0@b.edu".to_owned()])];
    let waiting = (proptest::option::of(some_contacts()), proptest::option::of(any::<bool>()), any::<bool>());
    let follows = (any::<bool>(), any::<bool>(), any::<bool>());
    let switches = (any::<bool>(), follows, waiting, any::<bool>(), 0..3usize);
    (rows, past, ignored, switches).prop_map(
        |(
            (contacts, leads, users, addresses),
            (merges, gone),
            ignored,
            (share, (protect, fill, tell_links), (missing_before, sees_all, keep), listed, unread_users),
        )| {
            World {
                contacts,
                leads,
                users,
                addresses,
                unread_users,
                merges: merges.into_values().collect(),
                gone,
                ignored,
                share,
                protect,
                missing_before,
                sees_all,
                keep,
                fill,
                tell_links,
                listed,
            }
        },
    )
}
