//! The leads that the app has stored for its users, and the contacts that they became.

use super::index::Claimant;
use super::keys::KeyKind;
use super::matching::{Hit, Hits};
use super::primary_keys::UserNumber;
use super::rules::Rules;
use super::sources::{ContactTable, LeadTable};
use super::users::UserTable;

/// The tables in which the stored lead of a user is looked up.
#[derive(Clone, Copy)]
pub(super) struct StoredLeads<'a> {
    pub(super) contacts: &'a ContactTable,
    pub(super) leads: &'a LeadTable,
    pub(super) users: &'a UserTable,
    pub(super) hits: &'a Hits,
    pub(super) rules: &'a Rules,
}

impl StoredLeads<'_> {
    /// Returns the stored lead of a user without a contact, and the contact that it became, if both were read. Returns
    /// `None` for a user with a contact, because the stored lead does not matter then.
    pub(super) fn converted(self, user: UserNumber) -> Option<(Hit, Claimant)> {
        let is_stored = |hit: &&Hit| self.rules.keys[hit.key()].kind == KeyKind::Lead;
        let hit = self.hits.of(user).iter().find(is_stored).filter(|_| self.users.link(user).is_none())?;
        let lead = hit.claimants(&self.leads.keys).next()?;
        Some((*hit, self.leads.contact(lead, self.contacts)?))
    }
}
