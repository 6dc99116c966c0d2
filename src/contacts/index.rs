//! The index of addresses and their claimants: the matching primitive, for any kind of claimant.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::fingerprints::{Fingerprints, Numbers};
use super::keys::normalize;

/// The number of an address within one index.
pub type AddressNumber = u32;
/// The number of a claimant. The caller assigns it.
pub type Claimant = u32;

/// An index of addresses and their claimants. The order in which claims are added affects no result.
#[derive(Clone)]
pub struct AddressIndex {
    fingerprints: Fingerprints,
    numbers: Numbers,
    text: String,
    /// The end of each address in `text`.
    ends: Vec<usize>,
    first: Vec<Claimant>,
    contested: BTreeMap<AddressNumber, BTreeSet<Claimant>>,
    closed: BTreeSet<Claimant>,
}

impl AddressIndex {
    /// Creates an empty index. Indexes that share `fingerprints` can be searched by the same fingerprint.
    #[must_use]
    pub fn new(fingerprints: Fingerprints) -> Self {
        Self {
            fingerprints,
            numbers: Numbers::default(),
            text: String::new(),
            ends: Vec::new(),
            first: Vec::new(),
            contested: BTreeMap::new(),
            closed: BTreeSet::new(),
        }
    }

    /// Records that `claimant` claims `address`. Returns false for a blank, which is not an address.
    pub fn add(&mut self, claimant: Claimant, address: &str) -> bool {
        let Some(normalized) = normalize(address) else {
            return false;
        };
        self.claim(claimant, self.fingerprints.of(normalized.as_bytes()), || normalized);
        true
    }

    /// Records that `claimant` claims the address with this fingerprint. Calls `text` for the normalized text of a new
    /// address.
    pub(super) fn claim<'t>(&mut self, claimant: Claimant, fingerprint: u128, text: impl FnOnce() -> Cow<'t, str>) {
        match self.numbers.get_or_add(fingerprint) {
            (number, false) => self.claim_again(number, claimant),
            (_, true) => {
                self.text.push_str(&text());
                self.ends.push(self.text.len());
                self.first.push(claimant);
            }
        }
    }

    /// Reserves memory for this number of further addresses at once.
    pub fn reserve(&mut self, addresses: usize) {
        self.numbers.reserve(addresses);
        self.ends.reserve(addresses);
        self.first.reserve(addresses);
    }

    pub(super) fn fingerprints(&self) -> &Fingerprints {
        &self.fingerprints
    }

    /// Returns the number of the address with this fingerprint.
    #[must_use]
    pub fn find(&self, fingerprint: u128) -> Option<AddressNumber> {
        self.numbers.get(fingerprint)
    }

    /// Returns the number of `address`, in any spelling.
    #[must_use]
    pub fn find_text(&self, address: &str) -> Option<AddressNumber> {
        self.find(self.fingerprints.of(normalize(address)?.as_bytes()))
    }

    /// Returns the normalized text of an address.
    #[must_use]
    pub fn text(&self, number: AddressNumber) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.text[start..self.ends[number as usize]]
    }

    /// Returns the normalized texts of all addresses.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|number| self.text(number as AddressNumber))
    }

    /// Returns all claimants of an address.
    pub fn claimants(&self, number: AddressNumber) -> impl Iterator<Item = Claimant> + '_ {
        let several = self.contested.get(&number);
        let one = several.is_none().then(|| self.first[number as usize]);
        several.into_iter().flatten().copied().chain(one)
    }

    /// Returns the addresses with two or more claimants.
    pub fn contested(&self) -> impl Iterator<Item = AddressNumber> + '_ {
        self.contested.keys().copied()
    }

    /// Returns whether the address has two or more claimants.
    #[must_use]
    pub fn is_contested(&self, number: AddressNumber) -> bool {
        self.contested.contains_key(&number)
    }

    /// Returns whether the claimant claims a contested address.
    #[must_use]
    pub fn is_closed(&self, claimant: Claimant) -> bool {
        self.closed.contains(&claimant)
    }

    /// Returns where the addresses lead.
    #[must_use]
    pub fn reach(&self, addresses: &[AddressNumber]) -> Reach {
        let is_contested = |number: &AddressNumber| self.is_contested(*number);
        if addresses.iter().any(is_contested) {
            return Reach::Contested(addresses.iter().copied().filter(is_contested).collect());
        }
        let claimants = addresses.iter().map(|&number| self.first[number as usize]);
        match claimants.clone().next() {
            None => Reach::Nothing,
            Some(first) if claimants.clone().any(|other| other != first) => Reach::Several(claimants.collect()),
            Some(only) if self.is_closed(only) => Reach::Closed(only),
            Some(only) => Reach::One(only),
        }
    }

    pub(super) fn claim_again(&mut self, number: AddressNumber, claimant: Claimant) {
        let first = self.first[number as usize];
        if claimant != first {
            self.contested.entry(number).or_insert_with(|| BTreeSet::from([first])).insert(claimant);
            self.closed.extend([first, claimant]);
        }
    }
}

/// The claimants to whom a list of addresses leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// No claimant.
    Nothing,
    /// Exactly one claimant, who is open.
    One(Claimant),
    /// Contested addresses.
    Contested(BTreeSet<AddressNumber>),
    /// One claimant, who is closed because of another address.
    Closed(Claimant),
    /// Several claimants.
    Several(BTreeSet<Claimant>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(claims: &[(Claimant, &str)]) -> AddressIndex {
        let mut index = AddressIndex::new(Fingerprints::new());
        claims.iter().for_each(|&(claimant, address)| {
            index.add(claimant, address);
        });
        index
    }

    fn reach(index: &AddressIndex, addresses: &[&str]) -> Reach {
        index.reach(&addresses.iter().filter_map(|address| index.find_text(address)).collect::<Vec<_>>())
    }

    #[test]
    fn blank_is_no_address() {
        let index = index(&[(1, ""), (2, " "), (3, "a@b.edu")]);
        assert_eq!(index.contested().count(), 0);
        assert_eq!(reach(&index, &["", " "]), Reach::Nothing);
    }

    #[test]
    fn two_addresses_of_one_claimant_are_one_claimant() {
        let index = index(&[(1, "a@b.edu"), (1, "A@B.edu "), (1, "c@d.edu")]);
        assert_eq!(reach(&index, &["a@b.edu", "c@d.edu"]), Reach::One(1));
    }

    #[test]
    fn reserving_allocates_memory_and_changes_no_result() {
        let mut index = index(&[(1, "a@b.edu")]);
        index.reserve(1000);
        assert!(index.ends.capacity() > 1000 && index.first.capacity() > 1000);
        assert_eq!(reach(&index, &["a@b.edu"]), Reach::One(1));
    }

    #[test]
    fn a_contested_address_closes_its_claimants_in_any_order() {
        let claims = [(1, "x@y.edu"), (2, "X@y.edu"), (3, "x@y.edu"), (2, "own@y.edu"), (4, "free@y.edu")];
        for rotation in 0..claims.len() {
            let mut claims = claims;
            claims.rotate_left(rotation);
            let index = index(&claims);
            let contested = index.find_text("x@y.edu").unwrap();
            assert_eq!(index.claimants(contested).collect::<Vec<_>>(), [1, 2, 3]);
            assert_eq!(reach(&index, &["own@y.edu"]), Reach::Closed(2));
            assert_eq!(reach(&index, &["free@y.edu", "x@y.edu"]), Reach::Contested(BTreeSet::from([contested])));
            assert_eq!(reach(&index, &["free@y.edu"]), Reach::One(4));
        }
    }
}
