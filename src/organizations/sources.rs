//! Accounts and organizations as they came, reduced to what the compare needs.

use std::sync::Arc;

use super::rules::{id, Rules, Target};
use crate::compare::{same, Key, Kind};
use crate::rows::{Cell, Id, Row, RowSink, Rows};

/// All accounts, each with its key and the attributes that its organization shall have.
#[derive(Debug)]
pub struct AccountTable {
    rules: Arc<Rules>,
    rows: Rows,
    filled: Filled,
}

impl AccountTable {
    /// Creates an empty table. Its rows are the cells of [`Rules::account_fields`]; what follows them is nothing to it.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        Self { filled: Filled::new(rules.account_fields.len()), rules, rows: Rows::default() }
    }

    /// Returns the number of accounts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no organizations.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of accounts that have a value in each of [`Rules::account_fields`].
    #[must_use]
    pub fn filled(&self) -> &[usize] {
        &self.filled.0
    }

    /// Appends the accounts of another table of the same rules.
    pub fn append(&mut self, other: Self) {
        self.rows.append(other.rows);
        self.filled.append(&other.filled);
    }

    pub(super) fn account(&self, number: u32) -> Account<'_> {
        Account(self.rows.row(number))
    }
}

impl RowSink for AccountTable {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        let rules = &*self.rules;
        // A file that other hands wrote need not say which parents there are.
        let cells = &cells[..cells.len().min(rules.account_fields.len())];
        let optional = |field| rules.parents.iter().any(|parent| parent.reference == field || parent.id == field);
        let is_missing = |(field, cell): &(usize, &Cell<'_>)| **cell == Cell::Unknown && !optional(*field);
        if let Some((missing, _)) = cells.iter().enumerate().find(is_missing) {
            return Err(format!("the field {} was asked for and is not there", rules.account_fields[missing]));
        }
        let mut cells = cells.to_vec();
        rules.without_hidden(&mut cells);
        self.filled.count(&cells);
        let desired = rules.attributes.iter().map(|attribute| rules.derive(&attribute.source, &cells));
        self.rows.push(std::iter::once(cells[rules.account_key].clone()).chain(desired));
        Ok(())
    }
}

/// One account.
#[derive(Clone, Copy)]
pub(super) struct Account<'t>(Row<'t>);

impl<'t> Account<'t> {
    /// Returns what stands where the id should be.
    pub(super) fn raw_key(self) -> Cell<'t> {
        self.0.cell(0)
    }

    pub(super) fn key(self) -> Key<Id> {
        key(&self.raw_key())
    }

    /// Returns what an attribute shall be, by the attribute's number.
    pub(super) fn desired(self, attribute: usize) -> Cell<'t> {
        self.0.cell(1 + attribute)
    }
}

/// All organizations, managed or not.
#[derive(Debug)]
pub struct OrganizationTable {
    rules: Arc<Rules>,
    layout: Layout,
    rows: Rows,
    filled: Filled,
}

/// The places of the parts of an organization in a row.
#[derive(Debug, Default)]
struct Layout {
    paths: Vec<String>,
    id: usize,
    name: usize,
    key: usize,
    managed: usize,
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
        layout.key = layout.place(&field(&rules.organization_key));
        layout.managed = layout.place(&field(&rules.managed.field));
        layout.attributes = rules.attributes.iter().map(|rule| layout.place(&rule.target)).collect();
        layout.mark = rules.mark.as_ref().map(|mark| layout.place(&field(&mark.field)));
        let only_if = rules.mark.as_ref().and_then(|mark| mark.only_if.as_ref());
        layout.date = only_if.map(|only_if| layout.place(&field(&only_if.field)));
        layout
    }

    /// Returns the position of a target, each of which is read once.
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
        Self { filled: Filled::new(layout.paths.len()), layout, rules, rows: Rows::default() }
    }

    /// Returns the paths that are read of an organization: `id`, `name`, `organization_fields.salesforce_id` and so on.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.layout.paths
    }

    /// Returns the number of organizations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no organizations.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of organizations that have a value in each of [`OrganizationTable::paths`].
    #[must_use]
    pub fn filled(&self) -> &[usize] {
        &self.filled.0
    }

    /// Appends the organizations of another table of the same rules.
    pub fn append(&mut self, other: Self) {
        self.rows.append(other.rows);
        self.filled.append(&other.filled);
    }

    pub(super) fn organization(&self, number: u32) -> Organization<'_> {
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
        self.filled.count(cells);
        // A field that is not set may be left out.
        let known = |cell: &Cell<'_>| *cell != Cell::Unknown;
        self.rows.push(cells.iter().map(|cell| if known(cell) { cell.clone() } else { Cell::Null }));
        Ok(())
    }
}

/// The number of rows that have a value in each column.
#[derive(Debug)]
struct Filled(Vec<usize>);

impl Filled {
    fn new(columns: usize) -> Self {
        Self(vec![0; columns])
    }

    fn count(&mut self, cells: &[Cell<'_>]) {
        self.0.iter_mut().zip(cells).for_each(|(count, cell)| *count += usize::from(cell.is_filled()));
    }

    fn append(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(count, more)| *count += more);
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
pub(super) struct Organization<'t> {
    row: Row<'t>,
    table: &'t OrganizationTable,
}

impl<'t> Organization<'t> {
    pub(super) fn id(self) -> u64 {
        // Rows without one are not taken.
        number(&self.row.cell(self.table.layout.id)).unwrap_or_default()
    }

    pub(super) fn name(self) -> Cell<'t> {
        self.row.cell(self.table.layout.name)
    }

    /// Returns what stands where the account's id should be.
    pub(super) fn raw_key(self) -> Cell<'t> {
        self.row.cell(self.table.layout.key)
    }

    pub(super) fn key(self) -> Key<Id> {
        key(&self.raw_key())
    }

    pub(super) fn is_managed(self) -> bool {
        let value = self.row.cell(self.table.layout.managed);
        let is = |tag: &String| same(Kind::DropDown, &value, &Cell::Text(tag.as_str().into()));
        value.is_filled() && self.table.rules.managed.values.iter().any(is)
    }

    pub(super) fn is_marked(self) -> bool {
        let mark = self.table.layout.mark.map(|mark| self.row.cell(mark));
        mark.is_some_and(|mark| same(Kind::Checkbox, &mark, &Cell::Bool(true)))
    }

    /// Returns what stands in the checkbox.
    pub(super) fn mark(self) -> Cell<'t> {
        self.table.layout.mark.map_or(Cell::Null, |mark| self.row.cell(mark))
    }

    /// Returns the date that says how old it is.
    pub(super) fn date(self) -> Cell<'t> {
        self.table.layout.date.map_or(Cell::Null, |date| self.row.cell(date))
    }

    /// Returns what an attribute is, by the attribute's number.
    pub(super) fn actual(self, attribute: usize) -> Cell<'t> {
        self.row.cell(self.table.layout.attributes[attribute])
    }
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
    use crate::organizations::rules::{AttributeRule, Managed, Source};

    fn rules() -> Arc<Rules> {
        let attribute = |target| AttributeRule { target, kind: Kind::Text, source: Source::Field(0), options: vec![] };
        Arc::new(Rules {
            account_fields: vec!["Id".into()],
            organization_key: "salesforce_id".into(),
            attributes: vec![
                attribute(Target::Attribute("name".into())),
                attribute(Target::Field("salesforce_id".into())),
            ],
            managed: Managed { field: "account_type".into(), values: vec!["open_partner".into()] },
            ..Rules::default()
        })
    }

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

    #[test]
    fn what_follows_the_fields_of_an_account_is_nothing_to_it() {
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
