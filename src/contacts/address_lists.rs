//! Lists of addresses: collects many of them in one buffer, and looks them up in parallel.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::fingerprints::Fingerprints;
use super::index::{AddressIndex, Claimant, Reach};
use super::keys::normalize;

/// Texts in one buffer, one after another, so that a million of them take a few allocations instead of a million.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) bytes: Vec<u8>,
    /// The end of each text in `bytes`.
    pub(super) ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.ends.push(self.bytes.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, number: usize) -> &[u8] {
        &self.bytes[range(&self.ends, number)]
    }
}

/// Returns the range of a text in the buffer. `ends` has the end of each text.
pub(super) fn range(ends: &[usize], number: usize) -> Range<usize> {
    lists_between(ends, number, 1)
}

/// The name of a key, which tells the key from all others.
#[derive(Debug, Clone, Copy)]
pub enum KeyName<'k> {
    /// A text, by its bytes.
    Text(&'k [u8]),
    /// An integer.
    Integer(i64),
    /// Any other key, by a number that the caller gave it.
    Ordinal(u64),
}

/// The names of many keys, of any kind.
#[derive(Default)]
pub struct KeyNames(pub(super) Texts);

impl KeyNames {
    /// Appends the name of a key.
    pub fn push(&mut self, key: KeyName<'_>) {
        key.with_bytes(|parts| self.0.push(parts));
    }
}

impl KeyName<'_> {
    /// Returns the fingerprint of the key's name.
    #[must_use]
    pub fn fingerprint(self, fingerprints: &Fingerprints) -> u128 {
        self.with_bytes(|parts| fingerprints.of_parts(parts))
    }

    fn with_bytes<T>(self, read: impl FnOnce(&[&[u8]]) -> T) -> T {
        match self {
            Self::Text(text) => read(&[b"t", text]),
            Self::Integer(number) => read(&[b"i", &number.to_le_bytes()]),
            Self::Ordinal(number) => read(&[b"o", &number.to_le_bytes()]),
        }
    }
}

/// A list of addresses for each of many people.
#[derive(Default)]
pub struct AddressLists {
    /// The addresses without ASCII white space at their ends, and with ASCII letters in lower case. This changes no
    /// address, and most addresses are then in the normalized form already.
    pub(super) addresses: Texts,
    /// The end of each list in `addresses`.
    pub(super) ends: Vec<usize>,
}

impl AddressLists {
    /// Appends an address, in any spelling, to the list that has not ended yet. Bytes that are not UTF-8 are no
    /// address.
    pub fn push(&mut self, address: &[u8]) {
        let start = self.addresses.bytes.len();
        self.addresses.push(&[address.trim_ascii()]);
        self.addresses.bytes[start..].make_ascii_lowercase();
    }

    /// Ends a list.
    pub fn end_list(&mut self) {
        self.ends.push(self.addresses.len());
    }

    /// Removes all lists, but keeps the allocated memory.
    pub fn clear(&mut self) {
        self.addresses.bytes.clear();
        self.addresses.ends.clear();
        self.ends.clear();
    }

    /// Returns the number of addresses in all lists.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.addresses.len()
    }

    fn list(&self, number: usize) -> Range<usize> {
        self.lists(number, 1)
    }

    /// Returns the range of the addresses of `count` lists.
    fn lists(&self, start: usize, count: usize) -> Range<usize> {
        lists_between(&self.ends, start, count)
    }

    fn text(&self, address: usize) -> Option<Cow<'_, str>> {
        std::str::from_utf8(self.addresses.get(address)).ok().and_then(normalize)
    }

    fn fingerprint(&self, address: usize, fingerprints: &Fingerprints) -> Option<u128> {
        self.text(address).map(|text| fingerprints.of(text.as_bytes()))
    }
}

