//! Rules 1 to 4 and 8: which contact a user has, gets, loses or waits for.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::index::{AddressNumber, Claimant, Reach};
use super::keys::KeyKind;
use super::matching::{Hit, Hits};
use super::precedence::{surplus, Candidate, FOLLOWS, LINKED};
use super::primary_keys::UserNumber;
use super::rules::Rules;
use super::sources::ContactTable;
use super::stored_leads::StoredLeads;
use super::stronger_keys::{Objection, StrongerKeys};
use super::users::UserTable;
use crate::rows::Id;

/// The standing of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// The user is linked, and the contact was read.
    Stay(Claimant),
    /// The user's contact was merged into this one.
    Follow(Claimant),
    /// The user's contact, or the contact into which it was merged, has another value of a key with evidence, and this
    /// contact has the user's value.
    Correct(Claimant),
    /// The user's contact is gone, and a key leads to this one.
    Relink(Claimant),
    /// The user is unlinked, and a key leads to this contact.
    Link(Claimant),
    /// The user is unlinked, and the stored lead became this contact.
    Convert(Claimant),
    /// The user's contact is gone, and no other contact takes its place.
    Unlink,
    /// The user's contact was not read, may only be invisible, and has not been missing for long enough.
    Missing,
    /// The user's contact is gone, no other contact takes its place, and the declaration leaves such a user alone.
    Kept,
    /// The user is unlinked, and no key leads to a contact.
    Unlinked,
    /// The user is unlinked, and a key or the stored lead leads to this contact, but the user may not be linked.
    MayNotLink(Claimant),
    /// Nothing about the user changes until a person resolves the issue. Boxed, because every user has a standing, but
    /// few are held.
    Held(Box<Hold>),
}

/// The reason why a user is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hold {
    InvalidId,
    /// The claimants of a contested value.
    Contested(BTreeSet<Claimant>),
    /// A contact that claims another value, which is contested.
    Closed(Claimant),
    Several(BTreeSet<Claimant>),
    Shared(Claimant),
    Stronger(Objection),
}

/// Returns the standing of every user.
pub(super) fn standings(
    contacts: &ContactTable,
    users: &UserTable,
    hits: &Hits,
    stored_leads: StoredLeads<'_>,
    rules: &Rules,
) -> Vec<Standing> {
    let stronger = StrongerKeys::new(contacts, hits, rules);
    let sides = Sides { contacts, users, hits, stored_leads, rules, stronger };
    let standing = |user| sides.standing(user);
    let mut standings: Vec<Standing> = (0..users.len() as UserNumber).into_par_iter().map(standing).collect();
    if !rules.share_contacts {
        let candidates = (0..).zip(&standings).filter_map(|(user, standing)| sides.candidate(user, standing)).collect();
        for (user, contact) in surplus(candidates) {
            standings[user as usize] = held(Hold::Shared(contact));
        }
    }
    standings
}

/// Everything on which the standing of a user depends.
struct Sides<'a> {
    contacts: &'a ContactTable,
    users: &'a UserTable,
    hits: &'a Hits,
    stored_leads: StoredLeads<'a>,
    rules: &'a Rules,
    stronger: StrongerKeys<'a>,
}

