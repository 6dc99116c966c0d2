//! The changes of a decision. They are kept for as long as Ruby refers to one of them, without the data on which they
//! were decided.

use std::sync::Arc;

use crm_sync::contacts::{Change, FieldChange, Key, Rules, UserTable};
use crm_sync::rows::Id;
use crm_sync::Error as CoreError;
use magnus::{method, Error, Module, RArray, RHash, RModule, Ruby, Value};

use crate::class::define;
use crate::contact_budgets::costs_value;
use crate::convert::{array, key_value, symbol};
use crate::errors;

/// The changes of a decision, by their index. They are immutable, so a fork or another thread never sees them
/// half-written.
#[magnus::wrap(class = "CrmSync::Native::ContactChanges", free_immediately, size)]
pub(crate) struct Changes {
    changes: Vec<Kept>,
    rules: Arc<Rules>,
}

/// A change, with the key and the link of its user from the table of users.
struct Kept {
    key: Key,
    link: Option<Box<str>>,
    change: Change,
}

impl Changes {
    pub(crate) fn new(changes: Vec<Change>, users: &UserTable, rules: Arc<Rules>) -> Self {
        let kept = |change: Change| Kept {
            key: users.key(change.user),
            link: users.link(change.user).map(Into::into),
            change,
        };
        Self { changes: changes.into_iter().map(kept).collect(), rules }
    }

    fn size(&self) -> usize {
        self.changes.len()
    }

    /// Returns the action of the change at an index, as a Symbol.
    fn action(ruby: &Ruby, changes: &Self, index: usize) -> Result<Value, Error> {
        Ok(symbol(ruby, changes.at(ruby, index)?.change.action.name()))
    }

    /// Returns the key of the user of the change.
    fn key(ruby: &Ruby, changes: &Self, index: usize) -> Result<Value, Error> {
        Ok(key_value(ruby, &changes.at(ruby, index)?.key))
    }

    /// Returns the id of the contact that the user has after the change; nil for none.
    fn contact<'c>(ruby: &Ruby, changes: &'c Self, index: usize) -> Result<Option<&'c str>, Error> {
        Ok(changes.at(ruby, index)?.change.contact.as_ref().map(Id::as_str))
    }

    /// Returns the names of the budgets that the change counts against.
    fn budgets(ruby: &Ruby, changes: &Self, index: usize) -> Result<RArray, Error> {
        let budgets = changes.at(ruby, index)?.change.budgets();
        array(ruby, budgets, |budget| Ok(symbol(ruby, budget.name(&changes.rules))))
    }

    /// Returns the costs of the change, separately for each part of it.
    fn costs(ruby: &Ruby, changes: &Self, index: usize) -> Result<RArray, Error> {
        costs_value(ruby, &changes.at(ruby, index)?.change.costs, &changes.rules)
    }

    /// Returns the reason and the basis of the change, and its columns with their values before and after. Columns and
    /// values are numbers, which Ruby translates.
    fn details(ruby: &Ruby, changes: &Self, index: usize) -> Result<RHash, Error> {
        let Kept { link, change, .. } = changes.at(ruby, index)?;
        let numbers = |number: fn(&FieldChange) -> usize| change.fields.iter().map(number).collect::<Vec<_>>();
        let details = ruby.hash_new();
        details.aset(symbol(ruby, "link"), link.as_deref())?;
        details.aset(symbol(ruby, "address"), change.matched.as_ref().map(|matched| matched.address.as_str()))?;
        details.aset(symbol(ruby, "tier"), change.matched.as_ref().map(|matched| matched.tier))?;
        details.aset(symbol(ruby, "columns"), numbers(|field| field.column))?;
        details.aset(symbol(ruby, "before"), numbers(|field| field.before as usize))?;
        details.aset(symbol(ruby, "after"), numbers(|field| field.after as usize))?;
        details.aset(symbol(ruby, "reason"), change.reason.as_str())?;
        Ok(details)
    }

    fn at(&self, ruby: &Ruby, index: usize) -> Result<&Kept, Error> {
        let missing = || CoreError::Internal("there is no change at this place".into());
        self.changes.get(index).ok_or_else(|| errors::raise(ruby, missing()))
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Changes>(ruby, native, "ContactChanges")?;
    class.define_method("size", method!(Changes::size, 0))?;
    class.define_method("action", method!(Changes::action, 1))?;
    class.define_method("key", method!(Changes::key, 1))?;
    class.define_method("contact", method!(Changes::contact, 1))?;
    class.define_method("budgets", method!(Changes::budgets, 1))?;
    class.define_method("costs", method!(Changes::costs, 1))?;
    class.define_method("details", method!(Changes::details, 1))
}
