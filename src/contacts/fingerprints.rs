//! Short stand-ins for texts, and numbers that are found by them.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use siphasher::sip128::{Hasher128, SipHasher13};

/// Turns texts into 128-bit keys, differently in every run, so that nobody outside can aim for a collision.
#[derive(Clone)]
pub struct Fingerprints(SipHasher13);

impl Fingerprints {
    /// Fingerprints with keys of their own.
    #[must_use]
    pub fn new() -> Self {
        let key = || RandomState::new().hash_one(0);
        Self(SipHasher13::new_with_keys(key(), key()))
    }

    /// Returns the fingerprint of a normalized address, or of anything else that is told apart by its bytes.
    #[must_use]
    pub fn of(&self, bytes: &[u8]) -> u128 {
        self.of_parts(&[bytes])
    }

    /// Returns the fingerprint of what the parts are together.
    #[must_use]
    pub(super) fn of_parts(&self, parts: &[&[u8]]) -> u128 {
        let mut hasher = self.0;
        parts.iter().for_each(|part| hasher.write(part));
        hasher.finish128().as_u128()
    }
}

impl Default for Fingerprints {
    fn default() -> Self {
        Self::new()
    }
}

/// Numbers by fingerprint.
pub type Numbers = HashMap<u128, u32, BuildHasherDefault<TakeAsIs>>;

/// A fingerprint is a good hash already.
#[derive(Default)]
pub struct TakeAsIs(u64);

impl Hasher for TakeAsIs {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_ne_bytes(word);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_that_differ_are_kept_in_different_places() {
        let place = |fingerprint: u128| BuildHasherDefault::<TakeAsIs>::default().hash_one(fingerprint);
        let places = [0, 1, 2 << 64].map(place);
        assert_eq!(std::collections::BTreeSet::from(places).len(), 3, "with each half of a fingerprint");
    }
}
