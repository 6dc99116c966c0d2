//! The facts that a decision rests on, and what they say of one user.

use super::changes::Change;
use super::index::Claimant;
use super::matching::Hits;
use super::primary_keys::UserNumber;
use super::rules::Rules;
use super::sources::{ContactTable, LeadTable};
use super::standing::{standings, Standing};
use super::stored_leads::StoredLeads;
use super::users::UserTable;

/// All sides as they came, what the declaration says, and where each user stands.
pub(super) struct Case<'a> {
    pub(super) contacts: &'a ContactTable,
    pub(super) leads: &'a LeadTable,
    pub(super) users: &'a UserTable,
    pub(super) rules: &'a Rules,
    pub(super) contact_hits: Hits,
    pub(super) lead_hits: Hits,
    pub(super) standings: Vec<Standing>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        contacts: &'a ContactTable,
        leads: &'a LeadTable,
        users: &'a UserTable,
        rules: &'a Rules,
    ) -> Self {
        let contact_hits = Hits::find(&contacts.keys, users, &rules.tiers, |tier| tier.contacts);
        let lead_hits = Hits::find(&leads.keys, users, &rules.tiers, |tier| tier.leads);
        let stored = StoredLeads { contacts, leads, users, hits: &lead_hits, rules };
        let standings = standings(contacts, users, &contact_hits, stored, rules);
        Self { contacts, leads, users, rules, contact_hits, lead_hits, standings }
    }

    pub(super) fn stored_leads(&self) -> StoredLeads<'_> {
        let Self { contacts, leads, users, rules, ref lead_hits, .. } = *self;
        StoredLeads { contacts, leads, users, hits: lead_hits, rules }
    }
}

/// Verdicts that say something, in the order of the users.
pub(super) type Verdicts = Vec<(UserNumber, Verdict)>;

/// The decision on one user.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) change: Option<Change>,
    /// Attributes whose value the declaration does not know, or the column cannot hold.
    pub(super) quarantined: Vec<usize>,
    /// References to rows that are not there.
    pub(super) missing: Vec<usize>,
    /// Attributes that could not be had.
    pub(super) unknown: usize,
    /// Transitions that the declaration protects from.
    pub(super) protected: usize,
    pub(super) by_leads: bool,
    /// True if a lead has a status that the declaration does not take.
    pub(super) strange_lead: bool,
    /// Contacts that leads became, and that do not say what the leads would.
    pub(super) contradicted: Vec<Claimant>,
}

impl Verdict {
    /// Returns whether nothing is to be done, nor said.
    pub(super) fn is_empty(&self) -> bool {
        let silent = self.quarantined.is_empty() && self.missing.is_empty() && self.unknown == 0 && self.protected == 0;
        silent && self.change.is_none() && !self.by_leads
    }
}
