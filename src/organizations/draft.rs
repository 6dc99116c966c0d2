//! Changes before it is known whether their names are free.

use super::case::Case;
use super::changes::{Action, FieldChange};
use super::derive::{id, Unfit};
use super::rules::{AttributeRule, Policy, Remembered, Target};
use crate::compare::{is_blank, same, Kind};
use crate::rows::{Cell, Id};

/// The change that would happen to the account and the organization of one key.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) key: Id,
    pub(super) account: Option<u32>,
    pub(super) organization: Option<u32>,
    pub(super) fields: Vec<FieldChange>,
    pub(super) basis: Basis,
    /// Attributes that stay as they are although the account says something else, or may, and why.
    pub(super) kept: Vec<(Kept, usize)>,
    /// True if the mark stays as it is because Zendesk does not take it.
    pub(super) mark_kept: bool,
    /// The reason why the name is not written: the kind of an issue. Without a name there is no create.
    pub(super) name_held: Option<&'static str>,
    /// True if the organization loses its mark.
    pub(super) unmarks: bool,
}

/// The reason why an attribute stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kept {
    /// No option of its drop-down has the value.
    UnknownOption,
    /// The value is not of its kind, so that Zendesk would refuse it.
    Unfit,
    /// The value stands in a record that cannot be read.
    NotReadable,
    /// Zendesk did not take it the last time, and nothing is new since.
    NotTaken,
}

impl Kept {
    pub(super) const ALL: [Kept; 4] = [Kept::UnknownOption, Kept::Unfit, Kept::NotReadable, Kept::NotTaken];

    /// Returns the kind of the issue.
    pub(super) fn issue(self) -> &'static str {
        match self {
            Kept::UnknownOption => "unknown_option",
            Kept::Unfit => "unfit_value",
            Kept::NotReadable => "not_readable",
            Kept::NotTaken => "put_back",
        }
    }

    /// Returns the word of the books for it.
    pub(super) fn note(self) -> &'static str {
        match self {
            Kept::UnknownOption => "unknown_options",
            Kept::Unfit => "unfit_values",
            Kept::NotReadable => "not_readable",
            Kept::NotTaken => "put_back",
        }
    }
}

impl From<Unfit> for Kept {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Option => Kept::UnknownOption,
            Unfit::Kind => Kept::Unfit,
        }
    }
}

