//! The decision: each user once, from everything known about that user, at most one change.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::changes::{Action, Budget, Change, FieldChange, Issue};
use super::course::{courses, Course};
use super::index::Claimant;
use super::ledger::{self, Ledger};
use super::matching::{best, Hits};
use super::rules::{Assignment, Outcome, Rules};
use super::sources::{ContactTable, LeadTable};
use super::users::{UserNumber, UserTable};
use super::{explain, index::AddressNumber};
use crate::columns::Cell;
use crate::salesforce::Id;

/// What a decision rests on.
pub(super) struct Case<'a> {
    pub(super) contacts: &'a ContactTable,
    pub(super) leads: &'a LeadTable,
    pub(super) users: &'a UserTable,
    pub(super) rules: &'a Rules,
    pub(super) contact_hits: Hits,
    pub(super) lead_hits: Hits,
    pub(super) courses: Vec<Course>,
}

/// What has to change, what somebody has to look at, and where every row went.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// The changes, in the order of the users' keys.
    pub changes: Vec<Change>,
    /// The issues, in a fixed order.
    pub issues: Vec<Issue>,
    /// The books.
    pub ledger: Ledger,
    /// For each budget, how many could suffer what it limits.
    pub could_suffer: Vec<(Budget, usize)>,
    /// The contacts that linked users miss.
    pub missing_contacts: Vec<Id>,
}

/// Decides on everybody.
#[must_use]
pub fn decide(contacts: &ContactTable, leads: &LeadTable, users: &UserTable, rules: &Rules) -> Decision {
    let case = Case::new(contacts, leads, users, rules);
    let verdicts: Vec<Verdict> =
        (0..users.len() as UserNumber).into_par_iter().map(|user| case.verdict(user)).collect();
    let decided_by_leads: Vec<bool> = verdicts.iter().map(|verdict| verdict.by_leads).collect();
    let mut issues = explain::issues(&case, &verdicts);
    issues.sort();
    let mut decision = Decision {
        issues,
        could_suffer: could_suffer(users, rules),
        missing_contacts: missing_contacts(&case.courses),
        ledger: Ledger {
            contacts: ledger::contacts(contacts, &case.contact_hits, &case.courses),
            leads: ledger::leads(leads, &case.lead_hits, &decided_by_leads),
            users: ledger::users(users, (0..).zip(&verdicts).map(|(user, verdict)| case.bucket(user, verdict))),
        },
        ..Decision::default()
    };
    let notes = &mut decision.ledger.users.notes;
    notes.insert("protected_transitions", verdicts.iter().map(|verdict| verdict.protected).sum());
    notes.insert("quarantined_fields", verdicts.iter().map(|verdict| verdict.quarantined.len()).sum());
    notes.insert("fields_of_absent_parents", verdicts.iter().map(|verdict| verdict.unknown).sum());
    decision.changes = verdicts.into_iter().filter_map(|verdict| verdict.change).collect();
    decision
}

