//! What a declaration says, without the names of its Ruby side.

use std::fmt;
use std::sync::Arc;

use super::value::{same, Kind};
use crate::columns::Cell;
use crate::salesforce::Id;

/// Everything that the decisions need to know of a declaration.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The fields of an account that are read, as paths such as `Name` or `Owner.Name`; a [`Source`] names them by position.
    pub account_fields: Vec<String>,
    /// Which of them is the account's id.
    pub account_key: usize,
    /// The organization field that holds the account's id, such as `salesforce_id`.
    pub organization_key: String,
    /// What is compared and written. The organization's key belongs here as well, so that creates carry it.
    pub attributes: Vec<AttributeRule>,
    /// Which organizations are this sync's own.
    pub managed: Managed,
    /// How organizations without an account are marked; `None` marks nothing.
    pub mark: Option<MarkRule>,
    /// What happens when the organization with an account's id is not a managed one.
    pub outside_managed: Policy,
    /// What happens when an organization without an id has the name that a new one would get.
    pub name_taken: Policy,
}

/// What an attribute of an organization shall be.
#[derive(Debug, Clone)]
pub struct AttributeRule {
    /// Where it stands.
    pub target: Target,
    /// What it holds.
    pub kind: Kind,
    /// What it is taken from.
    pub source: Source,
    /// The options of a drop-down; where there are none, any tag goes.
    pub options: Vec<DropDownOption>,
}

/// A place in an organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An attribute of the organization itself, such as `name`.
    Attribute(Arc<str>),
    /// One of its `organization_fields`.
    Field(Arc<str>),
}

impl Target {
    /// The organization's name, which is unique in Zendesk.
    pub(super) fn is_name(&self) -> bool {
        matches!(self, Target::Attribute(name) if &**name == "name")
    }
}

impl fmt::Display for Target {
    /// The path in an organization: `name`, `organization_fields.region`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Attribute(name) => f.write_str(name),
            Target::Field(key) => write!(f, "organization_fields.{key}"),
        }
    }
}

/// What an attribute is taken from; all numbers are positions in [`Rules::account_fields`].
#[derive(Debug, Clone)]
pub enum Source {
    /// The field's value.
    Field(usize),
    /// The id in the field, in 15 characters.
    Id15(usize),
    /// Whether a condition holds.
    Equals(Condition),
    /// The value of the first case that holds; none holds: no value.
    FirstOf(Vec<Case>),
}

/// A case of [`Source::FirstOf`].
#[derive(Debug, Clone)]
pub struct Case {
    /// What must hold, all of it.
    pub when: Vec<Condition>,
    /// The value then.
    pub then: Cell<'static>,
}

/// That a field of an account has a value.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Which field.
    pub field: usize,
    /// The value. Compared with the account's id, 15 and 18 characters are the same.
    pub equals: Cell<'static>,
}

/// An option of a drop-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropDownOption {
    /// Its value, which is what is written.
    pub tag: String,
    /// What people see.
    pub label: String,
}

/// Which organizations are this sync's own: those with one of the values in a drop-down.
#[derive(Debug, Clone, Default)]
pub struct Managed {
    /// The key of the organization field.
    pub field: String,
    /// The tags.
    pub values: Vec<String>,
}

/// How organizations without an account are marked.
#[derive(Debug, Clone)]
pub struct MarkRule {
    /// The key of the checkbox.
    pub field: Arc<str>,
    /// Whether an organization whose account is back loses the mark.
    pub unmark: bool,
    /// Marks only what is old enough.
    pub only_if: Option<OlderThan>,
}

/// That a date lies before another.
#[derive(Debug, Clone)]
pub struct OlderThan {
    /// The key of the organization field that holds the date, which may be a text field.
    pub field: String,
    /// The first day that is not old enough, as `YYYY-MM-DD`.
    pub day: String,
}

/// What is done where a declaration may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Somebody is told.
    #[default]
    Report,
    /// The organization is taken for the account's.
    Adopt,
}

