//! The costs of a change, part by part, and the number of users who could suffer the changes that each budget limits.
//!
//! A new kind of budget must be added here and in `lib/crm_sync/contacts/read/populations.rb`, which counts users in
//! the database.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::action::{Action, FieldChange};
use super::primary_keys::UserNumber;
use super::rules::{Assignment, Rules, ValueNumber};
use super::users::UserTable;

/// A budget, named after the kind of change that it limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Budget {
    /// A user loses the contact.
    Unlink,
    /// A linked user gets another contact.
    Relink,
    /// A user leaves a privileged value.
    Demote,
    /// A linked user gains a privileged value.
    Promote,
    /// A value becomes blank.
    Clear,
    /// Leads make a user leave a value that means something.
    Lead,
    /// A user without contact and lead leaves a value that means something.
    Sweep,
    /// A value is written back to the contact.
    Effects,
    /// A budget that the declaration adds, by its number.
    Named(usize),
}

/// A cost of a change: one part of it counts against one budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The column whose change counts; `None` if the change of the link counts.
    pub column: Option<usize>,
    /// The budget against which it counts.
    pub budget: Budget,
}

/// The parts of a change on which its costs depend.
#[derive(Debug, Clone, Copy)]
pub struct Costly<'c> {
    /// The action.
    pub action: Action,
    /// True if the user has a contact afterwards.
    pub has_contact: bool,
    /// The columns that change.
    pub fields: &'c [FieldChange],
}

impl Costly<'_> {
    /// Returns the costs of the change, separately for each part: if parts of the change are left out, the costs of the
    /// others stay the same.
    #[must_use]
    pub fn costs(&self, rules: &Rules) -> Vec<Cost> {
        let costs = move |budget: Budget| {
            let link = budget.limits_link(self.action, rules).then_some(Cost { column: None, budget });
            let fields = self.fields.iter().filter(move |field| budget.limits_field(self, field, rules));
            link.into_iter().chain(fields.map(move |field| Cost { column: Some(field.column), budget }))
        };
        Budget::all(rules).flat_map(costs).collect()
    }

    fn of_linked(&self) -> bool {
        matches!(self.action, Action::Relink | Action::Update | Action::Unlink)
    }
}

impl Budget {
    /// The budgets that every declaration has.
    pub const COMMON: [Budget; 8] = [
        Budget::Unlink,
        Budget::Relink,
        Budget::Demote,
        Budget::Promote,
        Budget::Clear,
        Budget::Lead,
        Budget::Sweep,
        Budget::Effects,
    ];

    /// Returns all budgets. The budgets that the declaration adds come last.
    fn all(rules: &Rules) -> impl Iterator<Item = Self> {
        Self::COMMON.into_iter().chain((0..rules.budgets.len()).map(Budget::Named))
    }

    /// Returns the budget's name in declarations.
    #[must_use]
    pub fn name(self, rules: &Rules) -> &str {
        match self {
            Budget::Unlink => "unlink",
            Budget::Relink => "relink",
            Budget::Demote => "demote",
            Budget::Promote => "promote",
            Budget::Clear => "clear",
            Budget::Lead => "lead",
            Budget::Sweep => "sweep",
            Budget::Effects => "effects",
            Budget::Named(number) => &rules.budgets[number].name,
        }
    }

    /// Returns whether an action counts against the budget because of the link.
    fn limits_link(self, action: Action, rules: &Rules) -> bool {
        match self {
            Budget::Unlink => action == Action::Unlink,
            Budget::Relink => action == Action::Relink,
            Budget::Effects => rules.write_back_links && matches!(action, Action::Link | Action::Relink),
            Budget::Demote | Budget::Promote | Budget::Clear | Budget::Lead | Budget::Sweep | Budget::Named(_) => false,
        }
    }

    /// Returns whether the change of a field counts against the budget.
    fn limits_field(self, change: &Costly<'_>, field: &FieldChange, rules: &Rules) -> bool {
        let FieldChange { column, before, after } = *field;
        let (rule, set) = (&rules.columns[column], Assignment { column, value: after });
        let leaves = |values: &BTreeSet<ValueNumber>| values.contains(&before) && !values.contains(&after);
        let gains = |values: &BTreeSet<ValueNumber>| !values.contains(&before) && values.contains(&after);
        match self {
            Budget::Unlink | Budget::Relink => false,
            Budget::Demote => leaves(&rule.privileged),
            Budget::Promote => change.of_linked() && gains(&rule.privileged),
            Budget::Clear => gains(&rule.blank),
            Budget::Lead => change.action == Action::Lead && rules.means_something(column, before),
            Budget::Sweep => change.action == Action::Sweep && rules.means_something(column, before),
            Budget::Effects => change.has_contact && rules.write_backs.contains(&set),
            Budget::Named(number) => rules.budgets[number].on == set,
        }
    }

    /// Counts the users who could suffer the changes that the budget limits.
    fn population(self, users: &Users<'_>) -> usize {
        let Users { table, rules } = *users;
        match self {
            Budget::Unlink | Budget::Relink | Budget::Promote => table.linked(),
            Budget::Demote => users.count(|user| {
                rules.columns.iter().enumerate().any(|(c, rule)| rule.privileged.contains(&users.value(user, c)))
            }),
            Budget::Clear => users.count(|user| {
                let clearable =
                    |(c, blank): (usize, &BTreeSet<_>)| !blank.is_empty() && !blank.contains(&users.value(user, c));
                rules.columns.iter().map(|rule| &rule.blank).enumerate().any(clearable)
            }),
            Budget::Lead => {
                let set: BTreeSet<usize> = columns(rules.leads.iter().flat_map(|rule| &rule.set));
                users.count(|user| table.in_lead_scope(user) && users.could_give_up(user, &set))
            }
            Budget::Sweep => {
                let set = columns(&rules.unmatched);
                users.count(|user| table.in_sweep_scope(user) && users.could_give_up(user, &set))
            }
            Budget::Effects => table.total(),
            Budget::Named(number) => {
                let on = rules.budgets[number].on;
                users.count(|user| users.value(user, on.column) != on.value)
            }
        }
    }
}

/// Returns for each budget the number of users who could suffer the changes that it limits; `None` if not all users
/// were read.
pub(super) fn could_suffer(table: &UserTable, rules: &Rules) -> Option<Vec<(Budget, usize)>> {
    let users = Users { table, rules };
    let all = || Budget::all(rules).map(|budget| (budget, budget.population(&users))).collect();
    (!table.by_need()).then(all)
}

fn columns<'a>(assignments: impl IntoIterator<Item = &'a Assignment>) -> BTreeSet<usize> {
    assignments.into_iter().map(|assignment| assignment.column).collect()
}

/// The users and the rules that say what their values mean.
struct Users<'u> {
    table: &'u UserTable,
    rules: &'u Rules,
}

impl Users<'_> {
    fn count(&self, holds: impl Fn(UserNumber) -> bool + Sync) -> usize {
        (0..self.table.len() as UserNumber).into_par_iter().filter(|&user| holds(user)).count()
    }

    fn value(&self, user: UserNumber, column: usize) -> ValueNumber {
        self.rules.columns[column].values[self.table.columns()[column].number(user as usize)]
    }

    /// Returns whether a user without a contact has a value in one of these columns that means something.
    fn could_give_up(&self, user: UserNumber, columns: &BTreeSet<usize>) -> bool {
        self.table.link(user).is_none()
            && columns.iter().any(|&column| self.rules.means_something(column, self.value(user, column)))
    }
}
