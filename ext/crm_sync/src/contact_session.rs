//! One contact sync's reading and deciding: the fetch runs while Ruby hands in what it reads from the database.

use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::contacts::{Change, Decision, Fingerprints, Issue, Rules, UserTable};
use crm_sync::reading::contacts::{Completed, Facts, Fetched, Read, Tables};
use crm_sync::reading::incremental::ReadSummary;
use crm_sync::rows::Column;
use crm_sync::salesforce::Client;
use crm_sync::Error as CoreError;
use magnus::value::ReprValue;
use magnus::{function, method, Error, Module, Object, RArray, RHash, RModule, Ruby, Value};

use crate::class::define;
use crate::contact_budgets::costs_value;
use crate::convert::{array, book_value, cell_value, key, key_value};
use crate::gvl::each_bytes;
use crate::host::Host;
use crate::job::{compute, guarded, Job};
use crate::options::Options;
use crate::process::{self, OfProcess};
use crate::salesforce::Salesforce;
use crate::source::{self, summary_value};
use crate::{errors, rules};

#[magnus::wrap(class = "CrmSync::Native::ContactSession", free_immediately, size)]
struct Session {
    state: Mutex<OfProcess<State>>,
}

enum State {
    Reading {
        pages: Pages,
        users: Box<UserTable>,
    },
    Read(WasRead),
    /// The reading failed or was interrupted; nothing can be decided.
    Over,
}

/// The contacts and leads.
enum Pages {
    Coming(Job<Fetched>),
    Here(Box<Fetched>),
}

impl Pages {
    fn wait(self, ruby: &Ruby, host: Host) -> Result<Box<Fetched>, Error> {
        match self {
            Self::Coming(fetch) => fetch.wait(ruby, host).map(Box::new),
            Self::Here(pages) => Ok(pages),
        }
    }
}

struct WasRead {
    tables: Arc<Tables>,
    contacts: ReadSummary,
    leads: Option<ReadSummary>,
    /// What was decided last, whose changes are handed over in slices.
    decided: Option<Arc<Decided>>,
}

struct Decided {
    decision: Decision,
    rules: Arc<Rules>,
}

impl Session {
    fn start(ruby: &Ruby, salesforce: &Salesforce, options: Options, host: Host) -> Result<Self, Error> {
        let fingerprints = Fingerprints::new();
        let sources = source::sources(ruby, &options, &fingerprints)?;
        let users = UserTable::new(options.get("columns")?, options.get("integer_keys")?, fingerprints.clone());
        let level = host.level()?;
        let start = || {
            let (org, workers) = (salesforce.org()?, process::engine()?.workers());
            Job::start(level, |questions| async move { sources.fetch(&Client::new(org, questions), &workers).await })
        };
        let fetch = start().map_err(|error| errors::raise(ruby, error))?;
        let state = State::Reading { pages: Pages::Coming(fetch), users: Box::new(users) };
        Ok(Self { state: Mutex::new(OfProcess::new(state)) })
    }

    /// Hands in packed rows of the database, an Array of Strings. Answers what the fetch asks meanwhile.
    fn read(ruby: &Ruby, session: &Self, rows: RArray, host: Host) -> Result<(), Error> {
        let read = session.with(|state| {
            let State::Reading { users, .. } = state else { return Err(over()) };
            each_bytes(rows, |row| match row {
                Some(row) => users.read(row),
                None => Err(CoreError::Internal("the database sent what is not text".into())),
            })
        });
        read.map_err(|error| errors::raise(ruby, error))?;
        // Not kept locked meanwhile: an answer may take its time, and lets other Ruby threads run.
        let (pages, users) = session.reading(ruby)?;
        let served = match &pages {
            Pages::Coming(fetch) => fetch.serve(ruby, host),
            Pages::Here(_) => Ok(()),
        };
        session.put(ruby, State::Reading { pages, users }).and(served)
    }

    /// Waits for the fetch, and returns the addresses of contacts and leads that are plain ASCII: their number, and a JSON
    /// array of them.
    fn plain_addresses(ruby: &Ruby, session: &Self, host: Host) -> Result<(usize, String), Error> {
        let (pages, users) = session.reading(ruby)?;
        let pages = pages.wait(ruby, host)?;
        let (addresses, pages) = compute(ruby, host, move || (pages.plain_addresses(), pages))?;
        session.put(ruby, State::Reading { pages: Pages::Here(pages), users })?;
        addresses.map_err(|error| errors::raise(ruby, error))
    }

