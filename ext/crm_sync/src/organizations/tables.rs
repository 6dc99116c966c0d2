//! Both sides in memory: comparing them, telling about one, and what moved since a plan.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::organizations::{
    compare, explain, files, find, holders, moved, stored, AccountTable, Action, Decision, OrganizationTable, Planned,
    Rules, Stored, Subject, Target,
};
use crm_sync::reading::organizations::{into_table, these, Noted, Progress};
use crm_sync::rows::Id;
use crm_sync::Error as CoreError;
use magnus::value::ReprValue;
use magnus::{function, method, Error, IntoValue, Module, Object, RArray, RHash, RModule, Ruby, TryConvert, Value};

use super::rules::{cell, rules, target};
use super::values::decision_value;
use crate::class::define;
use crate::convert::{array, cell_value, elements, List, Options};
use crate::errors;
use crate::host::Host;
use crate::job::compute;
use crate::zendesk::Zendesk;

/// Accounts, organizations and the rules that they were read for; what was decided, once it has been.
#[magnus::wrap(class = "CrmSync::Native::OrganizationTables", free_immediately, size)]
pub(super) struct Tables {
    both: Arc<Both>,
    decision: Mutex<Option<Arc<Decision>>>,
}

struct Both {
    accounts: AccountTable,
    organizations: OrganizationTable,
    rules: Arc<Rules>,
}

impl Tables {
    pub(super) fn new((accounts, organizations, rules): (AccountTable, OrganizationTable, Arc<Rules>)) -> Self {
        Self { both: Arc::new(Both { accounts, organizations, rules }), decision: Mutex::default() }
    }

    /// Reads the tables from the files of a folder.
    fn read(ruby: &Ruby, folder: String, options: Options, host: Host) -> Result<Self, Error> {
        let rules = Arc::new(rules(options)?);
        let kept = Arc::clone(&rules);
        let read = compute(ruby, host, move || files::read(&PathBuf::from(folder), &rules))?;
        let (accounts, organizations) = read.map_err(|error| errors::raise(ruby, error))?;
        Ok(Self::new((accounts, organizations, kept)))
    }

    /// Returns rows of both sides, and for each field or path how many have a value there.
    fn facts(ruby: &Ruby, tables: &Self) -> Result<RHash, Error> {
        let (both, facts) = (&tables.both, ruby.hash_new());
        facts.aset(ruby.to_symbol("accounts"), both.accounts.len())?;
        facts.aset(ruby.to_symbol("organizations"), both.organizations.len())?;
        for (name, fields, counts) in [
            ("account_fields", &both.rules.account_fields[..], both.accounts.filled()),
            ("organization_fields", both.organizations.paths(), both.organizations.filled()),
        ] {
            let filled = ruby.hash_new();
            for (field, count) in fields.iter().zip(counts) {
                filled.aset(field.as_str(), *count)?;
            }
            facts.aset(ruby.to_symbol(name), filled)?;
        }
        Ok(facts)
    }

