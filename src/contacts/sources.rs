//! Contacts and leads as they came: ids, who claims which address, and a column for each attribute.

use std::collections::HashMap;

use super::index::{AddressIndex, Claimant, Fingerprints};
use crate::columns::{Cell, Column};
use crate::salesforce::{Id, RowSink};

/// Where the parts of a contact are in a row; all numbers are positions of cells.
#[derive(Debug, Clone, Default)]
pub struct ContactLayout {
    /// The contact's id.
    pub id: usize,
    /// The fields that hold one address each.
    pub addresses: Vec<usize>,
    /// Parents from which attributes are taken.
    pub parents: Vec<ParentSource>,
    /// What each attribute is taken from.
    pub attributes: Vec<AttributeSource>,
}

/// A parent record: the field that names it and the parent's own id.
#[derive(Debug, Clone)]
pub struct ParentSource {
    /// The field that names the parent, such as `AccountId`.
    pub reference: usize,
    /// The id of the parent itself, such as `Account.Id`.
    pub id: usize,
}

/// The cells of one attribute, each with the number of the parent that it belongs to.
#[derive(Debug, Clone, Default)]
pub struct AttributeSource {
    /// Cell and parent.
    pub cells: Vec<(usize, Option<usize>)>,
}

/// All contacts.
pub struct ContactTable {
    layout: ContactLayout,
    ids: Vec<Id>,
    by_id: HashMap<Id, Claimant>,
    addressed: Vec<bool>,
    without_parent: usize,
    pub(super) index: AddressIndex,
    attributes: Vec<Column>,
}

impl ContactTable {
    /// An empty table.
    #[must_use]
    pub fn new(layout: ContactLayout, fingerprints: Fingerprints) -> Self {
        let attributes = layout.attributes.iter().map(|_| Column::default()).collect();
        Self {
            layout,
            ids: Vec::new(),
            by_id: HashMap::new(),
            addressed: Vec::new(),
            without_parent: 0,
            index: AddressIndex::new(fingerprints),
            attributes,
        }
    }

    /// How many contacts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many contacts have an address.
    #[must_use]
    pub fn addressed(&self) -> usize {
        self.addressed.iter().filter(|&&has| has).count()
    }

    /// How many contacts name a parent that is not there.
    #[must_use]
    pub fn without_parent(&self) -> usize {
        self.without_parent
    }

    /// The values of each attribute.
    #[must_use]
    pub fn attributes(&self) -> &[Column] {
        &self.attributes
    }

    pub(super) fn id(&self, contact: Claimant) -> Id {
        self.ids[contact as usize]
    }

    pub(super) fn find(&self, id: Id) -> Option<Claimant> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn has_address(&self, contact: Claimant) -> bool {
        self.addressed[contact as usize]
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
        let mut addressed = false;
        for &cell in &self.layout.addresses {
            addressed |= cells[cell].text().is_some_and(|address| self.index.add(contact, address));
        }
        self.addressed.push(addressed);
        let gone = |parent: &ParentSource| cells[parent.reference].is_filled() && !cells[parent.id].is_filled();
        let gone: Vec<bool> = self.layout.parents.iter().map(gone).collect();
        self.without_parent += usize::from(gone.contains(&true));
        for (column, source) in self.attributes.iter_mut().zip(&self.layout.attributes) {
            let value = |&(cell, parent): &(usize, Option<usize>)| match parent {
                Some(parent) if gone[parent] => Cell::Unknown,
                _ => cells[cell].clone(),
            };
            column.push(&source.cells.iter().map(value).collect::<Vec<_>>());
        }
        Ok(())
    }
}

/// Where the parts of a lead are in a row.
#[derive(Debug, Clone, Default)]
pub struct LeadLayout {
    /// The lead's id.
    pub id: usize,
    /// The fields that hold one address each.
    pub addresses: Vec<usize>,
    /// The status.
    pub status: usize,
}

/// All leads.
pub struct LeadTable {
    layout: LeadLayout,
    by_id: HashMap<Id, Claimant>,
    pub(super) index: AddressIndex,
    statuses: Column,
    addressed: Vec<bool>,
}

impl LeadTable {
    /// An empty table.
    #[must_use]
    pub fn new(layout: LeadLayout, fingerprints: Fingerprints) -> Self {
        Self {
            layout,
            by_id: HashMap::new(),
            index: AddressIndex::new(fingerprints),
            statuses: Column::default(),
            addressed: Vec::new(),
        }
    }

    /// How many leads there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.addressed.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addressed.is_empty()
    }

    /// How many leads have an address.
    #[must_use]
    pub fn addressed(&self) -> usize {
        self.addressed.iter().filter(|&&has| has).count()
    }

    /// The status of each lead.
    #[must_use]
    pub fn statuses(&self) -> &Column {
        &self.statuses
    }

    pub(super) fn has_address(&self, lead: Claimant) -> bool {
        self.addressed[lead as usize]
    }
}

impl RowSink for LeadTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        let lead = self.len() as Claimant;
        let id = row_id(&cells[self.layout.id])?;
        if self.by_id.insert(id, lead).is_some() {
            return Err(format!("lead {id} came twice"));
        }
        let mut addressed = false;
        for &cell in &self.layout.addresses {
            addressed |= cells[cell].text().is_some_and(|address| self.index.add(lead, address));
        }
        self.addressed.push(addressed);
        self.statuses.push(&cells[self.layout.status..=self.layout.status]);
        Ok(())
    }
}

fn row_id(cell: &Cell<'_>) -> Result<Id, String> {
    cell.text().and_then(Id::parse).ok_or_else(|| "a row came without a valid Id".to_owned())
}
