//! The rules of a declaration, without the names of its Ruby side.

use std::fmt;
use std::sync::Arc;

use crate::compare::{fit, same, Kind};
use crate::rows::{Cell, Id};

/// Everything that the decisions need to know of a declaration.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The fields of an account that are read, as paths such as `Name` or `Owner.Name`; a [`Source`] names them by position.
    pub account_fields: Vec<String>,
    /// The position of the account's id among them.
    pub account_key: usize,
    /// The place in an organization that holds the account's id, such as the field `salesforce_id`.
    pub organization_key: Target,
    /// The attributes that are compared and written. The organization's key belongs here as well, so that creates carry
    /// it.
    pub attributes: Vec<AttributeRule>,
    /// What makes an organization this sync's own; with `None` that is the id of an account.
    pub managed: Option<Managed>,
    /// The mark of organizations without an account; `None` marks nothing.
    pub mark: Option<MarkRule>,
    /// The policy when the organization with an account's id is not a managed one.
    pub outside_managed: Policy,
    /// The policy when an organization without an id has the name that a new one would get.
    pub name_taken: Policy,
    /// The parents of accounts: what they hold is unknown where an account names one that did not come.
    pub parents: Vec<Parent>,
    /// The earlier writes that did not come to what was sent.
    pub remembered: Vec<Remembered>,
}

/// A record that an account names, and fields that are read from it; all numbers are positions in [`Rules::account_fields`].
#[derive(Debug, Clone)]
pub struct Parent {
    /// The field that names it, such as `OwnerId`.
    pub reference: usize,
    /// Its own id, such as `Owner.Id`: blank where it cannot be read.
    pub id: usize,
    /// The fields that are read from it.
    pub fields: Vec<usize>,
}

/// A place of an organization in which something else stood after a write than what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The organization.
    pub organization: u64,
    /// The place.
    pub target: Target,
    /// The value that was sent.
    pub sent: Cell<'static>,
    /// The value that stood there then.
    pub stored: Cell<'static>,
    /// True if that is what had stood there before, or nothing: the service does not take it. Else it has rewritten it.
    pub refused: bool,
}

/// The rule for an attribute of an organization.
#[derive(Debug, Clone)]
pub struct AttributeRule {
    /// The place of the attribute.
    pub target: Target,
    /// The kind of its values.
    pub kind: Kind,
    /// The source of its value.
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

impl Default for Target {
    /// Returns a field without a key, which no organization has.
    fn default() -> Self {
        Target::Field("".into())
    }
}

impl Target {
    /// Returns whether it is the organization's name, which is unique in Zendesk.
    pub(super) fn is_name(&self) -> bool {
        matches!(self, Target::Attribute(name) if &**name == "name")
    }
}

impl fmt::Display for Target {
    /// Writes the path in an organization: `name`, `organization_fields.region`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Attribute(name) => f.write_str(name),
            Target::Field(key) => write!(f, "organization_fields.{key}"),
        }
    }
}

/// The source of an attribute; all numbers are positions in [`Rules::account_fields`].
#[derive(Debug, Clone)]
pub enum Source {
    /// The field's value.
    Field(usize),
    /// The id in the field, in 15 characters.
    Id15(usize),
    /// A yes or no: yes where the condition holds.
    Equals(Condition),
    /// The value of the first case that holds; none holds: no value.
    FirstOf(Vec<Case>),
}

/// A case of [`Source::FirstOf`].
#[derive(Debug, Clone)]
pub struct Case {
    /// The conditions that must hold, all of them.
    pub when: Vec<Condition>,
    /// The value then.
    pub then: Cell<'static>,
}

/// The condition that a field of an account has a value.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The position of the field.
    pub field: usize,
    /// The value. Compared with the account's id, 15 and 18 characters are the same.
    pub equals: Cell<'static>,
}

/// An option of a drop-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropDownOption {
    /// Its value, which is what is written.
    pub tag: String,
    /// The label that people see.
    pub label: String,
}

/// The organizations that are this sync's own: those with one of the values in a drop-down.
#[derive(Debug, Clone, Default)]
pub struct Managed {
    /// The key of the organization field.
    pub field: String,
    /// The tags.
    pub values: Vec<String>,
}

/// The mark of organizations without an account.
#[derive(Debug, Clone)]
pub struct MarkRule {
    /// The key of the checkbox.
    pub field: Arc<str>,
    /// True if an organization whose account is back loses the mark.
    pub unmark: bool,
    /// Marks only what is old enough.
    pub only_if: Option<OlderThan>,
}

/// The condition that a date lies before another.
#[derive(Debug, Clone)]
pub struct OlderThan {
    /// The key of the organization field that holds the date, which may be a text field.
    pub field: String,
    /// The first day that is not old enough, as `YYYY-MM-DD`.
    pub day: String,
}

/// The behaviour where a declaration may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Somebody is told.
    #[default]
    Report,
    /// The organization is taken for the account's.
    Adopt,
}

