//! Accounts and organizations as they were read, reduced to what the compare needs.

mod accounts;
mod organizations;

use std::sync::Arc;

use super::derive::id;
use super::rules::Rules;
use crate::compare::Key;
use crate::rows::{Cell, Id, Rows};

pub(super) use accounts::Account;
pub use accounts::AccountTable;
pub(super) use organizations::Organization;
pub use organizations::OrganizationTable;

/// The records of one side. `L` is the layout of a row.
#[derive(Debug)]
pub struct Table<L> {
    rules: Arc<Rules>,
    layout: L,
    rows: Rows,
    /// For each column that is read, the number of rows that have a value.
    filled: Vec<usize>,
}

impl<L> Table<L> {
    fn of(rules: Arc<Rules>, layout: L, columns: usize) -> Self {
        Self { rules, layout, rows: Rows::default(), filled: vec![0; columns] }
    }

    /// Returns the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns for each field that is read the number of records that have a value.
    #[must_use]
    pub fn filled(&self) -> &[usize] {
        &self.filled
    }

    /// Appends the records of another table of the same rules.
    pub fn append(&mut self, other: Self) {
        self.rows.append(other.rows);
        self.filled.iter_mut().zip(other.filled).for_each(|(count, more)| *count += more);
    }
}

/// Counts the cells of a row that have a value.
fn count(filled: &mut [usize], cells: &[Cell<'_>]) {
    filled.iter_mut().zip(cells).for_each(|(count, cell)| *count += usize::from(cell.is_filled()));
}

fn key(cell: &Cell<'_>) -> Key<Id> {
    if !cell.is_filled() {
        return Key::Blank;
    }
    id(cell).map_or(Key::Malformed, Key::Is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Kind;
    use crate::organizations::rules::{AttributeRule, Managed, Source, Target};
    use crate::rows::RowSink;

    pub(super) fn rules() -> Arc<Rules> {
        let attribute = |target| AttributeRule { target, kind: Kind::Text, source: Source::Field(0), options: vec![] };
        Arc::new(Rules {
            account_fields: vec!["Id".into()],
            organization_key: Target::Field("salesforce_id".into()),
            attributes: vec![
                attribute(Target::Attribute("name".into())),
                attribute(Target::Field("salesforce_id".into())),
            ],
            managed: Some(Managed { field: "account_type".into(), values: vec!["open_partner".into()] }),
            ..Rules::default()
        })
    }

    #[test]
    fn tables_that_are_put_together_have_the_rows_and_values_of_both() {
        let text = |text: &'static str| Cell::Text(text.into());
        let mut accounts = AccountTable::new(rules());
        assert!(accounts.is_empty());
        accounts.row(&[text("a")]).unwrap();
        let mut more = AccountTable::new(rules());
        more.row(&[text("b")]).unwrap();
        more.row(&[text(" ")]).unwrap();
        accounts.append(more);
        assert_eq!((accounts.len(), accounts.filled(), accounts.is_empty()), (3, &[2][..], false));
        let row = |id: &'static str| [Cell::Number(id.into()), text("x"), Cell::Null, text("open_partner")];
        let mut organizations = OrganizationTable::new(rules());
        assert!(organizations.is_empty());
        organizations.row(&row("1")).unwrap();
        assert!(!organizations.is_empty());
        let mut more = OrganizationTable::new(rules());
        more.row(&row("2")).unwrap();
        organizations.append(more);
        assert_eq!((organizations.len(), organizations.filled()), (2, &[2, 2, 0, 2][..]));
        assert_eq!(organizations.organization(1).id(), 2);
    }
}
