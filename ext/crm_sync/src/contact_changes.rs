//! The changes of a decision, kept for as long as Ruby has one of them, without what they were decided on.

use std::sync::Arc;

use crm_sync::contacts::{Change, FieldChange, Key, Rules, UserTable};
use crm_sync::rows::Id;
use crm_sync::Error as CoreError;
use magnus::{method, Error, Module, RArray, RHash, RModule, Ruby, Value};

use crate::class::define;
use crate::contact_budgets::costs_value;
use crate::convert::{array, key_value, symbol};
use crate::errors;

/// Nothing in it changes, so no fork and no thread can find it half done.
#[magnus::wrap(class = "CrmSync::Native::ContactChanges", free_immediately, size)]
pub(crate) struct Changes {
    changes: Vec<Kept>,
    rules: Arc<Rules>,
}

/// A change, and what the table of users had of its user.
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

    /// Returns the action of the change at a place, a Symbol.
    fn action(ruby: &Ruby, changes: &Self, place: usize) -> Result<Value, Error> {
        Ok(symbol(ruby, changes.at(ruby, place)?.change.action.name()))
    }

    /// Returns the key of its user.
    fn key(ruby: &Ruby, changes: &Self, place: usize) -> Result<Value, Error> {
        Ok(key_value(ruby, &changes.at(ruby, place)?.key))
    }

    /// Returns the id of the contact that the user has afterwards; nil for none.
    fn contact<'c>(ruby: &Ruby, changes: &'c Self, place: usize) -> Result<Option<&'c str>, Error> {
        Ok(changes.at(ruby, place)?.change.contact.as_ref().map(Id::as_str))
    }

    /// Returns the names of the budgets that it counts against.
    fn budgets(ruby: &Ruby, changes: &Self, place: usize) -> Result<RArray, Error> {
        let budgets = changes.at(ruby, place)?.change.budgets();
        array(ruby, budgets, |budget| Ok(symbol(ruby, budget.name(&changes.rules))))
    }

    /// Returns what it costs, part by part.
    fn costs(ruby: &Ruby, changes: &Self, place: usize) -> Result<RArray, Error> {
        costs_value(ruby, &changes.at(ruby, place)?.change.costs, &changes.rules)
    }

    /// Returns its values, as numbers of which Ruby knows the meaning, and what it stands on.
    fn details(ruby: &Ruby, changes: &Self, place: usize) -> Result<RHash, Error> {
        let Kept { link, change, .. } = changes.at(ruby, place)?;
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

    fn at(&self, ruby: &Ruby, place: usize) -> Result<&Kept, Error> {
        let missing = || CoreError::Internal("there is no change at this place".into());
        self.changes.get(place).ok_or_else(|| errors::raise(ruby, missing()))
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