impl Rules {
    /// Returns the value that an attribute gets from an account, whose cells are in the order of
    /// [`Rules::account_fields`].
    pub(super) fn derive<'c>(&'c self, source: &'c Source, account: &'c [Cell<'_>]) -> Cell<'c> {
        match source {
            // The key is written as it is compared: in 18 characters.
            Source::Field(field) if *field == self.account_key => spelled_id(&account[*field], Id::as_str),
            Source::Field(field) => borrowed(&account[*field]),
            Source::Id15(field) => spelled_id(&account[*field], Id::short),
            Source::Equals(condition) => self.holds(condition, account).map_or(Cell::Unknown, Cell::Bool),
            Source::FirstOf(cases) => cases
                .iter()
                .find_map(|case| match self.applies(case, account) {
                    Some(true) => Some(borrowed(&case.then)),
                    Some(false) => None,
                    None => Some(Cell::Unknown),
                })
                .unwrap_or(Cell::Null),
        }
    }

    /// Returns whether all conditions of a case hold; nothing where that depends on what is unknown.
    fn applies(&self, case: &Case, account: &[Cell<'_>]) -> Option<bool> {
        let holds: Vec<Option<bool>> = case.when.iter().map(|condition| self.holds(condition, account)).collect();
        if holds.contains(&Some(false)) {
            return Some(false);
        }
        (!holds.contains(&None)).then_some(true)
    }

    /// Makes unknown what stands in parents that an account names, and that did not come.
    pub(super) fn without_hidden<'c>(&self, cells: &mut [Cell<'c>]) {
        let hidden = |parent: &&Parent| cells[parent.reference].is_filled() && !cells[parent.id].is_filled();
        let hidden: Vec<usize> = self.parents.iter().filter(hidden).flat_map(|parent| parent.fields.clone()).collect();
        hidden.into_iter().for_each(|field| cells[field] = Cell::Unknown);
    }

    /// Returns whether a target is where an organization's key stands.
    pub(super) fn is_key(&self, target: &Target) -> bool {
        *target == self.organization_key
    }

    /// Returns whether a target is the one that makes an organization this sync's own.
    pub(super) fn is_managed_field(&self, target: &Target) -> bool {
        let is_managed_field = |managed: &Managed| matches!(target, Target::Field(key) if **key == *managed.field);
        self.managed.as_ref().is_some_and(is_managed_field)
    }

    /// Returns whether the account's id stands where others keep ids of their own, so that what is no account's id is
    /// somebody else's.
    pub(super) fn shares_key(&self) -> bool {
        matches!(self.organization_key, Target::Attribute(_))
    }

    /// Returns whether a condition holds; nothing where it is about what is unknown.
    fn holds(&self, condition: &Condition, account: &[Cell<'_>]) -> Option<bool> {
        let value = &account[condition.field];
        if *value == Cell::Unknown {
            return None;
        }
        let as_ids = condition.field == self.account_key && id(value).is_some() && id(value) == id(&condition.equals);
        Some(as_ids || same(Kind::Any, value, &condition.equals))
    }
}

impl AttributeRule {
    /// Returns what is written for a derived value: for a drop-down the tag of the option that has it as tag or label,
    /// and of each kind what a field of the kind takes.
    pub(super) fn writable<'c>(&'c self, value: Cell<'c>) -> Result<Cell<'c>, Unfit> {
        // The replacement character stands where a character could not be read: nobody has written that text.
        if value.text().is_some_and(|text| text.contains(char::REPLACEMENT_CHARACTER)) {
            return Err(Unfit::Kind);
        }
        if self.options.is_empty() || !value.is_filled() {
            return fit(self.kind, value).ok_or(Unfit::Kind);
        }
        let text = Cell::Text(value.text().ok_or(Unfit::Option)?.into());
        let is = |spelling: &String| same(Kind::DropDown, &Cell::Text(spelling.as_str().into()), &text);
        let by_tag = self.options.iter().find(|option| is(&option.tag));
        let option = by_tag.or_else(|| self.options.iter().find(|option| is(&option.label))).ok_or(Unfit::Option)?;
        Ok(Cell::Text(option.tag.as_str().into()))
    }
}

/// The reason why a value cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unfit {
    /// No option of the drop-down has it.
    Option,
    /// It is not of the field's kind.
    Kind,
}

/// Returns the id in a cell.
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

/// Spells an id in the way that is asked for. A text that is not an id stays as it is: it is nobody's key, and is reported.
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
    fn no_id_but_the_accounts_own_is_compared_without_its_length() {
        let (rules, account) = (Rules::default(), [text(ID), text(ID)]);
        let is_short = |field| Source::Equals(Condition { field, equals: text(&ID[..15]) });
        assert_eq!(rules.derive(&is_short(0), &account), Cell::Bool(true));
        assert_eq!(rules.derive(&is_short(1), &account), Cell::Bool(false));
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
        assert_eq!(rule.writable(text("open partner")), Ok(text("open_partner")));
        assert_eq!(rule.writable(text("Open_Partner")), Ok(text("open_partner")));
        assert_eq!(rule.writable(text("Gold")), Err(Unfit::Option));
        assert_eq!(rule.writable(Cell::Number("1".into())), Err(Unfit::Option));
        assert_eq!(
            AttributeRule { options: Vec::new(), ..rule.clone() }.writable(text("Bob \u{fffd}")),
            Err(Unfit::Kind)
        );
        assert_eq!(rule.writable(Cell::Null), Ok(Cell::Null));
    }
}
