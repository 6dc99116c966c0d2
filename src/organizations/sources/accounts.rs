//! The accounts that were read from Salesforce.

use std::sync::Arc;

use super::{count, key, Table};
use crate::compare::Key;
use crate::organizations::rules::Rules;
use crate::rows::{Cell, Id, Row, RowSink};

/// All accounts, each with its key and the values that its organization's attributes should have.
pub type AccountTable = Table<Desired>;

/// The layout of a row of [`AccountTable`]: the key, then the value of each attribute.
#[derive(Debug)]
pub struct Desired;

impl AccountTable {
    /// Creates an empty table. Its rows are the cells of [`Rules::account_fields`]; further cells are ignored.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        let columns = rules.account_fields.len();
        Self::of(rules, Desired, columns)
    }

    pub(in crate::organizations) fn account(&self, number: u32) -> Account<'_> {
        Account(self.rows.row(number))
    }
}

impl RowSink for AccountTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        let rules = &*self.rules;
        // A file that another program wrote may lack the references to parents and their ids.
        let cells = &cells[..cells.len().min(rules.account_fields.len())];
        let optional = |field| rules.parents.iter().any(|parent| parent.reference == field || parent.id == field);
        let is_missing = |(field, cell): &(usize, &Cell<'_>)| **cell == Cell::Unknown && !optional(*field);
        if let Some((missing, _)) = cells.iter().enumerate().find(is_missing) {
            return Err(format!("the field {} was asked for and is not there", rules.account_fields[missing]));
        }
        let mut cells = cells.to_vec();
        rules.without_hidden(&mut cells);
        count(&mut self.filled, &cells);
        let desired = rules.attributes.iter().map(|attribute| rules.derive(&attribute.source, &cells));
        self.rows.push(std::iter::once(cells[rules.account_key].clone()).chain(desired));
        Ok(())
    }
}

/// One account.
#[derive(Clone, Copy)]
pub(in crate::organizations) struct Account<'t>(Row<'t>);

impl<'t> Account<'t> {
    /// Returns the value of the field that holds the id, whether it is an id or not.
    pub(in crate::organizations) fn raw_key(self) -> Cell<'t> {
        self.0.cell(0)
    }

    pub(in crate::organizations) fn key(self) -> Key<Id> {
        key(&self.raw_key())
    }

    /// Returns the value that an attribute should have, by the attribute's number.
    pub(in crate::organizations) fn desired(self, attribute: usize) -> Cell<'t> {
        self.0.cell(1 + attribute)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::rules;
    use super::*;

    #[test]
    fn cells_after_the_fields_of_an_account_are_ignored() {
        let mut table = AccountTable::new(rules());
        assert_eq!(table.row(&[Cell::Text("a".into()), Cell::Text("more".into())]), Ok(()));
        assert_eq!(table.filled(), [1]);
    }

    #[test]
    fn a_parent_need_not_be_in_a_file_that_others_wrote() {
        let parent = crate::organizations::rules::Parent { reference: 1, id: 2, fields: vec![0] };
        let names = ["Owner.Name", "OwnerId", "Owner.Id"].map(str::to_owned).to_vec();
        let rules = Rules { account_fields: names, parents: vec![parent], ..(*rules()).clone() };
        let mut table = AccountTable::new(Arc::new(rules));
        assert_eq!(table.row(&[Cell::Text("Ann".into()), Cell::Unknown, Cell::Unknown]), Ok(()));
        assert!(table.row(&[Cell::Unknown, Cell::Null, Cell::Null]).unwrap_err().contains("Owner.Name"));
        table.row(&[Cell::Null, Cell::Text("005".into()), Cell::Null]).unwrap();
        assert_eq!((table.account(0).raw_key(), table.account(1).raw_key()), (Cell::Text("Ann".into()), Cell::Unknown));
    }

    #[test]
    fn an_account_has_all_that_was_asked_for() {
        let mut table = AccountTable::new(rules());
        assert!(table.row(&[Cell::Unknown]).unwrap_err().contains("Id"));
        assert_eq!(table.row(&[Cell::Null]), Ok(()));
        assert_eq!(table.account(0).key(), Key::Blank);
    }
}