    /// Ends the reading: everything from the database is in, the fetch is waited for, and contacts that linked users have and
    /// that did not come are looked for. Returns false if that led to addresses by which users were not looked for: users
    /// are then read again, from the first on.
    fn finish(ruby: &Ruby, session: &Self, salesforce: &Salesforce, host: Host) -> Result<bool, Error> {
        let (pages, mut users) = session.reading(ruby)?;
        users.finish().map_err(|error| errors::raise(ruby, error))?;
        let again = Box::new(users.anew());
        let fetched = pages.wait(ruby, host)?;
        let workers = process::engine().map_err(|error| errors::raise(ruby, error))?.workers();
        let complete = |client| async move { fetched.complete(&client, &workers, *users).await };
        let (state, done) = match salesforce.run(ruby, host, complete)? {
            Completed::MoreAddresses(pages) => (State::Reading { pages: Pages::Here(pages), users: again }, false),
            Completed::Read(read) => {
                let Read { tables, contacts, leads } = *read;
                (State::Read(WasRead { tables: Arc::new(tables), contacts, leads, decided: None }), true)
            }
        };
        session.put(ruby, state).map(|()| done)
    }

    /// Ends everything; a fetch that is under way is stopped, here and at the remote side.
    fn stop(ruby: &Ruby, session: &Self, salesforce: &Salesforce, host: Host) -> Result<(), Error> {
        let state = session.with(|state| Ok(std::mem::replace(state, State::Over)));
        if let Ok(State::Reading { pages: Pages::Coming(fetch), .. }) = state {
            fetch.stop(ruby, host)?;
        }
        // After a failure as well: the end of a process must not come before that of its jobs at the remote side.
        salesforce.clean_up(ruby, host)
    }

    /// Counts for the source checks.
    fn facts(ruby: &Ruby, session: &Self) -> Result<RHash, Error> {
        facts_value(ruby, session.tables(ruby)?.facts())
    }

    /// Returns the number of contacts of linked users that may only be invisible.
    fn unseen_contacts(ruby: &Ruby, session: &Self) -> Result<usize, Error> {
        Ok(session.tables(ruby)?.unseen_contacts())
    }

    /// Returns how contacts and leads were read; nil for leads that do not matter.
    fn accounts(ruby: &Ruby, session: &Self) -> Result<RHash, Error> {
        let mut state = session.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(State::Read(read)) = state.get_mut() else { return Err(errors::raise(ruby, over())) };
        let accounts = ruby.hash_new();
        accounts.aset(ruby.to_symbol("contacts"), summary_value(ruby, &mut read.contacts)?)?;
        let leads = read.leads.as_mut().map(|leads| summary_value(ruby, leads)).transpose()?;
        accounts.aset(ruby.to_symbol("leads"), leads)?;
        Ok(accounts)
    }

    /// Returns the distinct source values of an attribute, each an Array with one value for each of its fields.
    fn source_values(ruby: &Ruby, session: &Self, attribute: usize) -> Result<RArray, Error> {
        let tables = session.tables(ruby)?;
        tuples(ruby, tables.contacts.attributes().get(attribute))
    }

    /// Returns the distinct statuses of leads, likewise.
    fn lead_statuses(ruby: &Ruby, session: &Self) -> Result<RArray, Error> {
        let tables = session.tables(ruby)?;
        tuples(ruby, Some(tables.leads.statuses()))
    }

    /// Returns the distinct values of a written column, likewise.
    fn column_values(ruby: &Ruby, session: &Self, column: usize) -> Result<RArray, Error> {
        let tables = session.tables(ruby)?;
        tuples(ruby, tables.users.columns().get(column))
    }