/// The rows that a draft stands on.
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
    /// Returns the action; `None` where nothing is left to do.
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

    /// Returns whether nothing is to be done, nor said.
    pub(super) fn is_silent(&self) -> bool {
        let held = self.name_held.is_some() || !self.kept.is_empty() || self.mark_kept;
        self.action().is_none() && !held && !self.is_reported()
    }

    /// Returns whether it is written in no case, and its one issue is where the organization stands.
    pub(super) fn is_reported(&self) -> bool {
        self.basis == Basis::Reported
    }

    /// Returns the name that the organization would get.
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
    /// Drafts a new organization, which has all that is not blank.
    pub(super) fn creation(&self, key: Id, account: u32) -> Draft {
        let mut draft = self.draft(key, Some(account), None, Basis::NoOrganization);
        for (number, rule) in self.rules.attributes.iter().enumerate() {
            let desired = self.accounts.account(account).desired(number);
            if desired == Cell::Unknown {
                draft.kept.push((Kept::NotReadable, number));
                continue;
            }
            match rule.writable(desired) {
                Ok(after) if is_blank(rule.kind, &after) => {}
                Ok(after) => draft.set(&rule.target, Cell::Null, after),
                Err(unfit) => draft.kept.push((unfit.into(), number)),
            }
        }
        // The new organization would lack what makes it one of ours, and the next run would find it outside.
        let is_needed = |rule: &AttributeRule| rule.target.is_name() || self.rules.is_managed_field(&rule.target);
        if draft
            .kept
            .iter()
            .any(|(why, number)| *why == Kept::NotReadable && is_needed(&self.rules.attributes[*number]))
        {
            draft.hold_name("not_readable");
        } else if draft.new_name().is_none() {
            draft.hold_name("blank_name");
        }
        draft
    }

    /// Drafts the changes of an organization that follows an account.
    pub(super) fn following(&self, key: Id, account: u32, organization: u32, basis: Basis) -> Draft {
        let mut draft = self.draft(key, Some(account), Some(organization), basis);
        let (left, right) = (self.accounts.account(account), self.organizations.organization(organization));
        for (number, rule) in self.rules.attributes.iter().enumerate() {
            let (desired, actual) = (left.desired(number), right.actual(number));
            if desired == Cell::Unknown {
                draft.kept.push((Kept::NotReadable, number));
                continue;
            }
            if self.agree(rule, &desired, &actual) {
                continue;
            }
            match rule.writable(desired) {
                Ok(after) if same(rule.kind, &after, &actual) => {}
                // An organization cannot be without a name.
                Ok(after) if rule.target.is_name() && !after.is_filled() => draft.name_held = Some("blank_name"),
                Ok(after) => match self.came_to(right.id(), &rule.target, rule.kind, &after, &actual) {
                    None => draft.set(&rule.target, actual, after),
                    Some(remembered) if remembered.refused => draft.kept.push((Kept::NotTaken, number)),
                    // It stands there, as Zendesk spells it.
                    Some(_) => {}
                },
                Err(unfit) => draft.kept.push((unfit.into(), number)),
            }
        }
        self.unmark(&mut draft, organization);
        draft
    }

    /// Drafts the mark of a managed organization without an account.
    pub(super) fn marking(&self, key: Id, organization: u32) -> Draft {
        let mut draft = self.draft(key, None, Some(organization), Basis::NoAccount);
        self.set_mark(&mut draft, organization, true);
        draft
    }

    /// Returns whether an organization outside of the managed ones may be taken for the account's.
    pub(super) fn may_adopt(&self, organization: u32) -> bool {
        let is_managed = || self.organizations.organization(organization).is_managed();
        self.rules.managed.is_none() || self.rules.outside_managed == Policy::Adopt || is_managed()
    }

    fn agree(&self, rule: &AttributeRule, desired: &Cell<'_>, actual: &Cell<'_>) -> bool {
        // An id of 15 characters is the same id: it is not written anew for its spelling.
        let one_id = || self.rules.is_key(&rule.target) && id(desired).is_some() && id(desired) == id(actual);
        same(rule.kind, desired, actual) || one_id()
    }

    fn unmark(&self, draft: &mut Draft, organization: u32) {
        let wanted = self.rules.mark.as_ref().is_some_and(|mark| mark.unmark);
        if wanted && self.organizations.organization(organization).is_marked() {
            if self.mark_is_kept(organization, false) {
                draft.mark_kept = true;
                return;
            }
            draft.unmarks = true;
            self.set_mark(draft, organization, false);
        }
    }

    /// Returns what became of it the last time that a value was sent to a place, where both sides are as they were
    /// then.
    fn came_to(
        &self,
        organization: u64,
        target: &Target,
        kind: Kind,
        after: &Cell<'_>,
        actual: &Cell<'_>,
    ) -> Option<&Remembered> {
        let remembered = self.remembered.get(&(organization, target))?;
        (same(kind, &remembered.sent, after) && same(kind, &remembered.stored, actual)).then_some(remembered)
    }

    /// Returns whether Zendesk did not take it the last time that the mark was set so.
    pub(super) fn mark_is_kept(&self, organization: u32, after: bool) -> bool {
        let organization = self.organizations.organization(organization);
        let Some(mark) = &self.rules.mark else { return false };
        let target = Target::Field(mark.field.clone());
        let (after, actual) = (Cell::Bool(after), organization.mark());
        self.came_to(organization.id(), &target, Kind::Checkbox, &after, &actual).is_some()
    }

    fn set_mark(&self, draft: &mut Draft, organization: u32, after: bool) {
        if let Some(mark) = &self.rules.mark {
            let before = self.organizations.organization(organization).mark();
            draft.set(&Target::Field(mark.field.clone()), before, Cell::Bool(after));
        }
    }

    fn draft(&self, key: Id, account: Option<u32>, organization: Option<u32>, basis: Basis) -> Draft {
        let (fields, kept) = (Vec::new(), Vec::new());
        Draft { key, account, organization, fields, basis, kept, mark_kept: false, name_held: None, unmarks: false }
    }
}