/// Returns the range of the elements of `count` lists. `ends` has the end of each list.
pub(super) fn lists_between(ends: &[usize], start: usize, count: usize) -> Range<usize> {
    let end = |lists: usize| lists.checked_sub(1).map_or(0, |last| ends[last]);
    end(start)..end(start + count)
}

impl AddressIndex {
    /// Records that `claimant` claims the addresses of all lists.
    pub fn add_lists(&mut self, claimant: Claimant, lists: &AddressLists) {
        (0..lists.addresses()).filter_map(|address| lists.text(address)).for_each(|text| {
            self.claim(claimant, self.fingerprints().of(text.as_bytes()), || text);
        });
    }

    /// Returns where each list leads.
    #[must_use]
    pub fn reach_all(&self, lists: &AddressLists) -> Vec<Reach> {
        let mut reached = vec![Reach::Nothing; lists.ends.len()];
        fill(&mut reached, |start, some| {
            let addresses = lists.lists(start, some.len());
            let first = addresses.start;
            // Look-ups in a tight loop wait for memory together instead of one after another.
            let fingerprints: Vec<_> = addresses.map(|number| lists.fingerprint(number, self.fingerprints())).collect();
            let numbers: Vec<_> = fingerprints.into_iter().map(|fingerprint| self.find(fingerprint?)).collect();
            let mut found = Vec::new();
            for (reach, list) in some.iter_mut().zip(start..) {
                let Range { start, end } = lists.list(list);
                found.clear();
                found.extend(numbers[start - first..end - first].iter().flatten());
                *reach = self.reach(&found);
            }
        });
        reached
    }
}

/// The number of keys or addresses that a thread takes at a time.
pub(super) const PIECE: usize = 256;

/// Fills `results` piece by piece. Calls `piece` with the index of the first result of a piece and the results. Uses
/// all threads of the rayon pool if this is one of them, and only this thread otherwise: rayon would start its global
/// pool, whose threads do not exist in a fork of the process.
pub(super) fn fill<T: Send>(results: &mut [T], piece: impl Fn(usize, &mut [T]) + Sync + Send) {
    fill_by(PIECE, results, piece);
}

