//! The organizations that were read from Zendesk.

use std::sync::Arc;

use super::{count, key, Table};
use crate::compare::{same, Key, Kind};
use crate::organizations::rules::{Rules, Target};
use crate::rows::{Cell, Id, Row, RowSink};

/// All organizations, managed or not.
pub type OrganizationTable = Table<Layout>;

/// The layout of a row of [`OrganizationTable`]: the positions of the parts of an organization.
#[derive(Debug, Default)]
pub struct Layout {
    paths: Vec<String>,
    id: usize,
    name: usize,
    key: usize,
    managed: Option<usize>,
    mark: Option<usize>,
    date: Option<usize>,
    attributes: Vec<usize>,
}

impl Layout {
    fn new(rules: &Rules) -> Self {
        let mut layout = Self::default();
        let attribute = |name: &str| Target::Attribute(name.into());
        let field = |key: &str| Target::Field(key.into());
        layout.id = layout.place(&attribute("id"));
        layout.name = layout.place(&attribute("name"));
        layout.key = layout.place(&rules.organization_key);
        layout.managed = rules.managed.as_ref().map(|managed| layout.place(&field(&managed.field)));
        layout.attributes = rules.attributes.iter().map(|rule| layout.place(&rule.target)).collect();
        layout.mark = rules.mark.as_ref().map(|mark| layout.place(&field(&mark.field)));
        let only_if = rules.mark.as_ref().and_then(|mark| mark.only_if.as_ref());
        layout.date = only_if.map(|only_if| layout.place(&field(&only_if.field)));
        layout
    }

    /// Returns the position of a target. Adds the target if it is new.
    fn place(&mut self, target: &Target) -> usize {
        let path = target.to_string();
        self.paths.iter().position(|known| *known == path).unwrap_or_else(|| {
            self.paths.push(path);
            self.paths.len() - 1
        })
    }
}

impl OrganizationTable {
    /// Creates an empty table. Its rows are the cells of [`OrganizationTable::paths`].
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        let layout = Layout::new(&rules);
        let columns = layout.paths.len();
        Self::of(rules, layout, columns)
    }

    /// Returns the paths that are read from an organization: `id`, `name`, `organization_fields.salesforce_id` and so
    /// on.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.layout.paths
    }

    pub(in crate::organizations) fn organization(&self, number: u32) -> Organization<'_> {
        Organization { row: self.rows.row(number), table: self }
    }
}

impl RowSink for OrganizationTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        if number(&cells[self.layout.id]).is_none() {
            return Err("the organization has no id that is a number".into());
        }
        if cells[self.layout.name] == Cell::Unknown {
            return Err("the organization has no name".into());
        }
        count(&mut self.filled, cells);
        // A custom field without a value may be missing from a record.
        let known = |cell: &Cell<'_>| *cell != Cell::Unknown;
        self.rows.push(cells.iter().map(|cell| if known(cell) { cell.clone() } else { Cell::Null }));
        Ok(())
    }
}

fn number(cell: &Cell<'_>) -> Option<u64> {
    match cell {
        Cell::Number(number) => number.parse().ok(),
        _ => None,
    }
}

/// One organization.
#[derive(Clone, Copy)]
pub(in crate::organizations) struct Organization<'t> {
    row: Row<'t>,
    table: &'t OrganizationTable,
}

impl<'t> Organization<'t> {
    pub(in crate::organizations) fn id(self) -> u64 {
        // The table accepts no row without an id.
        number(&self.row.cell(self.table.layout.id)).unwrap_or_default()
    }

    pub(in crate::organizations) fn name(self) -> Cell<'t> {
        self.row.cell(self.table.layout.name)
    }

    /// Returns the value in the place of the account's id, whether it is an id or not.
    pub(in crate::organizations) fn raw_key(self) -> Cell<'t> {
        self.row.cell(self.table.layout.key)
    }

    pub(in crate::organizations) fn key(self) -> Key<Id> {
        key(&self.raw_key())
    }

    /// Returns whether the organization is managed. Unless the declaration says otherwise, it is if it has the id of an
    /// account.
    pub(in crate::organizations) fn is_managed(self) -> bool {
        let (Some(managed), Some(place)) = (&self.table.rules.managed, self.table.layout.managed) else {
            return matches!(self.key(), Key::Is(_));
        };
        managed.includes(&self.row.cell(place))
    }

    /// Returns whether the organization had an account in the last run, as far as that is known. It is not known unless
    /// managed organizations are declared: other tools may then have written the id, perhaps of an account that the
    /// declaration does not read.
    pub(in crate::organizations) fn expects_an_account(self) -> bool {
        let is_declared = self.table.rules.managed.is_some();
        is_declared && self.is_managed() && !self.is_marked() && matches!(self.key(), Key::Is(_))
    }

    pub(in crate::organizations) fn is_marked(self) -> bool {
        let mark = self.table.layout.mark.map(|mark| self.row.cell(mark));
        mark.is_some_and(|mark| same(Kind::Checkbox, &mark, &Cell::Bool(true)))
    }

    /// Returns the value of the mark's checkbox.
    pub(in crate::organizations) fn mark(self) -> Cell<'t> {
        self.table.layout.mark.map_or(Cell::Null, |mark| self.row.cell(mark))
    }

    /// Returns the date that determines the age of the organization.
    pub(in crate::organizations) fn date(self) -> Cell<'t> {
        self.table.layout.date.map_or(Cell::Null, |date| self.row.cell(date))
    }

    /// Returns the value of an attribute, by the attribute's number.
    pub(in crate::organizations) fn actual(self, attribute: usize) -> Cell<'t> {
        self.row.cell(self.table.layout.attributes[attribute])
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::rules;
    use super::*;

    #[test]
    fn what_several_parts_need_is_read_once() {
        let table = OrganizationTable::new(rules());
        let paths = ["id", "name", "organization_fields.salesforce_id", "organization_fields.account_type"];
        assert_eq!(table.paths(), paths);
    }

    #[test]
    fn an_organization_without_id_or_name_is_none() {
        let mut table = OrganizationTable::new(rules());
        let id = || Cell::Number("7".into());
        assert!(table.row(&[Cell::Text("7".into()), Cell::Null, Cell::Null, Cell::Null]).is_err());
        assert!(table.row(&[id(), Cell::Unknown, Cell::Null, Cell::Null]).is_err());
        assert_eq!(table.row(&[id(), Cell::Null, Cell::Unknown, Cell::Text("Open_Partner".into())]), Ok(()));
        let organization = table.organization(0);
        assert_eq!((organization.id(), organization.key()), (7, Key::Blank));
        assert!(organization.is_managed() && !organization.is_marked());
    }
}
