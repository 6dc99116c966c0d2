//! The key values of one source, and the rows that claim each value.

use std::collections::BTreeSet;
use std::ops::Range;

use super::fingerprints::Fingerprints;
use super::index::{AddressIndex, Claimant};
use super::keys::{normalize, Form, KeyKind};
use crate::rows::Cell;

/// The fields of a row that hold the values of a key.
#[derive(Debug, Clone)]
pub struct KeyLayout {
    /// The kind of the key's values.
    pub kind: KeyKind,
    /// The positions of the fields, each of which holds one value.
    pub fields: Vec<usize>,
}

/// The values of all keys, strongest key first, and the rows that claim each value.
pub struct ClaimedKeys {
    keys: Vec<ClaimedKey>,
    /// For each row, true if the row has a value of any key.
    rows: Vec<bool>,
    /// The addresses that the declaration ignores because they belong to nobody, normalized.
    ignored: BTreeSet<String>,
}

struct ClaimedKey {
    layout: KeyLayout,
    index: AddressIndex,
    /// For each field of the key, the number of rows in which the field is not blank.
    filled: Vec<usize>,
    /// The rows with a malformed value, in the order in which they were read.
    malformed: Vec<Claimant>,
}

impl ClaimedKeys {
    pub(super) fn new(layout: &[KeyLayout], ignored: &[String], fingerprints: Fingerprints) -> Self {
        let key = |layout: &KeyLayout| ClaimedKey {
            index: AddressIndex::new(fingerprints.clone()),
            filled: vec![0; layout.fields.len()],
            malformed: Vec::new(),
            layout: layout.clone(),
        };
        Self {
            keys: layout.iter().map(key).collect(),
            rows: Vec::new(),
            ignored: ignored.iter().filter_map(|address| normalize(address)).map(Into::into).collect(),
        }
    }

    /// Adds the values of the next row.
    pub(super) fn take(&mut self, cells: &[Cell<'_>], claimant: Claimant) {
        let mut has_value = false;
        for key in &mut self.keys {
            has_value |= key.take(cells, claimant, &self.ignored);
        }
        self.rows.push(has_value);
    }

    /// Returns the kind of each key.
    pub fn kinds(&self) -> impl ExactSizeIterator<Item = KeyKind> + '_ {
        self.keys.iter().map(|key| key.layout.kind)
    }

    /// Returns the number of rows that are not blank in each field of each key, key after key.
    #[must_use]
    pub fn filled(&self) -> Vec<usize> {
        self.keys.iter().flat_map(|key| &key.filled).copied().collect()
    }

    /// Returns the number of rows that have a value of any key.
    #[must_use]
    pub fn rows_with_value(&self) -> usize {
        self.rows.iter().filter(|&&has| has).count()
    }

    /// Returns the number of distinct values of all keys.
    #[must_use]
    pub fn values(&self) -> usize {
        self.keys.iter().map(|key| key.index.texts().len()).sum()
    }

    /// Returns the normalized values of a key; none if the source does not have the key.
    pub fn values_of(&self, key: usize) -> impl Iterator<Item = &str> {
        self.keys.get(key).into_iter().flat_map(|key| key.index.texts())
    }

    pub(super) fn has_value(&self, claimant: Claimant) -> bool {
        self.rows[claimant as usize]
    }

    /// Returns the index of the values of a key and their claimants.
    pub(super) fn index(&self, key: usize) -> &AddressIndex {
        &self.keys[key].index
    }

    pub(super) fn indexes(&self) -> impl ExactSizeIterator<Item = &AddressIndex> {
        self.keys.iter().map(|key| &key.index)
    }

    /// Returns the first, and so the strongest, of `keys` of which the claimant claims a contested value.
    pub(super) fn closing(&self, claimant: Claimant, mut keys: Range<usize>) -> Option<usize> {
        keys.find(|&key| self.index(key).is_closed(claimant))
    }

    /// Returns the rows with a malformed value of a key.
    pub(super) fn malformed(&self, key: usize) -> &[Claimant] {
        self.keys.get(key).map_or(&[], |key| &key.malformed)
    }
}

impl ClaimedKey {
    /// Adds the values of this key in a row. Returns whether there are any.
    fn take(&mut self, cells: &[Cell<'_>], claimant: Claimant, ignored: &BTreeSet<String>) -> bool {
        let (mut has_value, mut malformed) = (false, false);
        for (filled, &field) in self.filled.iter_mut().zip(&self.layout.fields) {
            let form = self.layout.kind.form_of(&cells[field]);
            // A field with an ignored address counts as filled, because a person filled it.
            *filled += usize::from(form != Form::Blank);
            match form {
                Form::Value(value) if self.layout.kind != KeyKind::Email || !ignored.contains(value.as_ref()) => {
                    let fingerprint = self.index.fingerprints().of(value.as_bytes());
                    self.index.claim(claimant, fingerprint, || value);
                    has_value = true;
                }
                Form::Malformed => malformed = true,
                Form::Blank | Form::Value(_) => {}
            }
        }
        self.malformed.extend(malformed.then_some(claimant));
        has_value
    }
}