impl Rules {
    /// The value that an attribute gets from an account, whose cells are in the order of [`Rules::account_fields`].
    pub(super) fn derive<'c>(&'c self, source: &'c Source, account: &'c [Cell<'_>]) -> Cell<'c> {
        match source {
            // The key is written as it is compared: in 18 characters.
            Source::Field(field) if *field == self.account_key => spelled_id(&account[*field], Id::as_str),
            Source::Field(field) => borrowed(&account[*field]),
            Source::Id15(field) => spelled_id(&account[*field], |id| &id.as_str()[..15]),
            Source::Equals(condition) => Cell::Bool(self.holds(condition, account)),
            Source::FirstOf(cases) => {
                let holds = |case: &&Case| case.when.iter().all(|condition| self.holds(condition, account));
                cases.iter().find(holds).map_or(Cell::Null, |case| borrowed(&case.then))
            }
        }
    }

    /// Whether a target is where an organization's key stands.
    pub(super) fn is_key(&self, target: &Target) -> bool {
        matches!(target, Target::Field(key) if **key == *self.organization_key)
    }

    fn holds(&self, condition: &Condition, account: &[Cell<'_>]) -> bool {
        let value = &account[condition.field];
        let as_ids = condition.field == self.account_key && id(value).is_some() && id(value) == id(&condition.equals);
        as_ids || same(Kind::Any, value, &condition.equals)
    }
}

impl AttributeRule {
    /// What is written for a derived value: for a drop-down the tag of the option that has it as tag or label.
    ///
    /// `None` for a value that no option has.
    pub(super) fn writable<'c>(&'c self, value: Cell<'c>) -> Option<Cell<'c>> {
        if self.options.is_empty() || !value.is_filled() {
            return Some(value);
        }
        let text = Cell::Text(value.text()?.into());
        let is = |spelling: &String| same(Kind::DropDown, &Cell::Text(spelling.as_str().into()), &text);
        let by_tag = self.options.iter().find(|option| is(&option.tag));
        let option = by_tag.or_else(|| self.options.iter().find(|option| is(&option.label)))?;
        Some(Cell::Text(option.tag.as_str().into()))
    }
}

/// The id in a cell.
pub(super) fn id(cell: &Cell<'_>) -> Option<Id> {
    Id::parse(cell.text()?.trim())
}

fn borrowed<'c>(cell: &'c Cell<'_>) -> Cell<'c> {
    match cell {
        Cell::Null => Cell::Null,
        Cell::Unknown => Cell::Unknown,
        Cell::Bool(value) => Cell::Bool(*value),
        Cell::Number(number) => Cell::Number((&**number).into()),
        Cell::Text(text) => Cell::Text((&**text).into()),
    }
}

/// What is no id stays as it is: it is nobody's key, and is reported.
fn spelled_id<'c>(cell: &'c Cell<'_>, spelling: impl Fn(&Id) -> &str) -> Cell<'c> {
    id(cell).map_or_else(|| borrowed(cell), |id| Cell::Text(spelling(&id).to_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0014M00001sDiGEQA0";

    fn text(text: &str) -> Cell<'static> {
        Cell::Text(text.to_owned().into())
    }

    fn case(field: usize, equals: &str, then: &str) -> Case {
        Case { when: vec![Condition { field, equals: text(equals) }], then: text(then) }
    }

    #[test]
    fn the_first_case_that_holds_wins() {
        let rules = Rules::default();
        let source = Source::FirstOf(vec![
            case(0, "0014M00001sDiGE", "alliance_partner"),
            case(1, "Open", "open_partner"),
            case(1, "Select", "select_partner"),
        ]);
        let derive = |id: &str, track| rules.derive(&source, &[text(id), text(track)]).text().map(str::to_owned);
        assert_eq!(derive(ID, "Open").as_deref(), Some("alliance_partner"), "15 and 18 characters are one id");
        assert_eq!(derive("", "Open").as_deref(), Some("open_partner"));
        assert_eq!(derive("", "Select").as_deref(), Some("select_partner"));
        assert_eq!(derive("", "open"), None);
    }

    #[test]
    fn ids_are_written_in_the_length_that_is_asked_for() {
        let rules = Rules::default();
        let account = [text(" 0014M00001sDiGE "), text(ID)];
        assert_eq!(rules.derive(&Source::Field(0), &account), text(ID));
        assert_eq!(rules.derive(&Source::Id15(1), &account), text("0014M00001sDiGE"));
        assert_eq!(rules.derive(&Source::Id15(0), &[text("none")]), text("none"));
    }

    #[test]
    fn a_condition_is_true_or_false_and_never_null() {
        let equals = text("Restricted Party");
        let source = Source::Equals(Condition { field: 1, equals });
        let derive = |value| Rules::default().derive(&source, &[Cell::Null, value]) == Cell::Bool(true);
        assert!(derive(text("Restricted Party ")));
        assert!(!derive(text("restricted party")));
        assert!(!derive(Cell::Null));
    }

    #[test]
    fn a_drop_down_gets_tags_also_where_the_source_has_labels() {
        let option = DropDownOption { tag: "open_partner".into(), label: "Open Partner".into() };
        let target = Target::Field("account_type".into());
        let rule = AttributeRule { target, kind: Kind::DropDown, source: Source::Field(0), options: vec![option] };
        assert_eq!(rule.writable(text("open partner")), Some(text("open_partner")));
        assert_eq!(rule.writable(text("Open_Partner")), Some(text("open_partner")));
        assert_eq!(rule.writable(text("Gold")), None);
        assert_eq!(rule.writable(Cell::Null), Some(Cell::Null));
    }
}