    /// Decides; returns all but the changes.
    fn decide(ruby: &Ruby, session: &Self, options: Options, host: Host) -> Result<RHash, Error> {
        let (tables, rules) = (session.tables(ruby)?, Arc::new(rules::rules(&options)?));
        let said = Arc::clone(&rules);
        let decision =
            compute(ruby, host, move || tables.decide(&said))?.map_err(|error| errors::raise(ruby, error))?;
        let decided = Arc::new(Decided { decision, rules });
        let kept = session.with(|state| {
            let State::Read(read) = state else { return Err(over()) };
            read.decided = Some(Arc::clone(&decided));
            Ok(())
        });
        kept.map_err(|error| errors::raise(ruby, error))?;
        decision_value(ruby, &decided)
    }

    /// Returns so many changes from a place on, of those that were decided.
    fn changes(ruby: &Ruby, session: &Self, from: usize, count: usize) -> Result<RArray, Error> {
        let read = session.with(|state| match state {
            State::Read(WasRead { tables, decided: Some(decided), .. }) => {
                Ok((Arc::clone(tables), Arc::clone(decided)))
            }
            State::Read(_) | State::Reading { .. } | State::Over => Err(over()),
        });
        let (tables, decided) = read.map_err(|error| errors::raise(ruby, error))?;
        let changes = decided.decision.changes.iter().skip(from).take(count);
        array(ruby, changes, |change| change_value(ruby, &tables.users, change, &decided.rules))
    }

    fn explain(
        ruby: &Ruby,
        session: &Self,
        user: Value,
        options: Options,
        host: Host,
    ) -> Result<Option<Vec<String>>, Error> {
        let (tables, rules, user) = (session.tables(ruby)?, rules::rules(&options)?, key(user)?);
        compute(ruby, host, move || tables.explain(&user, &rules))?.map_err(|error| errors::raise(ruby, error))
    }

    /// Takes the reading out, so that it is not locked while Ruby is at work; it is over unless it is put back.
    fn reading(&self, ruby: &Ruby) -> Result<(Pages, Box<UserTable>), Error> {
        let reading = self.with(|state| match std::mem::replace(state, State::Over) {
            State::Reading { pages, users } => Ok((pages, users)),
            State::Read(_) | State::Over => Err(over()),
        });
        reading.map_err(|error| errors::raise(ruby, error))
    }

    fn put(&self, ruby: &Ruby, new: State) -> Result<(), Error> {
        let put = self.with(|state| {
            *state = new;
            Ok(())
        });
        put.map_err(|error| errors::raise(ruby, error))
    }

    fn tables(&self, ruby: &Ruby) -> Result<Arc<Tables>, Error> {
        let tables = self.with(|state| match state {
            State::Read(read) => Ok(Arc::clone(&read.tables)),
            State::Reading { .. } | State::Over => Err(over()),
        });
        tables.map_err(|error| errors::raise(ruby, error))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> crm_sync::Result<T>) -> crm_sync::Result<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = state.get_mut()?;
        guarded(|| work(state))
    }
}

fn over() -> CoreError {
    CoreError::Internal("the reading has failed, or is not finished".into())
}

fn tuples(ruby: &Ruby, column: Option<&Column>) -> Result<RArray, Error> {
    let tuples = column.map_or(&[][..], Column::distinct);
    array(ruby, tuples, |tuple| Ok(array(ruby, tuple.iter(), |cell| Ok(cell_value(ruby, cell)))?.as_value()))
}

fn facts_value(ruby: &Ruby, facts: Facts) -> Result<RHash, Error> {
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("contacts"), facts.contacts)?;
    hash.aset(ruby.to_symbol("leads"), facts.leads)?;
    hash.aset(ruby.to_symbol("users"), facts.users)?;
    hash.aset(ruby.to_symbol("trusted_addresses"), facts.trusted_addresses)?;
    hash.aset(ruby.to_symbol("linked_users"), facts.linked_users)?;
    hash.aset(ruby.to_symbol("links_found"), facts.links_found)?;
    hash.aset(ruby.to_symbol("unreadable"), array(ruby, &facts.unreadable, |key| Ok(key_value(ruby, key)))?)?;
    hash.aset(ruby.to_symbol("contact_addresses"), facts.contact_addresses)?;
    hash.aset(ruby.to_symbol("lead_addresses"), facts.lead_addresses)?;
    hash.aset(ruby.to_symbol("lead_status_counts"), facts.lead_status_counts)?;
    hash.aset(ruby.to_symbol("filled"), facts.filled)?;
    Ok(hash)
}

