//! Drafts of changes, made before it is known whether the names in them are free.

use super::case::Case;
use super::changes::{Action, FieldChange};
use super::derive::{id, Unfit};
use super::rules::{AttributeRule, Policy, Remembered, Target};
use crate::compare::{is_blank, same, Kind};
use crate::rows::{Cell, Id};

/// The change that the account and the organization of one key would get.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) key: Id,
    pub(super) account: Option<u32>,
    pub(super) organization: Option<u32>,
    pub(super) fields: Vec<FieldChange>,
    pub(super) basis: Basis,
    /// The attributes that stay as they are although the account has, or may have, another value, with the reasons.
    pub(super) kept: Vec<(Kept, usize)>,
    /// True if the mark stays as it is because Zendesk refused to change it.
    pub(super) mark_kept: bool,
    /// The kind of the issue because of which the name is not written. Without a name, no organization is created.
    pub(super) name_held: Option<&'static str>,
    /// True if the draft removes the organization's mark.
    pub(super) unmarks: bool,
}

/// The reason why an attribute stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kept {
    /// No option of the drop-down has the value.
    UnknownOption,
    /// The value is not of the field's kind, so Zendesk would refuse it.
    Unfit,
    /// The value is in a record that cannot be read.
    NotReadable,
    /// An organization with the value would not be a managed one.
    Unmanaged,
    /// Zendesk refused the value the last time, and nothing has changed since.
    NotTaken,
}

impl Kept {
    pub(super) const ALL: [Kept; 5] =
        [Kept::UnknownOption, Kept::Unfit, Kept::NotReadable, Kept::Unmanaged, Kept::NotTaken];

    /// Returns the kind of the issue that reports it.
    pub(super) fn issue(self) -> &'static str {
        match self {
            Kept::UnknownOption => "unknown_option",
            Kept::Unfit => "unfit_value",
            Kept::NotReadable => "not_readable",
            Kept::Unmanaged => "unmanaged_value",
            Kept::NotTaken => "put_back",
        }
    }

    /// Returns the name of the note in the ledger that counts it.
    pub(super) fn note(self) -> &'static str {
        match self {
            Kept::UnknownOption => "unknown_options",
            Kept::Unfit => "unfit_values",
            Kept::NotReadable => "not_readable",
            Kept::Unmanaged => "unmanaged_values",
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

/// The relation between the organization and the account of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// There is no organization.
    NoOrganization,
    /// The organization has the account's id.
    Key,
    /// The organization has the account's id, but is not managed.
    Outside,
    /// As [`Outside`](Self::Outside), and the declaration asks for an issue: nothing is written, but no other
    /// organization gets the account's name.
    Reported,
    /// The organization has the account's name, and no account id.
    Name,
    /// There is no account.
    NoAccount,
}

impl Draft {
    /// Creates a draft that changes nothing yet.
    fn new(key: Id, account: Option<u32>, organization: Option<u32>, basis: Basis) -> Self {
        let (fields, kept) = (Vec::new(), Vec::new());
        Self { key, account, organization, fields, basis, kept, mark_kept: false, name_held: None, unmarks: false }
    }

    /// Returns the action; `None` if nothing is left to do.
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

    /// Returns whether there is nothing to do, and nothing to report.
    pub(super) fn is_silent(&self) -> bool {
        let held = self.name_held.is_some() || !self.kept.is_empty() || self.mark_kept;
        self.action().is_none() && !held && !self.is_reported()
    }

    /// Returns whether nothing is written in any case, because the organization is not managed. This is then the
    /// draft's only issue.
    pub(super) fn is_reported(&self) -> bool {
        self.basis == Basis::Reported
    }

    /// Returns the name that the organization would get.
    pub(super) fn new_name(&self) -> Option<&str> {
        self.fields.iter().find(|field| field.target.is_name())?.after.text()
    }

    /// Removes the name from the draft. `why` is the kind of the issue.
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
    /// Drafts a new organization with every attribute that is not blank.
    pub(super) fn creation(&self, key: Id, account: u32) -> Draft {
        let mut draft = Draft::new(key, Some(account), None, Basis::NoOrganization);
        for (number, rule) in self.rules.attributes.iter().enumerate() {
            let desired = self.accounts.account(account).desired(number);
            if let Some(why) = self.refusal(rule, &desired) {
                draft.kept.push((why, number));
                continue;
            }
            match rule.writable(desired) {
                Ok(after) if is_blank(rule.kind, &after) => {}
                Ok(after) => draft.set(&rule.target, Cell::Null, after),
                Err(unfit) => draft.kept.push((unfit.into(), number)),
            }
        }
        let is_needed = |(_, number): &&(Kept, usize)| self.rules.is_needed(&self.rules.attributes[*number].target);
        if let Some(&(why, _)) = draft.kept.iter().find(is_needed) {
            draft.hold_name(why.issue());
        } else if draft.new_name().is_none() {
            draft.hold_name("blank_name");
        }
        draft
    }

    /// Drafts the changes of an organization that follows an account.
    pub(super) fn following(&self, key: Id, account: u32, organization: u32, basis: Basis) -> Draft {
        let mut draft = Draft::new(key, Some(account), Some(organization), basis);
        let (left, right) = (self.accounts.account(account), self.organizations.organization(organization));
        for (number, rule) in self.rules.attributes.iter().enumerate() {
            let (desired, actual) = (left.desired(number), right.actual(number));
            if let Some(why) = self.refusal(rule, &desired) {
                draft.kept.push((why, number));
                continue;
            }
            if self.agree(rule, &desired, &actual) {
                continue;
            }
            match rule.writable(desired) {
                Ok(after) if same(rule.kind, &after, &actual) => {}
                // An organization must have a name.
                Ok(after) if rule.target.is_name() && !after.is_filled() => draft.name_held = Some("blank_name"),
                Ok(after) => match self.came_to(right.id(), &rule.target, rule.kind, &after, &actual) {
                    None => draft.set(&rule.target, actual, after),
                    Some(remembered) if remembered.refused => draft.kept.push((Kept::NotTaken, number)),
                    // Zendesk has stored the value, in its own spelling.
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
        let mut draft = Draft::new(key, None, Some(organization), Basis::NoAccount);
        self.set_mark(&mut draft, organization, true);
        draft
    }

    /// Returns whether an account may adopt an organization: the declaration adopts unmanaged ones or does not define
    /// managed ones, or the organization is managed.
    pub(super) fn may_adopt(&self, organization: u32) -> bool {
        let is_managed = || self.organizations.organization(organization).is_managed();
        self.rules.managed.is_none() || self.rules.outside_managed == Policy::Adopt || is_managed()
    }

    /// Returns the reason why an attribute does not follow its account, whatever the organization has: the value is
    /// unknown, or an organization with it would not be a managed one, and so be lost to the sync.
    fn refusal(&self, rule: &AttributeRule, desired: &Cell<'_>) -> Option<Kept> {
        if *desired == Cell::Unknown {
            return Some(Kept::NotReadable);
        }
        let managed = self.rules.managed_by(&rule.target)?;
        match rule.writable(desired.clone()) {
            Ok(value) => (!managed.includes(&value)).then_some(Kept::Unmanaged),
            Err(unfit) => Some(unfit.into()),
        }
    }

    fn agree(&self, rule: &AttributeRule, desired: &Cell<'_>, actual: &Cell<'_>) -> bool {
        // An id of 15 characters is the same id, so its spelling is no reason to write it again.
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

    /// Returns the remembered write of the same value to a target, if the stored value has not changed since.
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

    /// Returns whether Zendesk refused to set the mark to this value the last time.
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
}
