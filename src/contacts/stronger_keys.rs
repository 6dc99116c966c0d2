//! The objections of stronger keys: a contact that has a value of a stronger key than the one that led to it is only
//! for the user with that value.

use super::index::{AddressIndex, AddressNumber, Claimant};
use super::keys::KeyKind;
use super::matching::Hits;
use super::primary_keys::UserNumber;
use super::rules::{KeyRule, Rules};
use super::sources::ContactTable;

/// The reason why a contact is not for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Objection {
    pub(super) contact: Claimant,
    /// The number of the key of which the contact has a value, and the user has another value or none.
    pub(super) key: usize,
    /// True if another user has the contact's value.
    pub(super) owned: bool,
}

/// The values of each contact, for the keys that can raise an objection.
pub(super) struct StrongerKeys<'a> {
    hits: &'a Hits,
    rules: &'a Rules,
    carried: Vec<Carried>,
}

impl<'a> StrongerKeys<'a> {
    pub(super) fn new(contacts: &ContactTable, hits: &'a Hits, rules: &'a Rules) -> Self {
        // The weakest key is not stronger than any other key, and an address does not object to a merge. Contacts have
        // no values of a lead key.
        let weakest = rules.keys.iter().rposition(|rule| rule.kind != KeyKind::Lead).unwrap_or_default();
        let matters = |key: usize, rule: &KeyRule| key < weakest || rule.kind != KeyKind::Email || rule.evidence;
        let carried = |(key, rule)| match matters(key, rule) {
            true => Carried::new(contacts.keys.index(key)),
            false => Carried::default(),
        };
        Self { hits, rules, carried: rules.keys.iter().enumerate().map(carried).collect() }
    }

    /// Returns the objection to a contact: it has values of one of `keys`, and the user has none of them.
    pub(super) fn objection(
        &self,
        user: UserNumber,
        contact: Claimant,
        mut keys: impl Iterator<Item = usize>,
    ) -> Option<Objection> {
        keys.find_map(|key| {
            if !self.has_others(user, contact, key) {
                return None;
            }
            let owned = self.carried[key].of(contact).any(|value| self.hits.has_owner(key, value));
            let counts = if owned { !self.rules.share_contacts } else { self.rules.hold_disagreeing };
            counts.then_some(Objection { contact, key, owned })
        })
    }

    /// Returns whether a contact has values of a key, and the user has none of them.
    pub(super) fn has_others(&self, user: UserNumber, contact: Claimant, key: usize) -> bool {
        let mut values = self.carried[key].of(contact).peekable();
        let hits = || self.hits.of(user).iter().filter(move |hit| hit.key() == key);
        values.peek().is_some() && !values.any(|value| hits().any(|hit| hit.value == value))
    }
}

/// The values of one key, sorted by the contacts that claim them.
#[derive(Default)]
struct Carried(Vec<(Claimant, AddressNumber)>);

impl Carried {
    fn new(index: &AddressIndex) -> Self {
        let numbers = 0..index.texts().len() as AddressNumber;
        let claims = |value| index.claimants(value).map(move |claimant| (claimant, value));
        let mut carried: Vec<_> = numbers.flat_map(claims).collect();
        carried.sort_unstable();
        Self(carried)
    }

    /// Returns the values of a contact.
    fn of(&self, contact: Claimant) -> impl Iterator<Item = AddressNumber> + '_ {
        let start = self.0.partition_point(|&(claimant, _)| claimant < contact);
        self.0[start..].iter().take_while(move |&&(claimant, _)| claimant == contact).map(|&(_, value)| value)
    }
}