/// The decision on one user.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) change: Option<Change>,
    /// Attributes whose value the declaration does not know.
    pub(super) quarantined: Vec<usize>,
    /// Attributes that could not be had.
    pub(super) unknown: usize,
    /// Transitions that the declaration protects from.
    pub(super) protected: usize,
    pub(super) by_leads: bool,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        contacts: &'a ContactTable,
        leads: &'a LeadTable,
        users: &'a UserTable,
        rules: &'a Rules,
    ) -> Self {
        let contact_hits = Hits::contacts(contacts, users, &rules.tiers);
        let lead_hits = Hits::leads(leads, users, &rules.tiers);
        let courses = courses(contacts, users, &contact_hits, rules);
        Self { contacts, leads, users, rules, contact_hits, lead_hits, courses }
    }

    pub(super) fn verdict(&self, user: UserNumber) -> Verdict {
        let mut verdict = Verdict::default();
        let mut wanted = Wanted::new();
        let action = match &self.courses[user as usize] {
            Course::Held(_) | Course::Missing(_) => return verdict,
            Course::Stay(contact) => {
                self.follow_contact(*contact, &mut wanted, &mut verdict);
                Action::Update
            }
            Course::Link(contact) => {
                self.follow_contact(*contact, &mut wanted, &mut verdict);
                Action::Link
            }
            Course::Relink(contact) => {
                self.follow_contact(*contact, &mut wanted, &mut verdict);
                Action::Relink
            }
            Course::Unlink(_) => {
                assign(&mut wanted, &self.rules.contact_missing);
                self.follow_leads_or_sweep(user, &mut wanted, &mut verdict);
                Action::Unlink
            }
            Course::Unlinked | Course::MayNotLink(_) => {
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

    /// Rules 3 and 7: the fields follow the mapping, except what the declaration does not know.
    fn follow_contact(&self, contact: Claimant, wanted: &mut Wanted, verdict: &mut Verdict) {
        for (number, (rule, values)) in self.rules.attributes.iter().zip(self.contacts.attributes()).enumerate() {
            if values.tuple(contact as usize).contains(&Cell::Unknown) {
                verdict.unknown += 1;
                continue;
            }
            match rule.outcomes[values.number(contact as usize)] {
                Outcome::Keep => {}
                Outcome::Set(value) => assign(wanted, &[Assignment { column: rule.column, value }]),
                Outcome::Quarantine => verdict.quarantined.push(number),
            }
        }
    }

    /// Rules 5 and 6: leads of a trusted address decide; who has neither contact nor lead gets the declared values.
    fn follow_leads_or_sweep(&self, user: UserNumber, wanted: &mut Wanted, verdict: &mut Verdict) {
        let leads = self.lead_hits.of(user);
        if !leads.is_empty() {
            if self.users.in_lead_scope(user) {
                let addresses = leads.iter().map(|hit| hit.address);
                verdict.by_leads = true;
                assign(wanted, self.lead_assignments(addresses));
            }
        } else if self.contact_hits.of(user).is_empty() && self.users.in_sweep_scope(user) {
            assign(wanted, &self.rules.unmatched);
        }
    }

    fn lead_assignments(&self, addresses: impl Iterator<Item = AddressNumber>) -> &[Assignment] {
        let leads = addresses.flat_map(|address| self.leads.index.claimants(address));
        let statuses: Vec<usize> = leads.map(|lead| self.leads.statuses().number(lead as usize)).collect();
        let fits = |fit: &Vec<bool>| statuses.iter().all(|&status| fit[status]);
        let rule = self.rules.leads.iter().find(|rule| rule.all.as_ref().is_none_or(fits));
        rule.map_or(&[], |rule| &rule.set)
    }

    /// Rule 9: what is different and not protected.
    fn differing(&self, user: UserNumber, wanted: &Wanted, verdict: &mut Verdict) -> Vec<FieldChange> {
        let mut fields = Vec::new();
        for (&column, &after) in wanted {
            let rule = &self.rules.columns[column];
            let before = rule.values[self.users.columns()[column].number(user as usize)];
            if rule.protected.contains(&(before, after)) {
                verdict.protected += 1;
            } else if before != after {
                fields.push(FieldChange { column, before, after });
            }
        }
        fields
    }

    fn change(&self, user: UserNumber, action: Action, fields: Vec<FieldChange>) -> Change {
        let (contact, matched) = match self.courses[user as usize] {
            Course::Stay(contact) => (Some(contact), None),
            Course::Link(contact) | Course::Relink(contact) => {
                (Some(contact), best(self.contact_hits.of(user), &self.contacts.index))
            }
            _ => (None, best(self.lead_hits.of(user), &self.leads.index)),
        };
        Change {
            action,
            user,
            contact: contact.map(|contact| self.contacts.id(contact)),
            budgets: budgets(action, &fields, self.rules),
            reason: explain::reason(self, user, action, matched.as_ref()),
            matched,
            fields,
        }
    }

    fn bucket(&self, user: UserNumber, verdict: &Verdict) -> &'static str {
        match (&self.courses[user as usize], &verdict.change) {
            (_, Some(change)) => change.action.name(),
            (Course::Held(_), None) => "held",
            (Course::Missing(_), None) => "contact_missing",
            (_, None) => "unchanged",
        }
    }
}

/// The columns that somebody wants to have a value; a later wish takes the place of an earlier one.
type Wanted = BTreeMap<usize, u32>;

fn assign(wanted: &mut Wanted, assignments: &[Assignment]) {
    wanted.extend(assignments.iter().map(|assignment| (assignment.column, assignment.value)));
}

fn budgets(action: Action, fields: &[FieldChange], rules: &Rules) -> Vec<Budget> {
    let demotes = |field: &FieldChange| {
        let privileged = &rules.columns[field.column].privileged;
        privileged.contains(&field.before) && !privileged.contains(&field.after)
    };
    let clears = |field: &FieldChange| rules.columns[field.column].null == Some(field.after);
    let mut budgets = Vec::new();
    budgets.extend((action == Action::Unlink).then_some(Budget::Unlink));
    budgets.extend(fields.iter().any(demotes).then_some(Budget::Demote));
    budgets.extend(fields.iter().any(clears).then_some(Budget::Clear));
    for (number, budget) in rules.budgets.iter().enumerate() {
        let spends = |field: &FieldChange| Assignment { column: field.column, value: field.after } == budget.on;
        budgets.extend(fields.iter().any(spends).then_some(Budget::Named(number)));
    }
    budgets
}

fn could_suffer(users: &UserTable, rules: &Rules) -> Vec<(Budget, usize)> {
    let value = |user: usize, column: usize| rules.columns[column].values[users.columns()[column].number(user)];
    let count = |suffers: &(dyn Fn(usize) -> bool + Sync)| {
        (0..users.len()).into_par_iter().filter(|&user| suffers(user)).count()
    };
    let columns = 0..rules.columns.len();
    let privileged: Vec<usize> = columns.clone().filter(|&c| !rules.columns[c].privileged.is_empty()).collect();
    let nullable: Vec<usize> = columns.filter(|&c| rules.columns[c].null.is_some()).collect();
    let mut populations = vec![
        (Budget::Unlink, users.linked()),
        (
            Budget::Demote,
            count(&|user| privileged.iter().any(|&c| rules.columns[c].privileged.contains(&value(user, c)))),
        ),
        (Budget::Clear, count(&|user| nullable.iter().any(|&c| rules.columns[c].null != Some(value(user, c))))),
    ];
    for (number, budget) in rules.budgets.iter().enumerate() {
        populations.push((Budget::Named(number), count(&|user| value(user, budget.on.column) != budget.on.value)));
    }
    populations
}

fn missing_contacts(courses: &[Course]) -> Vec<Id> {
    let missing = courses.iter().filter_map(|course| match course {
        Course::Missing(id) | Course::Unlink(id) => Some(*id),
        _ => None,
    });
    let mut ids: Vec<Id> = missing.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
