//! The words for keys in reasons, issues and explanations.

use super::case::Case;
use super::index::Claimant;
use super::keys::KeyKind;
use super::primary_keys::UserNumber;
use super::rules::{KeyRule, Rules, Tier};

impl KeyRule {
    /// Returns the word for a value of the key.
    pub(super) fn noun(&self) -> &str {
        match self.kind {
            KeyKind::Email => "address",
            KeyKind::Text | KeyKind::Uuid | KeyKind::Integer | KeyKind::Lead => &self.name,
        }
    }
}

impl Rules {
    /// Returns the word for a value of a tier, with the name of the tier if the name says anything.
    pub(super) fn called(&self, tier: u8) -> String {
        match self.tiers.get(usize::from(tier)) {
            Some(known) => format!("{}{}", self.keys[known.key].noun(), self.trust(known)),
            None => "address (trusted)".into(),
        }
    }

    /// Returns the word for a value of a tier together with the value, in a form that a person can recognise.
    pub(super) fn shown(&self, tier: u8, value: &str) -> String {
        let tier = &self.tiers[usize::from(tier)];
        let key = &self.keys[tier.key];
        format!("{} {}{}", key.noun(), key.kind.shown(value), self.trust(tier))
    }

    fn trust(&self, tier: &Tier) -> String {
        let only = || self.tiers.iter().filter(|other| other.key == tier.key).count() == 1;
        let says_nothing = self.keys[tier.key].kind != KeyKind::Email && tier.name == "all" && only();
        if says_nothing {
            String::new()
        } else {
            format!(" ({})", tier.name)
        }
    }

    /// Returns the words for a value that leads to a contact, whatever the key.
    pub(super) fn trusted_value(&self) -> &'static str {
        if self.only_addresses() {
            "a trusted address"
        } else {
            "the value of a key"
        }
    }

    /// Returns the words for any value that a user could have.
    pub(super) fn any_value(&self) -> &'static str {
        if self.only_addresses() {
            "an address"
        } else {
            "the value of a key"
        }
    }

    fn only_addresses(&self) -> bool {
        self.keys.iter().all(|key| matches!(key.kind, KeyKind::Email | KeyKind::Lead))
    }
}

impl Case<'_> {
    /// Returns the key that decides on a user: the key of a stored lead that became a contact, or the strongest key
    /// that leads to a contact.
    pub(super) fn deciding_key(&self, user: UserNumber) -> Option<&KeyRule> {
        let lead = self.stored_leads().converted(user).map(|(hit, _)| hit);
        let hit = lead.or_else(|| self.contact_hits.of(user).first().copied())?;
        Some(&self.rules.keys[hit.key()])
    }

    /// Returns the word for a value of the key that decides on a user.
    pub(super) fn deciding_noun(&self, user: UserNumber) -> &str {
        self.deciding_key(user).map_or("address", KeyRule::noun)
    }

    /// Returns the word for the contested value that closes a contact for the key that decides on a user.
    pub(super) fn closing_noun(&self, user: UserNumber, contact: Claimant) -> &str {
        let deciding = self.contact_hits.of(user).first().map(|hit| hit.key());
        let closing = deciding.and_then(|key| self.contacts.keys.closing(contact, 0..key + 1));
        closing.map_or("address", |key| self.rules.keys[key].noun())
    }
}
