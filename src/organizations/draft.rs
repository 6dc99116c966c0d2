//! Changes before it is known whether their names are free.

use super::changes::{Action, FieldChange};
use super::compare::Case;
use super::rules::{id, AttributeRule, Policy, Target};
use super::value::{is_blank, same};
use crate::columns::Cell;
use crate::salesforce::Id;

/// What would happen to the account and the organization of one key.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) key: Id,
    pub(super) account: Option<u32>,
    pub(super) organization: Option<u32>,
    pub(super) fields: Vec<FieldChange>,
    pub(super) basis: Basis,
    /// Attributes whose value no option of their drop-down has.
    pub(super) unknown: Vec<usize>,
    /// Why the name is not written: the kind of an issue. Without a name there is no create.
    pub(super) name_held: Option<&'static str>,
    /// Whether the organization loses its mark.
    pub(super) unmarks: bool,
}

/// What a draft stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// There is no organization.
    NoOrganization,
    /// The organization has the account's id.
    Key,
    /// It has, but it is not a managed one.
    Outside,
    /// The same, and the declaration wants it reported: nothing is written, but the account's name stays spoken for.
    Reported,
    /// The organization has the account's name, and no id.
    Name,
    /// There is no account.
    NoAccount,
}

impl Draft {
    /// What happens; `None` where nothing is left to do.
    pub(super) fn action(&self) -> Option<Action> {
        match self.basis {
            Basis::NoOrganization => self.name_held.is_none().then_some(Action::Create),
            Basis::NoAccount => Some(Action::Mark),
            Basis::Reported => None,
            _ if self.fields.is_empty() => None,
            _ if self.unmarks => Some(Action::Unmark),
            _ => Some(Action::Update),
        }
    }

    /// Whether nothing is to be done, nor said.
    pub(super) fn is_silent(&self) -> bool {
        let held = self.name_held.is_some() || !self.unknown.is_empty();
        self.action().is_none() && !held && !self.is_reported()
    }

    /// Whether it is written in no case, and its one issue is where the organization stands.
    pub(super) fn is_reported(&self) -> bool {
        self.basis == Basis::Reported
    }

    /// The name that the organization would get.
    pub(super) fn new_name(&self) -> Option<&str> {
        self.fields.iter().find(|field| field.target.is_name())?.after.text()
    }

    /// Leaves the name as it is.
    pub(super) fn hold_name(&mut self, why: &'static str) {
        self.fields.retain(|field| !field.target.is_name());
        self.name_held = Some(why);
    }

    fn set(&mut self, target: &Target, before: Cell<'_>, after: Cell<'_>) {
        let (before, after) = (before.into_owned(), after.into_owned());
        self.fields.push(FieldChange { target: target.clone(), before, after });
    }
}

impl Case<'_> {
    /// A new organization has all that is not blank.
    pub(super) fn creation(&self, key: Id, account: u32) -> Draft {
        let mut draft = self.draft(key, Some(account), None, Basis::NoOrganization);
        for (number, rule) in self.rules.attributes.iter().enumerate() {
            let desired = self.accounts.account(account).desired(number);
            match rule.writable(desired) {
                Some(after) if is_blank(rule.kind, &after) => {}
                Some(after) => draft.set(&rule.target, Cell::Null, after),
                None => draft.unknown.push(number),
            }
        }
        if draft.new_name().is_none() {
            draft.hold_name("blank_name");
        }
        draft
    }

    /// An organization follows an account.
    pub(super) fn following(&self, key: Id, account: u32, organization: u32, basis: Basis) -> Draft {
        let mut draft = self.draft(key, Some(account), Some(organization), basis);
        let (left, right) = (self.accounts.account(account), self.organizations.organization(organization));
        for (number, rule) in self.rules.attributes.iter().enumerate() {
            let (desired, actual) = (left.desired(number), right.actual(number));
            if self.agree(rule, &desired, &actual) {
                continue;
            }
            match rule.writable(desired) {
                Some(after) if same(rule.kind, &after, &actual) => {}
                // An organization cannot be without a name.
                Some(after) if rule.target.is_name() && !after.is_filled() => draft.name_held = Some("blank_name"),
                Some(after) => draft.set(&rule.target, actual, after),
                None => draft.unknown.push(number),
            }
        }
        self.unmark(&mut draft, organization);
        draft
    }

    /// A managed organization without an account.
    pub(super) fn marking(&self, key: Id, organization: u32) -> Draft {
        let mut draft = self.draft(key, None, Some(organization), Basis::NoAccount);
        self.set_mark(&mut draft, organization, true);
        draft
    }

    /// Whether an organization outside of the managed ones may be taken for the account's.
    pub(super) fn may_adopt(&self, organization: u32) -> bool {
        self.rules.outside_managed == Policy::Adopt || self.organizations.organization(organization).is_managed()
    }

    fn agree(&self, rule: &AttributeRule, desired: &Cell<'_>, actual: &Cell<'_>) -> bool {
        // An id of 15 characters is the same id: it is not written anew for its spelling.
        let one_id = || self.rules.is_key(&rule.target) && id(desired).is_some() && id(desired) == id(actual);
        same(rule.kind, desired, actual) || one_id()
    }

    fn unmark(&self, draft: &mut Draft, organization: u32) {
        let wanted = self.rules.mark.as_ref().is_some_and(|mark| mark.unmark);
        if wanted && self.organizations.organization(organization).is_marked() {
            draft.unmarks = true;
            self.set_mark(draft, organization, false);
        }
    }

    fn set_mark(&self, draft: &mut Draft, organization: u32, after: bool) {
        if let Some(mark) = &self.rules.mark {
            let before = self.organizations.organization(organization).mark();
            draft.set(&Target::Field(mark.field.clone()), before, Cell::Bool(after));
        }
    }

    fn draft(&self, key: Id, account: Option<u32>, organization: Option<u32>, basis: Basis) -> Draft {
        let (fields, unknown) = (Vec::new(), Vec::new());
        Draft { key, account, organization, fields, basis, unknown, name_held: None, unmarks: false }
    }
}