impl Sides<'_> {
    fn standing(&self, user: UserNumber) -> Standing {
        if let Some((_, contact)) = self.stored_leads.converted(user) {
            return self.convert(user, contact);
        }
        let gone = match self.users.link(user).map(Id::parse) {
            None => None,
            Some(None) => return held(Hold::InvalidId),
            Some(Some(id)) => match self.contacts.find(id) {
                Some(contact) => return self.correction(user, contact).unwrap_or(Standing::Stay(contact)),
                None => match self.contacts.winner(id) {
                    Some(contact) => {
                        return self.correction(user, contact).unwrap_or_else(|| self.follow(user, contact))
                    }
                    None => Some(id),
                },
            },
        };
        let hits = self.hits.deciding(user);
        let reach = reach(self.contacts, hits);
        match (reach, gone) {
            (Reach::Contested(values), _) => {
                let contested = hits.iter().filter(|hit| values.contains(&hit.value));
                held(Hold::Contested(contested.flat_map(|hit| hit.claimants(&self.contacts.keys)).collect()))
            }
            (Reach::Closed(contact), _) => held(Hold::Closed(contact)),
            (Reach::Several(contacts), _) => held(Hold::Several(contacts)),
            (Reach::One(contact), gone) => match self.stronger.objection(user, contact, 0..hits[0].key()) {
                Some(objection) => held(Hold::Stronger(objection)),
                None => self.found(user, contact, gone),
            },
            (Reach::Nothing, None) => Standing::Unlinked,
            (Reach::Nothing, Some(id)) if waits(id, self.contacts, self.rules) => Standing::Missing,
            (Reach::Nothing, Some(_)) if self.rules.keep_missing => Standing::Kept,
            (Reach::Nothing, Some(_)) => Standing::Unlink,
        }
    }

    /// Returns the standing of a user whom a key leads to a contact, when there is no objection to it.
    fn found(&self, user: UserNumber, contact: Claimant, gone: Option<Id>) -> Standing {
        match gone {
            None if self.users.may_link(user) => Standing::Link(contact),
            None => Standing::MayNotLink(contact),
            Some(id) if waits(id, self.contacts, self.rules) => Standing::Missing,
            // The user was linked before, so it does not matter whether the user may be linked anew.
            Some(_) => Standing::Relink(contact),
        }
    }

    /// Returns the standing of a user whose contact was merged into another one.
    fn follow(&self, user: UserNumber, winner: Claimant) -> Standing {
        match self.objection_of_ids(user, winner) {
            Some(objection) => held(Hold::Stronger(objection)),
            None => Standing::Follow(winner),
        }
    }

    /// Returns the standing of a user whose stored lead became a contact. A contested value does not close the contact
    /// here, because the lead identifies it.
    fn convert(&self, user: UserNumber, contact: Claimant) -> Standing {
        match self.objection_of_ids(user, contact) {
            Some(objection) => held(Hold::Stronger(objection)),
            None if self.users.may_link(user) => Standing::Convert(contact),
            None => Standing::MayNotLink(contact),
        }
    }

    /// Returns the objection to a contact to which Salesforce itself leads the user, by a merge or a converted lead.
    /// Addresses do not object, because people have several.
    fn objection_of_ids(&self, user: UserNumber, contact: Claimant) -> Option<Objection> {
        let ids = (0..self.rules.keys.len()).filter(|&key| self.rules.keys[key].kind != KeyKind::Email);
        self.stronger.objection(user, contact, ids)
    }

    /// Returns the standing of a linked user whose deciding key is evidence that another contact is the right one.
    fn correction(&self, user: UserNumber, contact: Claimant) -> Option<Standing> {
        if self.rules.keys.iter().all(|key| !key.evidence) {
            return None;
        }
        let hits = self.hits.deciding(user);
        let key = hits.first()?.key();
        if !self.rules.keys[key].evidence || !self.stronger.has_others(user, contact, key) {
            return None;
        }
        let Reach::One(right) = reach(self.contacts, hits) else { return None };
        self.stronger.objection(user, right, 0..key).is_none().then_some(Standing::Correct(right))
    }

    /// Returns the user as a candidate for a contact, ranked by rule 8: linked users come first, then users who follow
    /// a merge or whose lead was converted, then users whom a key leads to the contact. Among the latter, a verified
    /// address comes before a mere claim and a stronger key before a weaker one; at the same tier, a relink comes
    /// before a new link.
    fn candidate(&self, user: UserNumber, standing: &Standing) -> Option<Candidate> {
        let tier = || self.hits.of(user).first().map_or(u8::MAX, |hit| hit.tier);
        let (contact, rank) = match *standing {
            Standing::Stay(contact) => (contact, LINKED),
            Standing::Follow(contact) | Standing::Convert(contact) => (contact, FOLLOWS),
            Standing::Correct(contact) | Standing::Relink(contact) => (contact, (2, tier(), 0)),
            Standing::Link(contact) => (contact, (2, tier(), 1)),
            _ => return None,
        };
        let corrects = matches!(standing, Standing::Correct(_));
        let stored = || self.contacts.find(Id::parse(self.users.link(user)?)?);
        Some(Candidate { user, contact, rank, keeps: corrects.then(stored).flatten() })
    }
}

/// Returns where the deciding hits of a user lead. A contested value of a stronger key closes a contact as well.
fn reach(contacts: &ContactTable, hits: &[Hit]) -> Reach {
    let Some(first) = hits.first() else { return Reach::Nothing };
    let values: Vec<AddressNumber> = hits.iter().map(|hit| hit.value).collect();
    match contacts.keys.index(first.key()).reach(&values) {
        Reach::One(only) if contacts.keys.closing(only, 0..first.key()).is_some() => Reach::Closed(only),
        reach => reach,
    }
}

/// Returns whether a missing contact may only be invisible, and has not been missing for long enough. A contact is gone
/// for certain if Salesforce shows it, deleted or not, or if the integration user sees all contacts.
fn waits(id: Id, contacts: &ContactTable, rules: &Rules) -> bool {
    rules.sees_all != Some(true)
        && !contacts.known_to_be_gone(id)
        && rules.missing_before.as_ref().is_some_and(|missing| !missing.contains(&id))
}

fn held(hold: Hold) -> Standing {
    Standing::Held(Box::new(hold))
}