/// Fills `results` as [`fill`] does, in pieces of `size`.
pub(super) fn fill_by<T: Send>(size: usize, results: &mut [T], piece: impl Fn(usize, &mut [T]) + Sync + Send) {
    if rayon::current_thread_index().is_some() {
        results.par_chunks_mut(size).enumerate().for_each(|(number, some)| piece(number * size, some));
    } else {
        results.chunks_mut(size).enumerate().for_each(|(number, some)| piece(number * size, some));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::claims::Claims;
    use super::*;

    /// Generates spellings that differ in everything that may or may not make a difference.
    fn spelling() -> impl Strategy<Value = String> {
        const SPACES: [&str; 9] = ["", "", " ", "\t", "\u{b}", "\u{1c}", "\u{85}", "\u{a0}", "\u{3000}"];
        const DOMAINS: [&str; 12] = [
            "b.edu",
            "B.EDU",
            "",
            "BÜCHER.example",
            "bücher.example",
            "xn--bcher-kva.example",
            "\u{212a}elvin.edu",
            "\u{130}x.edu",
            "ä。edu",
            "Straße.de",
            "a\u{308}.edu",
            "b\0.edu",
        ];
        let part = prop_oneof![Just("ann".to_owned()), Just("Ann".to_owned()), "[ -~]{0,6}", "\\PC{0,4}"];
        let space = || prop::sample::select(&SPACES[..]);
        let known = (space(), part, prop::sample::select(&DOMAINS[..]), space())
            .prop_map(|(before, local, domain, after)| format!("{before}{local}@{domain}{after}"));
        prop_oneof![4 => known, 1 => any::<String>()]
    }

    fn list() -> impl Strategy<Value = Vec<Vec<u8>>> {
        // Bytes that are not UTF-8, among them the two halves of a character.
        let invalid = prop::sample::select(vec![&b"a\xff@b.edu"[..], b"a\xc3", b"\xa9@b.edu"]).prop_map(<[u8]>::to_vec);
        prop::collection::vec(prop_oneof![9 => spelling().prop_map(String::into_bytes), 1 => invalid], 0..4)
    }

    fn lists_of(texts: &[Vec<Vec<u8>>]) -> AddressLists {
        let mut lists = AddressLists::default();
        for list in texts {
            list.iter().for_each(|text| lists.push(text));
            lists.end_list();
        }
        lists
    }

    fn keys_of(claims: &[(Claimant, Vec<Vec<u8>>)]) -> KeyNames {
        let mut keys = KeyNames::default();
        claims.iter().for_each(|(key, _)| keys.push(KeyName::Integer((*key).into())));
        keys
    }

    #[test]
    fn lists_that_were_forgotten_leave_nothing_to_the_next() {
        let mut index = AddressIndex::new(Fingerprints::new());
        index.add(1, "a@b.edu");
        let mut lists = lists_of(&[vec![b"a@b.edu".to_vec()], vec![]]);
        lists.clear();
        lists.end_list();
        assert_eq!((lists.addresses(), index.reach_all(&lists)), (0, vec![Reach::Nothing]));
    }

    proptest! {
        #[test]
        fn lower_case_before_changes_no_address(text in spelling()) {
            let lower = text.to_ascii_lowercase();
            prop_assert_eq!(normalize(&text), normalize(&lower));
        }

        #[test]
        fn batches_give_the_same_results_as_single_calls(
            claims in prop::collection::vec((0..6_u32, list()), 0..12),
            asked in prop::collection::vec(list(), 0..12),
            parallel in any::<bool>(),
        ) {
            let fingerprints = Fingerprints::new();
            let mut single = AddressIndex::new(fingerprints.clone());
            let mut index = AddressIndex::new(fingerprints.clone());
            let readable = |text: &Vec<u8>| std::str::from_utf8(text).ok().map(str::to_owned);
            for (claimant, list) in &claims {
                list.iter().filter_map(readable).for_each(|text| { single.add(*claimant, &text); });
            }
            let lists = lists_of(&claims.iter().map(|(_, list)| list.clone()).collect::<Vec<_>>());
            let keys = keys_of(&claims);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
            let prepare = || Claims::new(&keys, lists, &fingerprints);
            let prepared = if parallel { pool.install(prepare) } else { prepare() };
            for (place, (claimant, _)) in claims.iter().enumerate() {
                let same = claims.iter().position(|(other, _)| other == claimant);
                prop_assert_eq!(prepared.keys().iter().position(|key| *key == prepared.keys()[place]), same);
                prop_assert_eq!(KeyName::Integer((*claimant).into()).fingerprint(&fingerprints), prepared.keys()[place]);
            }
            for (place, some) in claims.chunks(5).enumerate() {
                let claimants: Vec<_> = some.iter().map(|(claimant, _)| *claimant).collect();
                index.add_claims(&prepared, place * 5, &claimants);
            }
            let mut listed = AddressIndex::new(fingerprints.clone());
            claims.iter().for_each(|(claimant, list)| listed.add_lists(*claimant, &lists_of(std::slice::from_ref(list))));
            let asked_lists = lists_of(&asked);
            let reach = || index.reach_all(&asked_lists);
            let reached = if parallel { pool.install(reach) } else { reach() };
            for (list, reach) in asked.iter().zip(&reached) {
                let found: Vec<_> = list.iter().filter_map(readable).filter_map(|text| single.find_text(&text)).collect();
                prop_assert_eq!(&single.reach(&found), reach);
            }
            let contested = |index: &AddressIndex| {
                index.contested().map(|n| (index.text(n).to_owned(), index.claimants(n).collect::<Vec<_>>())).collect::<Vec<_>>()
            };
            prop_assert_eq!(contested(&single), contested(&index));
            prop_assert_eq!(contested(&single), contested(&listed));
        }
    }
}