    fn decide(ruby: &Ruby, tables: &Self, host: Host) -> Result<RHash, Error> {
        let both = Arc::clone(&tables.both);
        let decided = compute(ruby, host, move || compare(&both.accounts, &both.organizations, &both.rules))?;
        let value = decision_value(ruby, &decided)?;
        *tables.decision.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(decided));
        Ok(value)
    }

    /// Writes the three lists of what was decided into a folder.
    fn write(ruby: &Ruby, tables: &Self, folder: String, host: Host) -> Result<(), Error> {
        let decision = tables.decision.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let undecided = || errors::raise(ruby, CoreError::Internal("nothing has been decided".into()));
        let decision = decision.ok_or_else(undecided)?;
        let written = compute(ruby, host, move || files::write(&PathBuf::from(folder), &decision))?;
        written.map_err(|error| errors::raise(ruby, error))
    }

    /// Returns the story of an account (by its id) or an organization (by its number).
    fn explain(ruby: &Ruby, tables: &Self, account: Option<String>, id: u64, host: Host) -> Result<Vec<String>, Error> {
        let subject = match account {
            None => Subject::Organization(id),
            Some(text) => Subject::Account(account_id(ruby, &text)?),
        };
        let both = Arc::clone(&tables.both);
        compute(ruby, host, move || explain(subject, &both.accounts, &both.organizations, &both.rules))
    }

    /// Returns the accounts (by their ids) and organizations (by their numbers) that have a name.
    fn find(ruby: &Ruby, tables: &Self, name: String, host: Host) -> Result<Vec<(Option<String>, u64)>, Error> {
        let both = Arc::clone(&tables.both);
        let found = compute(ruby, host, move || find(&name, &both.accounts, &both.organizations, &both.rules))?;
        let pair = |subject| match subject {
            Subject::Account(id) => (Some(id.to_string()), 0),
            Subject::Organization(id) => (None, id),
        };
        Ok(found.into_iter().map(pair).collect())
    }

    /// Returns for each change (action, key, organization, fields as place, name, before, after) what of it does not
    /// hold any more, or nil.
    fn moved(
        ruby: &Ruby,
        zendesk: &Zendesk,
        options: Options,
        changes: RArray,
        host: Host,
    ) -> Result<Vec<Option<String>>, Error> {
        let rules = Arc::new(rules(options)?);
        let planned = changes.into_iter().map(|change| planned(ruby, change)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<u64> = planned.iter().map(|change| change.organization).collect();
        zendesk.run(ruby, host, |client| async move {
            let now = these(&client, &ids, OrganizationTable::new(Arc::clone(&rules))).await?;
            Ok(moved(&planned, &now, &rules))
        })
    }

    /// Returns for each write (as with [`Tables::moved`]) an Array with, for each field, how it came to stand there
    /// (`as_sent`, `rewritten`, `put_back`) and what stands there; nil where the organization is not there.
    fn stored(ruby: &Ruby, zendesk: &Zendesk, options: Options, writes: RArray, host: Host) -> Result<RArray, Error> {
        let rules = Arc::new(rules(options)?);
        let planned = writes.into_iter().map(|write| planned(ruby, write)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<u64> = planned.iter().map(|write| write.organization).collect();
        let stored = zendesk.run(ruby, host, |client| async move {
            let now = these(&client, &ids, OrganizationTable::new(Arc::clone(&rules))).await?;
            Ok(stored(&planned, &now, &rules))
        })?;
        array(ruby, &stored, |fields| match fields {
            None => Ok(ruby.qnil().as_value()),
            Some(fields) => array(ruby, fields, |field| Ok(stored_value(ruby, field))).map(|fields| fields.as_value()),
        })
    }

    /// Returns for each account, by its id, the organization that has it by now, or nil. Reads all organizations.
    fn holders(
        ruby: &Ruby,
        zendesk: &Zendesk,
        options: Options,
        List(accounts): List<String>,
        host: Host,
    ) -> Result<Vec<Option<u64>>, Error> {
        let rules = Arc::new(rules(options)?);
        let accounts = accounts.iter().map(|id| account_id(ruby, id)).collect::<Result<Vec<_>, _>>()?;
        zendesk.run(ruby, host, |client| async move {
            let progress = Progress::default();
            let noted = Noted { progress: &progress, wake: &|| {} };
            let now = into_table(&client, OrganizationTable::new(rules), &noted).await?;
            Ok(holders(&accounts, &now))
        })
    }
}

fn stored_value(ruby: &Ruby, field: &Stored) -> Value {
    match field {
        Stored::AsSent => ("as_sent", ruby.qnil()).into_value_with(ruby),
        Stored::Rewritten(value) => ("rewritten", cell_value(ruby, value)).into_value_with(ruby),
        Stored::NotTaken(value) => ("put_back", cell_value(ruby, value)).into_value_with(ruby),
    }
}

fn planned(ruby: &Ruby, change: Value) -> Result<Planned, Error> {
    let [action, key, organization, fields] = elements(change)?;
    let (action, key) = (String::try_convert(action)?, String::try_convert(key)?);
    let action = Action::ALL.into_iter().find(|known| known.name() == action);
    let unknown = || Error::new(ruby.exception_arg_error(), "a change has no known action");
    Ok(Planned {
        action: action.ok_or_else(unknown)?,
        key: account_id(ruby, &key)?,
        organization: u64::try_convert(organization)?,
        fields: RArray::try_convert(fields)?.into_iter().map(field).collect::<Result<Vec<_>, Error>>()?,
    })
}

fn field(value: Value) -> Result<(Target, crm_sync::rows::Cell<'static>, crm_sync::rows::Cell<'static>), Error> {
    let [place, name, before, after] = elements(value)?;
    Ok((target(&String::try_convert(place)?, &String::try_convert(name)?), cell(before)?, cell(after)?))
}

fn account_id(ruby: &Ruby, text: &str) -> Result<Id, Error> {
    Id::parse(text).ok_or_else(|| Error::new(ruby.exception_arg_error(), "an account's id is not a Salesforce id"))
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Tables>(ruby, native, "OrganizationTables")?;
    class.define_singleton_method("read", function!(Tables::read, 3))?;
    class.define_singleton_method("moved", function!(Tables::moved, 4))?;
    class.define_singleton_method("stored", function!(Tables::stored, 4))?;
    class.define_singleton_method("holders", function!(Tables::holders, 4))?;
    class.define_method("facts", method!(Tables::facts, 0))?;
    class.define_method("decide", method!(Tables::decide, 1))?;
    class.define_method("write", method!(Tables::write, 2))?;
    class.define_method("explain", method!(Tables::explain, 3))?;
    class.define_method("find", method!(Tables::find, 2))
}