fn change_value(ruby: &Ruby, users: &UserTable, change: &Change, rules: &Rules) -> Result<Value, Error> {
    let value = ruby.hash_new();
    value.aset(ruby.to_symbol("action"), ruby.to_symbol(change.action.name()))?;
    value.aset(ruby.to_symbol("key"), key_value(ruby, &users.key(change.user)))?;
    value.aset(ruby.to_symbol("link"), users.link(change.user))?;
    value.aset(ruby.to_symbol("contact"), change.contact.as_ref().map(crm_sync::rows::Id::as_str))?;
    value.aset(ruby.to_symbol("address"), change.matched.as_ref().map(|matched| matched.address.as_str()))?;
    value.aset(ruby.to_symbol("tier"), change.matched.as_ref().map(|matched| matched.tier))?;
    // Plain numbers, without names: there are as many as values that change.
    let fields = change.fields.iter().map(|field| (field.column, field.before, field.after));
    value.aset(ruby.to_symbol("fields"), fields.collect::<Vec<_>>())?;
    value.aset(ruby.to_symbol("costs"), costs_value(ruby, &change.costs, rules)?)?;
    value.aset(ruby.to_symbol("reason"), change.reason.as_str())?;
    Ok(value.as_value())
}

fn decision_value(ruby: &Ruby, decided: &Decided) -> Result<RHash, Error> {
    let Decided { decision, rules } = decided;
    let issue = |issue: &Issue| -> Result<Value, Error> {
        let value = ruby.hash_new();
        value.aset(ruby.to_symbol("kind"), ruby.to_symbol(issue.kind))?;
        value.aset(ruby.to_symbol("field"), issue.field.as_deref())?;
        value.aset(ruby.to_symbol("contacts"), issue.contacts.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        value.aset(ruby.to_symbol("users"), array(ruby, &issue.users, |user| Ok(key_value(ruby, user)))?)?;
        value.aset(ruby.to_symbol("message"), issue.message.as_str())?;
        Ok(value.as_value())
    };
    let ledger = ruby.hash_new();
    for (name, account) in
        [("contacts", &decision.ledger.contacts), ("leads", &decision.ledger.leads), ("users", &decision.ledger.users)]
    {
        ledger.aset(ruby.to_symbol(name), book_value(ruby, account.rows, &account.buckets, &account.notes)?)?;
    }
    let could_suffer = ruby.hash_new();
    for (budget, count) in &decision.could_suffer {
        could_suffer.aset(ruby.to_symbol(budget.name(rules)), *count)?;
    }
    let value = ruby.hash_new();
    value.aset(ruby.to_symbol("change_count"), decision.changes.len())?;
    value.aset(ruby.to_symbol("issues"), array(ruby, &decision.issues, issue)?)?;
    value.aset(ruby.to_symbol("ledger"), ledger)?;
    value.aset(ruby.to_symbol("could_suffer"), could_suffer)?;
    let missing = decision.missing_contacts.iter().map(ToString::to_string).collect::<Vec<_>>();
    value.aset(ruby.to_symbol("missing_contacts"), missing)?;
    Ok(value)
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Session>(ruby, native, "ContactSession")?;
    class.define_singleton_method("start", function!(Session::start, 3))?;
    class.define_method("read", method!(Session::read, 2))?;
    class.define_method("plain_addresses", method!(Session::plain_addresses, 1))?;
    class.define_method("finish", method!(Session::finish, 2))?;
    class.define_method("stop", method!(Session::stop, 2))?;
    class.define_method("facts", method!(Session::facts, 0))?;
    class.define_method("unseen_contacts", method!(Session::unseen_contacts, 0))?;
    class.define_method("accounts", method!(Session::accounts, 0))?;
    class.define_method("source_values", method!(Session::source_values, 1))?;
    class.define_method("lead_statuses", method!(Session::lead_statuses, 0))?;
    class.define_method("column_values", method!(Session::column_values, 1))?;
    class.define_method("decide", method!(Session::decide, 2))?;
    class.define_method("changes", method!(Session::changes, 2))?;
    class.define_method("explain", method!(Session::explain, 3))
}
