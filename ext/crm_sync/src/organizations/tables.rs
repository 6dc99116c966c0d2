//! The tables of both sides: compares them, explains one record, and checks what changed since a plan.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::organizations::files::Digests;
use crm_sync::organizations::{
    compare, explain, files, find, holders, moved, stored, AccountTable, Action, Decision, OrganizationTable, Planned,
    Rules, Stored, Subject, Target,
};
use crm_sync::reading::organizations::{into_table, these, Noted, Progress};
use crm_sync::rows::Cell;
use crm_sync::Error as CoreError;
use magnus::value::ReprValue;
use magnus::{function, method, Error, Module, Object, RArray, RHash, RModule, Ruby, Value};

use super::rules::{cell, rules, target};
use super::values::decision_value;
use crate::class::define;
use crate::convert::{array, cell_value};
use crate::errors;
use crate::host::Host;
use crate::id::id;
use crate::job::compute;
use crate::options::{Given, Options};
use crate::structs::STORED;
use crate::zendesk::Zendesk;

/// Accounts, organizations and the rules that they were read for, and the decision once there is one.
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

    /// Reads the tables from the files of a folder, if the files of accounts and organizations have these digests.
    fn read(
        ruby: &Ruby,
        folder: String,
        options: Options,
        (accounts, organizations): (String, String),
        host: Host,
    ) -> Result<Self, Error> {
        let rules = Arc::new(rules(&options)?);
        let kept = Arc::clone(&rules);
        let digests = Digests { accounts: Some(accounts), organizations: Some(organizations) };
        let read = compute(ruby, host, move || files::read(&PathBuf::from(folder), &rules, &digests))?;
        let (accounts, organizations) = read.map_err(|error| errors::raise(ruby, error))?;
        Ok(Self::new((accounts, organizations, kept)))
    }

    /// Returns the number of rows of each side, and for each field or path the number of rows that have a value there.
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

    /// Writes the three lists of the decision into a folder.
    fn write(ruby: &Ruby, tables: &Self, folder: String, host: Host) -> Result<(), Error> {
        let decision = tables.decision.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let undecided = || errors::raise(ruby, CoreError::Internal("nothing has been decided".into()));
        let decision = decision.ok_or_else(undecided)?;
        let written = compute(ruby, host, move || files::write(&PathBuf::from(folder), &decision))?;
        written.map_err(|error| errors::raise(ruby, error))
    }

    /// Explains the decision on an account (by its id) or an organization (by its number).
    fn explain(
        ruby: &Ruby,
        tables: &Self,
        account: Value,
        organization: u64,
        host: Host,
    ) -> Result<Vec<String>, Error> {
        let subject = match Given::argument("account", account).present() {
            None => Subject::Organization(organization),
            Some(account) => Subject::Account(id(&account)?),
        };
        let both = Arc::clone(&tables.both);
        compute(ruby, host, move || explain(subject, &both.accounts, &both.organizations, &both.rules))
    }

    /// Returns the accounts (by their ids) and organizations (by their numbers) that have this name.
    fn find(ruby: &Ruby, tables: &Self, name: String, host: Host) -> Result<Vec<(Option<String>, u64)>, Error> {
        let both = Arc::clone(&tables.both);
        let found = compute(ruby, host, move || find(&name, &both.accounts, &both.organizations, &both.rules))?;
        let pair = |subject| match subject {
            Subject::Account(id) => (Some(id.to_string()), 0),
            Subject::Organization(id) => (None, id),
        };
        Ok(found.into_iter().map(pair).collect())
    }

    /// Returns for each change (see [`planned`]) the reason why it does not hold any more, or nil if it holds.
    fn moved(
        ruby: &Ruby,
        zendesk: &Zendesk,
        options: Options,
        changes: Value,
        host: Host,
    ) -> Result<Vec<Option<String>>, Error> {
        let rules = Arc::new(rules(&options)?);
        let planned = planned(changes)?;
        let ids: Vec<u64> = planned.iter().map(|change| change.organization).collect();
        zendesk.run(ruby, host, |client| async move {
            let now = these(&client, &ids, OrganizationTable::new(Arc::clone(&rules))).await?;
            Ok(moved(&planned, &now, &rules))
        })
    }

    /// Returns for each write (see [`planned`]) an Array with a Struct for each field (see [`stored_value`]), or nil if
    /// the organization does not exist.
    fn stored(ruby: &Ruby, zendesk: &Zendesk, options: Options, writes: Value, host: Host) -> Result<RArray, Error> {
        let rules = Arc::new(rules(&options)?);
        let planned = planned(writes)?;
        let ids: Vec<u64> = planned.iter().map(|write| write.organization).collect();
        let stored = zendesk.run(ruby, host, |client| async move {
            let now = these(&client, &ids, OrganizationTable::new(Arc::clone(&rules))).await?;
            Ok(stored(&planned, &now, &rules))
        })?;
        array(ruby, &stored, |fields| match fields {
            None => Ok(ruby.qnil().as_value()),
            Some(fields) => array(ruby, fields, |field| stored_value(ruby, field)).map(|fields| fields.as_value()),
        })
    }

    /// Returns for each account id the organization that has the account by now, or nil. Reads all organizations.
    fn holders(
        ruby: &Ruby,
        zendesk: &Zendesk,
        options: Options,
        accounts: Value,
        host: Host,
    ) -> Result<Vec<Option<u64>>, Error> {
        let rules = Arc::new(rules(&options)?);
        let accounts = Given::argument("accounts", accounts).each(|given| id(&given))?;
        zendesk.run(ruby, host, |client| async move {
            let progress = Progress::default();
            let noted = Noted { progress: &progress, wake: &|| {} };
            let now = into_table(&client, OrganizationTable::new(rules), &noted).await?;
            Ok(holders(&accounts, &now))
        })
    }
}

