//! The facts on which a comparison is based.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::rules::{Remembered, Rules, Target};
use super::sources::{AccountTable, OrganizationTable};

/// Both sides as they were read, and the rules.
pub(super) struct Case<'a> {
    pub(super) accounts: &'a AccountTable,
    pub(super) organizations: &'a OrganizationTable,
    pub(super) rules: &'a Rules,
    /// The ids that several rows of the organizations share. None of these rows is written.
    pub(super) repeated: BTreeSet<u64>,
    /// The earlier writes that did not store what was sent, by organization and target.
    pub(super) remembered: HashMap<(u64, &'a Target), &'a Remembered>,
}

impl<'a> Case<'a> {
    pub(super) fn new(accounts: &'a AccountTable, organizations: &'a OrganizationTable, rules: &'a Rules) -> Self {
        let remembered =
            rules.remembered.iter().map(|came_to| ((came_to.organization, &came_to.target), came_to)).collect();
        Self { accounts, organizations, rules, repeated: repeated(organizations), remembered }
    }
}

/// Returns the numbers of all rows, as a parallel iterator.
pub(super) fn rows(len: usize) -> impl IndexedParallelIterator<Item = u32> {
    (0..len as u32).into_par_iter()
}

fn repeated(organizations: &OrganizationTable) -> BTreeSet<u64> {
    let mut ids: Vec<u64> = rows(organizations.len()).map(|row| organizations.organization(row).id()).collect();
    ids.par_sort_unstable();
    ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
}
