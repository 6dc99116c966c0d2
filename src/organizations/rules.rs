//! The rules of a declaration of an organization sync, with positions instead of the names of account fields.

use std::fmt;
use std::sync::Arc;

use crate::compare::{same, Kind};
use crate::rows::Cell;

/// Everything that the decisions need to know about a declaration.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The fields that are read from an account, as paths such as `Name` or `Owner.Name`. A [`Source`] refers to them
    /// by position.
    pub account_fields: Vec<String>,
    /// The position of the account's id in `account_fields`.
    pub account_key: usize,
    /// The place in an organization that holds the account's id, such as the custom field `salesforce_id`.
    pub organization_key: Target,
    /// The attributes that are compared and written. The organization's key must be one of them, so that new
    /// organizations get it.
    pub attributes: Vec<AttributeRule>,
    /// The rule that defines which organizations are managed; with `None`, those with the id of an account are.
    pub managed: Option<Managed>,
    /// The mark of organizations without an account; with `None`, nothing is marked.
    pub mark: Option<MarkRule>,
    /// The policy for an organization that has an account's id but is not managed.
    pub outside_managed: Policy,
    /// The policy for an organization without an id that has the name that a new one would get.
    pub name_taken: Policy,
    /// The parents of accounts. Their fields are unknown for an account whose parent was not read.
    pub parents: Vec<Parent>,
    /// The earlier writes that did not store what was sent.
    pub remembered: Vec<Remembered>,
}

/// A record that an account refers to, and the fields that are read from it. All numbers are positions in
/// [`Rules::account_fields`].
#[derive(Debug, Clone)]
pub struct Parent {
    /// The field that refers to the record, such as `OwnerId`.
    pub reference: usize,
    /// The record's own id, such as `Owner.Id`; blank if the record cannot be read.
    pub id: usize,
    /// The fields that are read from the record.
    pub fields: Vec<usize>,
}

/// A write to a place in an organization that did not store what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The id of the organization.
    pub organization: u64,
    /// The place that was written.
    pub target: Target,
    /// The value that was sent.
    pub sent: Cell<'static>,
    /// The value that was stored.
    pub stored: Cell<'static>,
    /// True if the old value stayed, or no value was stored: the service refuses the value. False if it rewrote the
    /// value.
    pub refused: bool,
}

/// The rule for an attribute of an organization.
#[derive(Debug, Clone)]
pub struct AttributeRule {
    /// The place of the attribute.
    pub target: Target,
    /// The kind of the attribute's values.
    pub kind: Kind,
    /// The source of the attribute's value.
    pub source: Source,
    /// The options of a drop-down. If there are none, any tag is allowed.
    pub options: Vec<DropDownOption>,
}

/// A place in an organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An attribute of the organization itself, such as `name`.
    Attribute(Arc<str>),
    /// A custom field of the organization, by its key in `organization_fields`.
    Field(Arc<str>),
}

impl Default for Target {
    /// Returns a custom field with an empty key, which no organization has.
    fn default() -> Self {
        Target::Field("".into())
    }
}

impl Target {
    /// Returns whether this is the organization's name, which is unique in Zendesk.
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

/// The source of an attribute's value. All numbers are positions in [`Rules::account_fields`].
#[derive(Debug, Clone)]
pub enum Source {
    /// The value of the field.
    Field(usize),
    /// The id in the field, in its form of 15 characters.
    Id15(usize),
    /// True if the condition holds, and otherwise false.
    Equals(Condition),
    /// The value of the first case that holds; null if no case does.
    FirstOf(Vec<Case>),
}

/// A case of [`Source::FirstOf`].
#[derive(Debug, Clone)]
pub struct Case {
    /// The conditions, all of which must hold.
    pub when: Vec<Condition>,
    /// The value if they hold.
    pub then: Cell<'static>,
}

/// The condition that a field of an account has a value.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The position of the field.
    pub field: usize,
    /// The value. For the account's own id, the forms of 15 and of 18 characters are equal.
    pub equals: Cell<'static>,
}

/// An option of a drop-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropDownOption {
    /// The tag, which is the value that is written.
    pub tag: String,
    /// The label that people see.
    pub label: String,
}

/// The rule for managed organizations: those with one of these tags in a drop-down.
#[derive(Debug, Clone, Default)]
pub struct Managed {
    /// The key of the organization field.
    pub field: String,
    /// The tags.
    pub values: Vec<String>,
}

impl Managed {
    /// Returns whether an organization with this value in the drop-down is a managed one.
    pub(super) fn includes(&self, value: &Cell<'_>) -> bool {
        let is = |tag: &String| same(Kind::DropDown, value, &Cell::Text(tag.as_str().into()));
        value.is_filled() && self.values.iter().any(is)
    }
}

/// The mark of organizations without an account.
#[derive(Debug, Clone)]
pub struct MarkRule {
    /// The key of the checkbox.
    pub field: Arc<str>,
    /// True if the mark is removed from an organization whose account is back.
    pub unmark: bool,
    /// The condition for the mark; with `None`, every managed organization without an account is marked.
    pub only_if: Option<OlderThan>,
}

/// The condition that a date lies before a day.
#[derive(Debug, Clone)]
pub struct OlderThan {
    /// The key of the organization field that holds the date, which may be a text field.
    pub field: String,
    /// The day, as `YYYY-MM-DD`. A date on this day is not old enough.
    pub day: String,
}

/// The policy for a case that the declaration decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// An issue reports the organization.
    #[default]
    Report,
    /// The account adopts the organization.
    Adopt,
}

impl Rules {
    /// Returns whether a target is the place that holds the account's id.
    pub(super) fn is_key(&self, target: &Target) -> bool {
        *target == self.organization_key
    }

    /// Returns the rule for managed organizations, if the target is their drop-down.
    pub(super) fn managed_by(&self, target: &Target) -> Option<&Managed> {
        let is_drop_down = |managed: &&Managed| matches!(target, Target::Field(key) if **key == *managed.field);
        self.managed.as_ref().filter(is_drop_down)
    }

    /// Returns whether no organization is created without a value for the target: it needs a name, and without the
    /// drop-down the next run would not find it among the managed ones.
    pub(super) fn is_needed(&self, target: &Target) -> bool {
        target.is_name() || self.managed_by(target).is_some()
    }

    /// Returns whether the account's id is in a place where other tools keep ids of their own. A value there that is no
    /// account's id then belongs to another tool.
    pub(super) fn shares_key(&self) -> bool {
        matches!(self.organization_key, Target::Attribute(_))
    }
}
