//! The facts on which a decision is based, and the verdict on one user.

use super::changes::Change;
use super::index::Claimant;
use super::matching::Hits;
use super::primary_keys::UserNumber;
use super::rules::Rules;
use super::sources::{ContactTable, LeadTable};
use super::standing::{standings, Standing};
use super::stored_leads::StoredLeads;
use super::users::UserTable;

/// The tables that were read, the rules of the declaration, and the standing of each user.
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

/// The verdicts that are not empty, in the order of the users.
pub(super) type Verdicts = Vec<(UserNumber, Verdict)>;

/// The decision on one user.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) change: Option<Change>,
    /// The attributes with a value that the declaration does not know, or that the column cannot hold.
    pub(super) quarantined: Vec<usize>,
    /// The attributes with a reference to a row that does not exist, or is not unique.
    pub(super) missing: Vec<usize>,
    /// The number of attributes whose value is unknown.
    pub(super) unknown: usize,
    /// The number of transitions that were not made because the declaration protects them.
    pub(super) protected: usize,
    pub(super) by_leads: bool,
    /// True if a lead has a status that the declaration does not take.
    pub(super) strange_lead: bool,
    /// The contacts that leads became and that contradict the leads.
    pub(super) contradicted: Vec<Claimant>,
}

impl Verdict {
    /// Returns whether the verdict neither changes nor reports anything.
    pub(super) fn is_empty(&self) -> bool {
        let silent = self.quarantined.is_empty() && self.missing.is_empty() && self.unknown == 0 && self.protected == 0;
        silent && self.change.is_none() && !self.by_leads
    }
}
