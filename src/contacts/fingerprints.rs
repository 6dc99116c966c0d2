//! Fingerprints of texts, and numbers that are looked up by fingerprint.

use std::hash::{BuildHasher, Hasher, RandomState};

use hashbrown::hash_table::{Entry, HashTable};
use siphasher::sip128::{Hasher128, SipHasher13};

/// Turns texts into 128-bit fingerprints, by random keys of the run, so that no outsider can construct a collision.
#[derive(Clone)]
pub struct Fingerprints(SipHasher13);

impl Fingerprints {
    /// Creates fingerprints with random keys.
    #[must_use]
    pub fn new() -> Self {
        let key = || RandomState::new().hash_one(0);
        Self(SipHasher13::new_with_keys(key(), key()))
    }

    /// Returns the fingerprint of a normalized address, or of any other bytes.
    #[must_use]
    pub fn of(&self, bytes: &[u8]) -> u128 {
        self.of_parts(&[bytes])
    }

    /// Returns the fingerprint of the concatenation of the parts.
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

/// Consecutive numbers by fingerprint: the first fingerprint gets 0, the next one 1, and so on.
#[derive(Clone, Default)]
pub struct Numbers {
    /// Only the numbers, so that many of them fit into the processor's cache. This pays when many are looked up one
    /// after another.
    table: HashTable<u32>,
    /// The fingerprint of each number.
    fingerprints: Vec<u128>,
}

impl Numbers {
    /// Returns the number of a fingerprint.
    #[must_use]
    pub fn get(&self, fingerprint: u128) -> Option<u32> {
        self.table.find(place(fingerprint), |&number| self.fingerprints[number as usize] == fingerprint).copied()
    }

    /// Assigns the next number to a fingerprint that has none.
    pub fn add(&mut self, fingerprint: u128) -> u32 {
        let number = self.fingerprints.len() as u32;
        self.fingerprints.push(fingerprint);
        self.table.insert_unique(place(fingerprint), number, |&known| place(self.fingerprints[known as usize]));
        number
    }

    /// Returns the number of a fingerprint, and whether it has just been assigned.
    pub fn get_or_add(&mut self, fingerprint: u128) -> (u32, bool) {
        let known = &mut self.fingerprints;
        let same = |&number: &u32| known[number as usize] == fingerprint;
        match self.table.entry(place(fingerprint), same, |&number| place(known[number as usize])) {
            Entry::Occupied(number) => (*number.get(), false),
            Entry::Vacant(free) => {
                let number = known.len() as u32;
                free.insert(number);
                known.push(fingerprint);
                (number, true)
            }
        }
    }

    /// Returns the number of fingerprints.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// Returns whether there are no fingerprints.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reserves memory for `more` fingerprints at once.
    pub fn reserve(&mut self, more: usize) {
        self.fingerprints.reserve(more);
        self.table.reserve(more, |&known| place(self.fingerprints[known as usize]));
    }

    /// Removes the numbers from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.fingerprints.truncate(len);
        self.table.retain(|number| (*number as usize) < len);
    }
}

/// Returns the hash of a fingerprint. The lower half will do, because a fingerprint is a good hash.
fn place(fingerprint: u128) -> u64 {
    fingerprint as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_a_whole_fingerprint() {
        let mut numbers = Numbers::default();
        let fingerprints = [0, 1, 1 << 64, 2 << 64, 2 << 64 | 1];
        numbers.reserve(1);
        assert_eq!(fingerprints.map(|fingerprint| numbers.add(fingerprint)), [0, 1, 2, 3, 4]);
        assert_eq!(fingerprints.map(|fingerprint| numbers.get(fingerprint)), [0, 1, 2, 3, 4].map(Some));
        assert_eq!((numbers.get(2), numbers.len(), numbers.is_empty()), (None, 5, false));
    }

    #[test]
    fn many_numbers_are_found_and_forgotten() {
        let (mut numbers, fingerprints) = (Numbers::default(), Fingerprints::new());
        let name = |n: u32| fingerprints.of(&n.to_le_bytes());
        (0..5_000).for_each(|n| assert_eq!(numbers.add(name(n)), n));
        numbers.truncate(3_000);
        assert!((0..3_000).all(|n| numbers.get(name(n)) == Some(n)));
        assert!((3_000..5_000).all(|n| numbers.get(name(n)).is_none()));
        assert_eq!(numbers.add(name(4_000)), 3_000);
        assert_eq!(
            [4_000, 4_001, 4_001, 7].map(|n| numbers.get_or_add(name(n))),
            [(3_000, false), (3_001, true), (3_001, false), (7, false),]
        );
    }
}
