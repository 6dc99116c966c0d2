//! What contacts say of a key that did not lead to them: a contact that has a value of a stronger key is only for the user
//! with that value.

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
    /// The number of the key of which the contact has a value, and the user another one or none.
    pub(super) key: usize,
    /// True if another user has that value.
    pub(super) owned: bool,
}

/// The values of each contact, of those keys of which it can matter.
pub(super) struct StrongerKeys<'a> {
    hits: &'a Hits,
    rules: &'a Rules,
    carried: Vec<Carried>,
}

impl<'a> StrongerKeys<'a> {
    pub(super) fn new(contacts: &ContactTable, hits: &'a Hits, rules: &'a Rules) -> Self {
        // No key is weaker than the last one, and an address holds no merge back. No contact has the id of a lead.
        let weakest = rules.keys.iter().rposition(|rule| rule.kind != KeyKind::Lead).unwrap_or_default();
        let matters = |key: usize, rule: &KeyRule| key < weakest || rule.kind != KeyKind::Email || rule.evidence;
        let carried = |(key, rule)| match matters(key, rule) {
            true => Carried::new(contacts.keys.index(key)),
            false => Carried::default(),
        };
        Self { hits, rules, carried: rules.keys.iter().enumerate().map(carried).collect() }
    }

    /// Returns why a contact is not for a user: it has values of one of these keys, and none of them is the user's.
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

    /// Returns whether a contact has values of a key, and none of them is the user's.
    pub(super) fn has_others(&self, user: UserNumber, contact: Claimant, key: usize) -> bool {
        let mut values = self.carried[key].of(contact).peekable();
        let hits = || self.hits.of(user).iter().filter(move |hit| hit.key() == key);
        values.peek().is_some() && !values.any(|value| hits().any(|hit| hit.value == value))
    }
}

/// The values of one key by the contacts that claim them.
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