/// Returns how the service stored a value, as a Struct `Stored`.
fn stored_value(ruby: &Ruby, field: &Stored) -> Result<Value, Error> {
    let (how, value) = match field {
        Stored::AsSent => ("as_sent", ruby.qnil().as_value()),
        Stored::Rewritten(value) => ("rewritten", cell_value(ruby, value)),
        Stored::NotTaken(value) => ("put_back", cell_value(ruby, value)),
    };
    STORED.make(ruby, [("how", ruby.to_symbol(how).as_value()), ("value", value)])
}

/// Reads changes. Each has an `action`, a `key` (the account's id), an `organization`, and `fields`. Each field has a
/// `place`, a `name`, and the values `before` and `after`.
fn planned(changes: Value) -> Result<Vec<Planned>, Error> {
    let actions = Action::ALL.map(|action| (action.name(), action));
    Given::argument("changes", changes).each(|change| {
        let options = change.options()?;
        Ok(Planned {
            action: options.chosen("action", &actions)?,
            key: id(&options.member("key")?)?,
            organization: options.get("organization")?,
            fields: options.each("fields", field)?,
        })
    })
}

fn field(options: &Options) -> Result<(Target, Cell<'static>, Cell<'static>), Error> {
    Ok((target(options)?, cell(&options.member("before")?)?, cell(&options.member("after")?)?))
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Tables>(ruby, native, "OrganizationTables")?;
    class.define_singleton_method("read", function!(Tables::read, 4))?;
    class.define_singleton_method("moved", function!(Tables::moved, 4))?;
    class.define_singleton_method("stored", function!(Tables::stored, 4))?;
    class.define_singleton_method("holders", function!(Tables::holders, 4))?;
    class.define_method("facts", method!(Tables::facts, 0))?;
    class.define_method("decide", method!(Tables::decide, 1))?;
    class.define_method("write", method!(Tables::write, 2))?;
    class.define_method("explain", method!(Tables::explain, 3))?;
    class.define_method("find", method!(Tables::find, 2))
}
