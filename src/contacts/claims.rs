//! The addresses that keys claim, prepared in parallel for an index.

use std::num::NonZeroU128;
use std::ops::Range;

use super::address_lists::{fill, fill_by, lists_between, range, AddressLists, KeyNames, Texts, PIECE};
use super::fingerprints::Fingerprints;
use super::index::{AddressIndex, Claimant};
use super::keys::normalize;

/// Keys and the addresses that each of them claims, with everything that can be computed about them without an index.
pub struct Claims {
    keys: Vec<u128>,
    /// The end of each key's list in the addresses.
    ends: Vec<usize>,
    /// The addresses as [`AddressLists`] has them.
    texts: Readable,
    /// The normalized addresses, in pieces of `PIECE`.
    pieces: Vec<Normalized>,
}

/// Texts in one buffer, all of them UTF-8.
struct Readable {
    text: String,
    /// The end of each text in `text`.
    ends: Vec<usize>,
}

impl Readable {
    /// Converts texts. Replaces a text that is not UTF-8 with blanks.
    fn new(texts: Texts) -> Self {
        let text = String::from_utf8(texts.bytes).or_else(|error| {
            let mut bytes = error.into_bytes();
            for number in 0..texts.ends.len() {
                let text = &mut bytes[range(&texts.ends, number)];
                if std::str::from_utf8(text).is_err() {
                    text.fill(b' ');
                }
            }
            String::from_utf8(bytes)
        });
        Self { text: text.unwrap_or_default(), ends: texts.ends }
    }

    /// Returns a text; an empty one if it begins or ends within a character, which it shares with the next text.
    fn get(&self, number: usize) -> &str {
        self.text.get(range(&self.ends, number)).unwrap_or_default()
    }
}

/// A piece of the addresses in normalized form.
#[derive(Default)]
struct Normalized {
    /// The fingerprint of each address; `None` for a blank. `None` takes no space, because it is stored as the
    /// fingerprint 0, which is as unlikely as a collision.
    fingerprints: Vec<Option<NonZeroU128>>,
    /// The few addresses whose normalized form differs from `texts`, by their index in the piece, in order.
    respelled: Vec<(usize, String)>,
}

impl Normalized {
    fn new(texts: &Readable, addresses: Range<usize>, fingerprints: &Fingerprints) -> Self {
        let mut normalized = Self { fingerprints: Vec::with_capacity(addresses.len()), respelled: Vec::new() };
        for (place, address) in addresses.enumerate() {
            let given = texts.get(address);
            let text = normalize(given);
            let fingerprint = text.as_ref().map(|text| fingerprints.of(text.as_bytes()));
            normalized.fingerprints.push(fingerprint.and_then(NonZeroU128::new));
            let respelled = text.filter(|text| **text != *given);
            normalized.respelled.extend(respelled.map(|text| (place, text.into_owned())));
        }
        normalized
    }
}

impl Claims {
    /// Computes the fingerprints of keys and addresses. Each key claims the list at the key's index.
    #[must_use]
    pub fn new(keys: &KeyNames, lists: AddressLists, fingerprints: &Fingerprints) -> Self {
        let mut names = vec![0; keys.0.len()];
        fill(&mut names, |start, some| {
            some.iter_mut().zip(start..).for_each(|(name, key)| *name = fingerprints.of(keys.0.get(key)));
        });
        let (count, texts) = (lists.addresses(), Readable::new(lists.addresses));
        let mut pieces = Vec::new();
        pieces.resize_with(count.div_ceil(PIECE), Normalized::default);
        fill_by(1, &mut pieces, |number, piece| {
            let start = number * PIECE;
            piece.fill_with(|| Normalized::new(&texts, start..count.min(start + PIECE), fingerprints));
        });
        Self { keys: names, ends: lists.ends, texts, pieces }
    }

    /// Returns the number of addresses, blanks included.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.texts.ends.len()
    }

    /// Returns the fingerprints of the keys.
    #[must_use]
    pub fn keys(&self) -> &[u128] {
        &self.keys
    }

    fn fingerprint(&self, address: usize) -> Option<u128> {
        self.pieces[address / PIECE].fingerprints[address % PIECE].map(NonZeroU128::get)
    }

    fn text(&self, address: usize) -> &str {
        let respelled = &self.pieces[address / PIECE].respelled;
        match respelled.binary_search_by_key(&(address % PIECE), |(place, _)| *place) {
            Ok(found) => &respelled[found].1,
            Err(_) => self.texts.get(address),
        }
    }
}

impl AddressIndex {
    /// Records claims: each of `claimants` claims one list, in order, beginning with the list `start`.
    pub fn add_claims(&mut self, claims: &Claims, start: usize, claimants: &[Claimant]) {
        let addresses = lists_between(&claims.ends, start, claimants.len());
        // Looks all addresses up first, as `reach_all` does: the entries are then in the processor's cache when they
        // change.
        let known: Vec<_> = addresses.clone().map(|address| self.find(claims.fingerprint(address)?)).collect();
        for (list, &claimant) in (start..).zip(claimants) {
            for address in lists_between(&claims.ends, list, 1) {
                match (known[address - addresses.start], claims.fingerprint(address)) {
                    (Some(number), _) => self.claim_again(number, claimant),
                    (None, Some(name)) => self.claim(claimant, name, || claims.text(address).into()),
                    (None, None) => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::address_lists::KeyName;
    use super::*;

    fn texts(texts: &[&[u8]]) -> Texts {
        let mut lists = AddressLists::default();
        texts.iter().for_each(|text| lists.push(text));
        lists.addresses
    }

    #[test]
    fn keys_of_different_kinds_differ() {
        let mut keys = KeyNames::default();
        let eight = 7_i64.to_le_bytes();
        for key in [KeyName::Text(&eight), KeyName::Integer(7), KeyName::Ordinal(7), KeyName::Text(b"")] {
            keys.push(key);
        }
        let claims = Claims::new(&keys, AddressLists::default(), &Fingerprints::new());
        assert_eq!(claims.keys().iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }

    #[test]
    fn blanks_are_counted_among_the_addresses_that_are_claimed() {
        let mut lists = AddressLists::default();
        for list in [&[" a@b.edu", " "][..], &["\u{a0}c@d.edu"]] {
            list.iter().for_each(|address| lists.push(address.as_bytes()));
            lists.end_list();
        }
        let mut keys = KeyNames::default();
        (1..=2).for_each(|key| keys.push(KeyName::Integer(key)));
        let claims = Claims::new(&keys, lists, &Fingerprints::new());
        let known: Vec<_> = (0..3).map(|address| claims.fingerprint(address).map(|_| claims.text(address))).collect();
        assert_eq!((claims.addresses(), known), (3, vec![Some("a@b.edu"), None, Some("c@d.edu")]));
    }

    #[test]
    fn what_is_not_utf_8_is_blank_and_leaves_the_others_as_they_are() {
        let read = |given: &[&[u8]]| {
            let texts = Readable::new(texts(given));
            (0..given.len()).map(|number| texts.get(number).trim().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(read(&[b"a@b.edu", b"a\xff@b.edu", "\u{e9}@b.edu".as_bytes()]), ["a@b.edu", "", "\u{e9}@b.edu"]);
        // The first two texts share a character.
        assert_eq!(read(&[b"a\xc3", b"\xa9@b.edu", b"c@d.edu"]), ["", "", "c@d.edu"]);
        assert_eq!(read(&[b"\xff", b"a\xc3", b"\xa9@b.edu"]), ["", "", ""]);
    }
}
