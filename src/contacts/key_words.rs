//! Keys in words: what reasons, issues and stories call them.

use super::keys::KeyKind;
use super::rules::{KeyRule, Rules, Tier};

impl KeyRule {
    /// Returns what a value of the key is called.
    pub(super) fn noun(&self) -> &str {
        match self.kind {
            KeyKind::Email => "address",
            KeyKind::Text | KeyKind::Uuid | KeyKind::Integer => &self.name,
        }
    }
}

impl Rules {
    /// Returns what a value of a tier is called, with its trust where that says anything.
    pub(super) fn called(&self, tier: u8) -> String {
        match self.tiers.get(usize::from(tier)) {
            Some(known) => format!("{}{}", self.keys[known.key].noun(), self.trust(known)),
            None => "address (trusted)".into(),
        }
    }

    /// Returns the same with the value in it, for a person who has to recognise it.
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

    /// Returns what the values are called that are looked for, where it does not matter which.
    pub(super) fn any_value(&self) -> &'static str {
        let only_addresses = self.keys.iter().all(|key| key.kind == KeyKind::Email);
        if only_addresses {
            "an address"
        } else {
            "a key"
        }
    }
}
