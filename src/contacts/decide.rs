//! Decides on each user once, from all facts about the user, and makes at most one change.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::action::{Action, FieldChange};
use super::budgets::{could_suffer, Budget, Costly};
use super::case::{Case, Verdict, Verdicts};
use super::changes::{Change, Issue, Match};
use super::index::Claimant;
use super::keys::KeyKind;
use super::ledger::{self, Ledger};
use super::matching::{best, Hit};
use super::primary_keys::UserNumber;
use super::rules::{Assignment, AttributeRule, Outcome, Rules, ValueNumber};
use super::sources::{ContactTable, LeadTable};
use super::standing::Standing;
use super::users::UserTable;
use super::{issues, words};
use crate::rows::{Cell, Id};

/// The result of a decision: the changes, the issues, and a ledger of all rows.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// The changes, in the order of the users' keys.
    pub changes: Vec<Change>,
    /// The issues, in a fixed order.
    pub issues: Vec<Issue>,
    /// The ledger of all rows.
    pub ledger: Ledger,
    /// For each budget, the number of users who could suffer the changes that it limits; `None` if not all users were
    /// read.
    pub could_suffer: Option<Vec<(Budget, usize)>>,
    /// The contacts of linked users that were not read and that no other contact replaces.
    pub missing_contacts: Vec<Id>,
}

/// Decides on all users, in parallel on the current rayon pool.
#[must_use]
pub fn decide(contacts: &ContactTable, leads: &LeadTable, users: &UserTable, rules: &Rules) -> Decision {
    let case = Case::new(contacts, leads, users, rules);
    let everybody = (0..users.len() as UserNumber).into_par_iter();
    let verdicts: Verdicts = everybody.map(|user| (user, case.verdict(user))).filter(|(_, v)| !v.is_empty()).collect();
    let mut issues = issues::issues(&case, &verdicts);
    issues.sort();
    let ledger = case.ledger(&verdicts);
    Decision {
        changes: verdicts.into_iter().filter_map(|(_, verdict)| verdict.change).collect(),
        issues,
        ledger,
        could_suffer: could_suffer(users, rules),
        missing_contacts: case.missing_contacts(),
    }
}

