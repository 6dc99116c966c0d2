//! Made-up organisations, small enough that everything collides with everything.

#![expect(clippy::unwrap_used, reason = "what is made up here is made to fit")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crm_sync::contacts::{
    decide, Action, Assignment, AttributeRule, AttributeSource, ColumnRule, ContactLayout, ContactTable, Decision,
    Fingerprints, KeyKind, KeyLayout, KeyRule, LeadLayout, LeadRule, LeadTable, Outcome, ParentSource, Rules, Tier,
    UserTable,
};
use crm_sync::rows::{Cell, Column, Id, RowSink};
use proptest::prelude::*;

/// The one written column holds a number as text; this one is privileged.
pub(crate) const CONFIRMED: u32 = 2;
const REJECTED: u32 = 3;

#[derive(Debug, Clone)]
pub(crate) struct Contact {
    id: Id,
    addresses: [Option<String>; 2],
    /// `None` is a value that the rules do not know.
    status: Option<u32>,
    parent_is_gone: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Lead {
    id: Id,
    address: String,
    converted: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    key: u32,
    link: Option<String>,
    flags: [bool; 3],
    status: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Address {
    user: u32,
    tier: u8,
    text: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Organisation {
    pub(crate) contacts: Vec<Contact>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) users: Vec<User>,
    pub(crate) addresses: Vec<Address>,
    /// Losers and winners; what is still there is nobody's loser.
    pub(crate) merges: HashMap<Id, Id>,
    pub(crate) share: bool,
    pub(crate) protected: bool,
}

pub(crate) struct Decided {
    pub(crate) decision: Decision,
    users: UserTable,
}

impl Decided {
    /// Returns everything that was decided, in words, as it would stand in a plan.
    pub(crate) fn story(&self) -> Vec<String> {
        let changes = self.decision.changes.iter().map(|change| {
            let key = self.users.key(change.user);
            let (fields, costs) = (&change.fields, &change.costs);
            format!(
                "change {key} {:?} {:?} {:?} {fields:?} {costs:?} {}",
                change.action, change.contact, change.matched, change.reason
            )
        });
        let issues = self.decision.issues.iter().map(|issue| format!("issue {issue:?}"));
        let rest = [format!("{:?}", self.decision.ledger), format!("{:?}", self.decision.could_suffer)];
        changes.chain(issues).chain(rest).collect()
    }
}

impl Organisation {
    pub(crate) fn decide(&self) -> Decided {
        let (contacts, leads, users) = self.tables();
        let decision = decide(&contacts, &leads, &users, &self.rules(&contacts, &leads, &users));
        Decided { decision, users }
    }

    /// Does to the users what was decided.
    pub(crate) fn apply(&mut self) {
        let decided = self.decide();
        for change in &decided.decision.changes {
            let key = decided.users.key(change.user).to_string();
            let Some(user) = self.users.iter_mut().find(|user| user.key.to_string() == key) else { continue };
            if matches!(change.action, Action::Link | Action::Relink | Action::Unlink) {
                user.link = change.contact.map(|id| id.to_string());
            }
            change.fields.iter().for_each(|field| user.status = field.after);
        }
    }

    pub(crate) fn contested(&self, id: Id) -> bool {
        let mut claims: BTreeMap<&str, BTreeSet<Id>> = BTreeMap::new();
        for contact in &self.contacts {
            for address in contact.addresses.iter().flatten() {
                claims.entry(address.trim()).or_default().insert(contact.id);
            }
        }
        claims.into_iter().any(|(address, ids)| !address.is_empty() && ids.len() > 1 && ids.contains(&id))
    }

    pub(crate) fn linked_to(&self, id: Id) -> bool {
        self.users.iter().any(|user| user.link.as_deref().and_then(Id::parse) == Some(id))
    }

    /// Returns the contact, if it is there, into which the one that the user had was merged.
    pub(crate) fn winner(&self, user: u32, decided: &Decided) -> Option<Id> {
        let link = self.link(user, decided)?;
        let there = |id: &Id| self.contacts.iter().any(|contact| contact.id == *id);
        self.merges.get(&link).copied().filter(there).filter(|_| !there(&link))
    }

    /// Returns what the contact says that the column should be, if the rules know it.
    pub(crate) fn status_of(&self, contact: Id) -> Option<u32> {
        self.contacts.iter().find(|known| known.id == contact)?.status
    }

    /// Returns whether the user has a contact that is not there, nor its winner.
    pub(crate) fn is_gone(&self, user: u32, decided: &Decided) -> bool {
        let link = self.link(user, decided);
        link.is_some_and(|link| self.contacts.iter().all(|contact| contact.id != link))
            && self.winner(user, decided).is_none()
    }

    /// Returns whether the user has a contact at all.
    pub(crate) fn is_linked(&self, user: u32, decided: &Decided) -> bool {
        self.link(user, decided).is_some()
    }

    fn link(&self, user: u32, decided: &Decided) -> Option<Id> {
        let key = decided.users.key(user).to_string();
        self.users.iter().find(|user| user.key.to_string() == key)?.link.as_deref().and_then(Id::parse)
    }

    pub(crate) fn tables(&self) -> (ContactTable, LeadTable, UserTable) {
        let fingerprints = Fingerprints::new();
        let text = |text: &str| Cell::Text(text.to_owned().into());
        let optional = |address: &Option<String>| address.as_deref().map_or(Cell::Null, text);
        let layout = ContactLayout {
            id: 0,
            keys: vec![email(&[1, 2])],
            ignored: Vec::new(),
            parents: vec![ParentSource { reference: 4, id: 5 }],
            attributes: vec![AttributeSource { cells: vec![(3, vec![0])] }],
        };
        let mut contacts = ContactTable::new(layout, fingerprints.clone());
        for contact in &self.contacts {
            let status = contact.status.map_or(text("?"), |status| text(&status.to_string()));
            let [first, second] = contact.addresses.each_ref().map(optional);
            let parent = if contact.parent_is_gone { Cell::Null } else { text("001") };
            contacts.row(&[text(contact.id.as_str()), first, second, status, text("001"), parent]).unwrap();
        }
        contacts.merged(self.merges.clone());
        let mut leads = LeadTable::new(
            LeadLayout { id: 0, keys: vec![email(&[1])], status: 2, ..LeadLayout::default() },
            fingerprints.clone(),
        );
        for lead in &self.leads {
            let status = if lead.converted { "Converted" } else { "New" };
            leads.row(&[text(lead.id.as_str()), text(&lead.address), text(status)]).unwrap();
        }
        let mut users = UserTable::new(1, true, fingerprints, vec![KeyKind::Email; 2]);
        for user in &self.users {
            let link = user.link.as_ref().map_or("~".to_owned(), |link| pack(link));
            let flags: String = user.flags.iter().map(|&flag| if flag { '1' } else { '0' }).collect();
            users.read(format!("u{}{link}{}{},", pack(&user.key.to_string()), pack(&flags), user.status)).unwrap();
        }
        for address in &self.addresses {
            users
                .read(format!(
                    "a{}{}{}",
                    pack(&address.user.to_string()),
                    pack(&address.tier.to_string()),
                    pack(&address.text)
                ))
                .unwrap();
        }
        users.read(format!("c{}", pack(&self.users.len().to_string()))).unwrap();
        users.finish().unwrap();
        (contacts, leads, users)
    }

    fn rules(&self, contacts: &ContactTable, leads: &LeadTable, users: &UserTable) -> Rules {
        let set = |value| vec![Assignment { column: 0, value }];
        let tier = |name: &str, leads| Tier { name: name.into(), contacts: true, leads, key: 0 };
        let outcome = |text: &str| text.parse().map_or(Outcome::Quarantine, Outcome::Set);
        Rules {
            columns: vec![ColumnRule {
                name: "status".into(),
                values: each(&users.columns()[0], |text| text.parse().unwrap()),
                privileged: BTreeSet::from([CONFIRMED]),
                protected: if self.protected { BTreeSet::from([(CONFIRMED, 0)]) } else { BTreeSet::new() },
                ..ColumnRule::default()
            }],
            attributes: vec![AttributeRule {
                outcomes: each(&contacts.attributes()[0], outcome),
                ..AttributeRule::default()
            }],
            keys: vec![KeyRule { name: "emails".into(), kind: KeyKind::Email, evidence: false }],
            tiers: vec![tier("verified", true), tier("claimed", false)],
            share_contacts: self.share,
            contact_missing: set(0),
            leads: vec![
                LeadRule { all: Some(each(leads.statuses(), |status| status == "Converted")), set: set(REJECTED) },
                LeadRule { all: None, set: set(1) },
            ],
            unmatched: set(0),
            ..Rules::default()
        }
    }
}

fn email(fields: &[usize]) -> KeyLayout {
    KeyLayout { kind: KeyKind::Email, fields: fields.to_vec() }
}

fn pack(text: &str) -> String {
    format!("{}:{text}", text.chars().count())
}

fn each<T>(column: &Column, value: impl Fn(&str) -> T) -> Vec<T> {
    column.distinct().iter().map(|tuple| value(tuple[0].text().unwrap_or("?"))).collect()
}

fn id(prefix: &str, number: u32) -> Id {
    Id::parse(&format!("{prefix}{number:012}")).unwrap()
}

/// Few addresses in several spellings, so that they meet.
fn address() -> impl Strategy<Value = String> {
    let spelling = prop_oneof![Just(""), Just(" "), Just("\u{a0}")];
    (0..6u8, spelling).prop_map(|(number, blank)| match number {
        5 => blank.to_owned(),
        number => format!("{blank}p{number}@b.edu"),
    })
}

fn contact(number: u32) -> impl Strategy<Value = Contact> {
    let addresses = (proptest::option::of(address()), proptest::option::of(address()));
    (addresses, proptest::option::weighted(0.9, 0..4u32), prop::bool::weighted(0.1)).prop_map(
        move |((first, second), status, parent_is_gone)| Contact {
            id: id("003", number),
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
    (link, any::<[bool; 3]>(), 0..4u32).prop_map(move |(link, flags, status)| User { key, link, flags, status })
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
    let switches = (any::<bool>(), any::<bool>());
    (several(6, contact), several(4, lead), several(8, user), addresses, merges, switches).prop_map(
        |(contacts, leads, users, addresses, merges, (share, protected))| Organisation {
            contacts,
            leads,
            users,
            addresses,
            merges: merges.into_iter().collect(),
            share,
            protected,
        },
    )
}
