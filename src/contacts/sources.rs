//! Contacts and leads as they were read: their ids, their claims of key values, and a column for each attribute.

use std::collections::{HashMap, HashSet};

use super::claimed_keys::{ClaimedKeys, KeyLayout};
use super::fingerprints::Fingerprints;
use super::index::Claimant;
use crate::rows::{Cell, Column, Id, RowSink};

/// The layout of a row of [`ContactTable`]. All numbers are positions of cells.
#[derive(Debug, Clone, Default)]
pub struct ContactLayout {
    /// The contact's id.
    pub id: usize,
    /// The keys, strongest first.
    pub keys: Vec<KeyLayout>,
    /// The addresses that the declaration ignores because they belong to nobody, in any spelling.
    pub ignored: Vec<String>,
    /// The parents from which attributes are taken.
    pub parents: Vec<ParentSource>,
    /// The source of each attribute.
    pub attributes: Vec<AttributeSource>,
}

/// A parent record: the field that refers to it, and the parent's own id.
#[derive(Debug, Clone)]
pub struct ParentSource {
    /// The field that refers to the parent, such as `AccountId`.
    pub reference: usize,
    /// The parent's own id, such as `Account.Id`.
    pub id: usize,
}

/// The source of one attribute: its cells, each with the numbers of the parents on the path to it.
#[derive(Debug, Clone, Default)]
pub struct AttributeSource {
    /// Pairs of a cell and the parents on the path to it.
    pub cells: Vec<(usize, Vec<usize>)>,
}

/// All contacts.
pub struct ContactTable {
    layout: ContactLayout,
    ids: Vec<Id>,
    by_id: HashMap<Id, Claimant>,
    winners: HashMap<Id, Id>,
    gone: HashSet<Id>,
    without_parent: usize,
    /// For each parent, true if the current row refers to one that was not read.
    absent: Vec<bool>,
    pub(super) keys: ClaimedKeys,
    attributes: Vec<Column>,
}

impl ContactTable {
    /// Creates an empty table.
    #[must_use]
    pub fn new(layout: ContactLayout, fingerprints: Fingerprints) -> Self {
        let attributes = layout.attributes.iter().map(|_| Column::default()).collect();
        let keys = ClaimedKeys::new(&layout.keys, &layout.ignored, fingerprints);
        Self {
            layout,
            ids: Vec::new(),
            by_id: HashMap::new(),
            winners: HashMap::new(),
            gone: HashSet::new(),
            without_parent: 0,
            absent: Vec::new(),
            keys,
            attributes,
        }
    }

    /// Returns the number of contacts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns whether there are no contacts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns the key values and the contacts that claim them.
    #[must_use]
    pub fn keys(&self) -> &ClaimedKeys {
        &self.keys
    }

    /// Returns the number of contacts that refer to a parent that was not read.
    #[must_use]
    pub fn without_parent(&self) -> usize {
        self.without_parent
    }

    /// Returns the values of each attribute.
    #[must_use]
    pub fn attributes(&self) -> &[Column] {
        &self.attributes
    }

    /// Returns the ids of all contacts.
    pub fn ids(&self) -> impl Iterator<Item = Id> + '_ {
        self.ids.iter().copied()
    }

    /// Returns the contacts into which missing contacts were merged.
    pub fn winners(&self) -> impl Iterator<Item = Id> + '_ {
        self.winners.values().copied()
    }

    pub(super) fn id(&self, contact: Claimant) -> Id {
        self.ids[contact as usize]
    }

    pub(super) fn find(&self, id: Id) -> Option<Claimant> {
        self.by_id.get(&id).copied()
    }

    /// Returns whether the contact was read.
    #[must_use]
    pub fn has(&self, id: Id) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Sets the contacts into which missing contacts were merged: a map from the missing id to the id of the winner.
    pub fn merged(&mut self, winners: HashMap<Id, Id>) {
        self.winners = winners;
    }

    /// Sets the missing contacts that are gone for certain, and not only invisible.
    pub fn gone(&mut self, ids: HashSet<Id>) {
        self.gone = ids;
    }

    pub(super) fn known_to_be_gone(&self, id: Id) -> bool {
        self.gone.contains(&id)
    }

    /// Returns the contact into which a missing contact was merged, if the winner was read.
    pub(super) fn winner(&self, id: Id) -> Option<Claimant> {
        self.find(*self.winners.get(&id)?)
    }
}