impl Case<'_> {
    pub(super) fn verdict(&self, user: UserNumber) -> Verdict {
        let mut verdict = Verdict::default();
        let mut wanted = Wanted::new();
        let action = match &self.standings[user as usize] {
            Standing::Held(_) | Standing::Missing | Standing::Kept => return verdict,
            Standing::Stay(contact) => {
                self.follow_contact(user, *contact, &mut wanted, &mut verdict);
                Action::Update
            }
            Standing::Link(contact) | Standing::Convert(contact) => {
                self.follow_contact(user, *contact, &mut wanted, &mut verdict);
                Action::Link
            }
            Standing::Relink(contact) | Standing::Follow(contact) | Standing::Correct(contact) => {
                self.follow_contact(user, *contact, &mut wanted, &mut verdict);
                Action::Relink
            }
            Standing::Unlink => {
                assign(&mut wanted, &self.rules.contact_missing);
                self.follow_leads_or_sweep(user, &mut wanted, &mut verdict);
                Action::Unlink
            }
            Standing::Unlinked | Standing::MayNotLink(_) => {
                self.follow_leads_or_sweep(user, &mut wanted, &mut verdict);
                if verdict.by_leads {
                    Action::Lead
                } else {
                    Action::Sweep
                }
            }
        };
        let fields = self.differing(user, &wanted, &mut verdict);
        let links = matches!(action, Action::Link | Action::Relink | Action::Unlink);
        if links || !fields.is_empty() {
            verdict.change = Some(self.change(user, action, fields));
        }
        verdict
    }

    /// Applies rules 3 and 7: sets the fields by the mapping. Leaves a field alone if its value is unknown or not
    /// mapped, or if the mapping only fills the column and the column has a value.
    fn follow_contact(&self, user: UserNumber, contact: Claimant, wanted: &mut Wanted, verdict: &mut Verdict) {
        for (number, (rule, values)) in self.rules.attributes.iter().zip(self.contacts.attributes()).enumerate() {
            if self.is_filled(user, rule) {
                continue;
            }
            if values.tuple(contact as usize).contains(&Cell::Unknown) {
                verdict.unknown += 1;
                continue;
            }
            match rule.outcomes[values.number(contact as usize)] {
                Outcome::Keep => {}
                Outcome::Set(value) if rule.fills && self.rules.columns[rule.column].blank.contains(&value) => {}
                Outcome::Set(value) => assign(wanted, &[Assignment { column: rule.column, value }]),
                Outcome::Quarantine | Outcome::Unfit => verdict.quarantined.push(number),
                Outcome::Missing => verdict.missing.push(number),
            }
        }
    }

    /// Returns whether an attribute leaves a user alone because it only fills, and the column has a value already.
    pub(super) fn is_filled(&self, user: UserNumber, rule: &AttributeRule) -> bool {
        rule.fills && !self.rules.columns[rule.column].blank.contains(&self.value(user, rule.column))
    }

    /// Returns the current value of a column.
    fn value(&self, user: UserNumber, column: usize) -> ValueNumber {
        self.rules.columns[column].values[self.users.columns()[column].number(user as usize)]
    }

    /// Applies rules 5 and 6: leads with a trusted value of the user decide; a user with neither contact nor lead gets
    /// the declared values.
    fn follow_leads_or_sweep(&self, user: UserNumber, wanted: &mut Wanted, verdict: &mut Verdict) {
        let leads = self.lead_hits.of(user);
        if !leads.is_empty() {
            if self.users.in_lead_scope(user) {
                verdict.by_leads = true;
                self.follow_leads(leads, wanted, verdict);
            }
        } else if self.contact_hits.of(user).is_empty() && self.users.in_sweep_scope(user) {
            assign(wanted, &self.rules.unmatched);
        }
    }

    fn follow_leads(&self, hits: &[Hit], wanted: &mut Wanted, verdict: &mut Verdict) {
        let leads: BTreeSet<Claimant> = hits.iter().flat_map(|hit| hit.claimants(&self.leads.keys)).collect();
        let all = |fit: &Vec<bool>| leads.iter().all(|&lead| fit[self.leads.statuses().number(lead as usize)]);
        if !self.rules.lead_statuses.as_ref().is_none_or(all) {
            verdict.strange_lead = true;
            return;
        }
        let Some(rule) = self.rules.leads.iter().find(|rule| rule.all.as_ref().is_none_or(all)) else { return };
        if rule.all.is_some() {
            let became: BTreeSet<Claimant> =
                leads.iter().filter_map(|&lead| self.leads.contact(lead, self.contacts)).collect();
            verdict.contradicted = became.into_iter().filter(|&contact| !self.agrees(contact, &rule.set)).collect();
        }
        if verdict.contradicted.is_empty() {
            assign(wanted, &rule.set);
        }
    }

    /// Returns whether a contact has the values of `set` in the columns that follow contacts. An unknown value does not
    /// agree.
    fn agrees(&self, contact: Claimant, set: &[Assignment]) -> bool {
        let row = contact as usize;
        let mut follows = self.rules.attributes.iter().zip(self.contacts.attributes());
        follows.all(|(rule, values)| {
            let said = set.iter().find(|assignment| assignment.column == rule.column);
            let same = |said: &Assignment| {
                !values.tuple(row).contains(&Cell::Unknown)
                    && rule.outcomes[values.number(row)] == Outcome::Set(said.value)
            };
            said.is_none_or(same)
        })
    }

    /// Applies rule 9: counts the protected transitions, and returns the other differences.
    fn differing(&self, user: UserNumber, wanted: &Wanted, verdict: &mut Verdict) -> Vec<FieldChange> {
        let mut fields = Vec::new();
        for (&column, &after) in wanted {
            let rule = &self.rules.columns[column];
            let before = self.value(user, column);
            if before == after {
                continue;
            }
            if rule.protected.contains(&(before, after)) {
                verdict.protected += 1;
            } else {
                fields.push(FieldChange { column, before, after });
            }
        }
        fields
    }

    fn change(&self, user: UserNumber, action: Action, fields: Vec<FieldChange>) -> Change {
        let (contact, matched) = match self.standings[user as usize] {
            Standing::Stay(contact) | Standing::Follow(contact) => (Some(contact), None),
            Standing::Convert(contact) => (Some(contact), self.stored_lead(user)),
            Standing::Link(contact) | Standing::Relink(contact) | Standing::Correct(contact) => {
                (Some(contact), best(self.contact_hits.of(user), &self.contacts.keys))
            }
            _ => (None, best(self.lead_hits.of(user), &self.leads.keys)),
        };
        let costly = Costly { action, has_contact: contact.is_some(), fields: &fields };
        Change {
            action,
            user,
            contact: contact.map(|contact| self.contacts.id(contact)),
            costs: costly.costs(self.rules),
            reason: words::reason(self, user, action, matched.as_ref()),
            matched,
            fields,
        }
    }

    /// Returns the match by the stored lead that became the user's contact.
    fn stored_lead(&self, user: UserNumber) -> Option<Match> {
        let (hit, _) = self.stored_leads().converted(user)?;
        best(&[hit], &self.leads.keys)
    }

    fn ledger(&self, verdicts: &Verdicts) -> Ledger {
        let converted = |user: UserNumber| matches!(self.standings[user as usize], Standing::Convert(_));
        let by_leads = verdicts.iter().filter(|(user, verdict)| verdict.by_leads || converted(*user));
        let by_leads = by_leads.map(|(user, _)| *user).collect();
        let changed =
            verdicts.iter().filter_map(|(user, verdict)| Some((*user, verdict.change.as_ref()?.action.name())));
        let mut ledger = Ledger {
            contacts: ledger::contacts(self),
            leads: ledger::leads(self.leads, &self.lead_hits, &by_leads),
            users: ledger::users(self.users, &self.standings, &changed.collect()),
        };
        let total = |count: fn(&Verdict) -> usize| verdicts.iter().map(|(_, verdict)| count(verdict)).sum();
        let notes = &mut ledger.users.notes;
        notes.insert(
            "followed_merges",
            self.standings.iter().filter(|standing| matches!(standing, Standing::Follow(_))).count(),
        );
        if self.rules.keys.iter().any(|key| key.kind == KeyKind::Lead) {
            let converted = self.standings.iter().filter(|standing| matches!(standing, Standing::Convert(_)));
            notes.insert("followed_leads", converted.count());
        }
        notes.insert("protected_transitions", total(|verdict| verdict.protected));
        notes.insert("quarantined_fields", total(|verdict| verdict.quarantined.len()));
        notes.insert("missing_references", total(|verdict| verdict.missing.len()));
        notes.insert("quarantined_by_lead_status", total(|verdict| usize::from(verdict.strange_lead)));
        notes.insert("leads_contradicted_by_contact", total(|verdict| usize::from(!verdict.contradicted.is_empty())));
        notes.insert("fields_of_absent_parents", total(|verdict| verdict.unknown));
        ledger
    }

    /// Returns the contacts of linked users that were not read and that no other contact replaces.
    fn missing_contacts(&self) -> Vec<Id> {
        let misses = |standing: &Standing| matches!(standing, Standing::Missing | Standing::Kept | Standing::Unlink);
        let missing = (0..).zip(&self.standings).filter(|(_, standing)| misses(standing));
        let mut ids: Vec<Id> = missing.filter_map(|(user, _)| Id::parse(self.users.link(user)?)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// Returns the contacts of linked users that were not read: contacts that are gone, that were merged into others, or
/// that the query does not select any more.
#[must_use]
pub fn absent(contacts: &ContactTable, users: &UserTable) -> Vec<Id> {
    let links = (0..users.len() as UserNumber).filter_map(|user| Id::parse(users.link(user)?));
    let mut ids: Vec<Id> = links.filter(|&id| contacts.find(id).is_none()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Returns the contacts of linked users that were not read and that Salesforce does not show at all, deleted or not.
#[must_use]
pub fn unseen(contacts: &ContactTable, users: &UserTable) -> Vec<Id> {
    absent(contacts, users).into_iter().filter(|&id| !contacts.known_to_be_gone(id)).collect()
}

/// Counts the linked users whose contact was read, by its own id or as the winner of a merge. If only few of the stored
/// ids are found, the org may be another one than last time.
#[must_use]
pub fn links_found(contacts: &ContactTable, users: &UserTable) -> usize {
    let came = |id: Id| contacts.find(id).is_some() || contacts.winner(id).is_some();
    let links = (0..users.len() as UserNumber).filter_map(|user| Id::parse(users.link(user)?));
    links.filter(|&id| came(id)).count()
}

/// The columns to set, with their values; a later assignment replaces an earlier one.
type Wanted = BTreeMap<usize, u32>;

fn assign(wanted: &mut Wanted, assignments: &[Assignment]) {
    wanted.extend(assignments.iter().map(|assignment| (assignment.column, assignment.value)));
}