impl RowSink for ContactTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        let contact = self.ids.len() as Claimant;
        let id = row_id(&cells[self.layout.id])?;
        if self.by_id.insert(id, contact).is_some() {
            return Err(format!("contact {id} came twice"));
        }
        self.ids.push(id);
        self.keys.take(cells, contact);
        let absent = |parent: &ParentSource| cells[parent.reference].is_filled() && !cells[parent.id].is_filled();
        self.absent.clear();
        self.absent.extend(self.layout.parents.iter().map(absent));
        self.without_parent += usize::from(self.absent.contains(&true));
        let is_absent = |parents: &[usize]| parents.iter().any(|&parent| self.absent[parent]);
        for (column, source) in self.attributes.iter_mut().zip(&self.layout.attributes) {
            match &source.cells[..] {
                // Most attributes have one cell, which is pushed without a copy.
                [(cell, parents)] if !is_absent(parents) => column.push(&cells[*cell..=*cell]),
                several => {
                    let value = |(cell, parents): &(usize, Vec<usize>)| match is_absent(parents) {
                        true => Cell::Unknown,
                        false => cells[*cell].clone(),
                    };
                    column.push(&several.iter().map(value).collect::<Vec<_>>());
                }
            }
        }
        Ok(())
    }
}

/// The layout of a row of [`LeadTable`]. All numbers are positions of cells.
#[derive(Debug, Clone, Default)]
pub struct LeadLayout {
    /// The lead's id.
    pub id: usize,
    /// The keys, strongest first.
    pub keys: Vec<KeyLayout>,
    /// The addresses that the declaration ignores because they belong to nobody, in any spelling.
    pub ignored: Vec<String>,
    /// The status, if the declaration uses it.
    pub status: Option<usize>,
    /// The contact that a converted lead became, if the org shows it.
    pub converted: Option<usize>,
}

/// All leads.
pub struct LeadTable {
    layout: LeadLayout,
    by_id: HashMap<Id, Claimant>,
    pub(super) keys: ClaimedKeys,
    statuses: Column,
    /// The contacts that converted leads became.
    converted: HashMap<Claimant, Id>,
}

impl LeadTable {
    /// Creates an empty table.
    #[must_use]
    pub fn new(layout: LeadLayout, fingerprints: Fingerprints) -> Self {
        let keys = ClaimedKeys::new(&layout.keys, &layout.ignored, fingerprints);
        Self { layout, by_id: HashMap::new(), keys, statuses: Column::default(), converted: HashMap::new() }
    }

    /// Returns the number of leads.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Returns whether there are no leads.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the key values and the leads that claim them.
    #[must_use]
    pub fn keys(&self) -> &ClaimedKeys {
        &self.keys
    }

    /// Returns the status of each lead.
    #[must_use]
    pub fn statuses(&self) -> &Column {
        &self.statuses
    }

    /// Returns the contacts that converted leads became.
    pub fn became_contacts(&self) -> impl Iterator<Item = Id> + '_ {
        self.converted.values().copied()
    }

    /// Returns the contact that a converted lead became, or the contact into which that one was merged, if it was read.
    pub(super) fn contact(&self, lead: Claimant, contacts: &ContactTable) -> Option<Claimant> {
        let id = *self.converted.get(&lead)?;
        contacts.find(id).or_else(|| contacts.winner(id))
    }
}

impl RowSink for LeadTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        let lead = self.len() as Claimant;
        let id = row_id(&cells[self.layout.id])?;
        if self.by_id.insert(id, lead).is_some() {
            return Err(format!("lead {id} came twice"));
        }
        self.keys.take(cells, lead);
        if let Some(status) = self.layout.status {
            self.statuses.push(&cells[status..=status]);
        }
        let became = self.layout.converted.map(|cell| &cells[cell]).filter(|cell| cell.is_filled());
        let became =
            became.map(row_id).transpose().map_err(|_| format!("lead {id} became a contact without a valid Id"))?;
        self.converted.extend(became.map(|contact| (lead, contact)));
        Ok(())
    }
}

fn row_id(cell: &Cell<'_>) -> Result<Id, String> {
    cell.text().and_then(Id::parse).ok_or_else(|| "a row came without a valid Id".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_that_became_something_without_an_id_is_not_taken_for_one_that_became_nothing() {
        let row = |became: Cell<'static>| {
            let layout = LeadLayout { id: 0, converted: Some(1), ..LeadLayout::default() };
            let mut leads = LeadTable::new(layout, Fingerprints::new());
            leads.row(&[Cell::Text("00Q000000000001".into()), became]).map(|()| leads.became_contacts().count())
        };
        assert_eq!([row(Cell::Null), row(Cell::Text("003000000000001".into()))], [Ok(0), Ok(1)]);
        assert!(row(Cell::Text("003000000000001aaa".into())).is_err_and(|why| why.contains("without a valid Id")));
    }
}
