//! One contact sync's reading and deciding: the fetch runs while Ruby hands in what it reads from the database.

use std::sync::{Arc, Mutex, PoisonError};

use crm_sync::contacts::{Fingerprints, UserTable};
use crm_sync::reading::contacts::{Completed, Fetched, Read, Tables};
use crm_sync::reading::incremental::ReadSummary;
use crm_sync::rows::{Column, Id};
use crm_sync::salesforce::Client;
use crm_sync::Error as CoreError;
use magnus::value::ReprValue;
use magnus::{function, method, Error, Module, Object, RArray, RHash, RModule, Ruby, Value};

use crate::class::define;
use crate::contact_decision::{decision_value, facts_value};
use crate::convert::{array, cell_value, key};
use crate::gvl::each_bytes;
use crate::host::Host;
use crate::job::{compute, guarded, Job};
use crate::options::{Given, Options};
use crate::process::{self, OfProcess};
use crate::salesforce::Salesforce;
use crate::source::{self, summary_value, KINDS};
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
}

/// Ids of contacts that came, ids of others, and the values of each key.
type Reached = (Vec<String>, Vec<String>, Vec<Vec<String>>);

impl Session {
    fn start(ruby: &Ruby, salesforce: &Salesforce, options: Options, host: Host) -> Result<Self, Error> {
        let fingerprints = Fingerprints::new();
        let sources = source::sources(ruby, &options, &fingerprints)?;
        let kinds = options.member("kinds")?.each(|given: Given| given.chosen(&KINDS))?;
        let users = UserTable::new(options.get("columns")?, options.get("integer_keys")?, fingerprints, kinds);
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

    /// Waits for the fetch, and returns the values of keys by which the database can look for users: the number of all, and
    /// for each key a JSON array of them.
    fn wanted_values(ruby: &Ruby, session: &Self, host: Host) -> Result<(usize, Vec<String>), Error> {
        let values = session.fetched(ruby, host, |pages| pages.wanted_values())?;
        values.map_err(|error| errors::raise(ruby, error))
    }

    /// Ends the reading: everything from the database is in, the fetch is waited for, and contacts that linked users have and
    /// that did not come are looked for. Returns false if that led to values by which users were not looked for: users are
    /// then read again, from the first on.
    fn finish(ruby: &Ruby, session: &Self, salesforce: &Salesforce, host: Host) -> Result<bool, Error> {
        let (pages, mut users) = session.reading(ruby)?;
        users.finish().map_err(|error| errors::raise(ruby, error))?;
        let again = Box::new(users.anew());
        let fetched = pages.wait(ruby, host)?;
        let workers = process::engine().map_err(|error| errors::raise(ruby, error))?.workers();
        let complete = |client| async move { fetched.complete(&client, &workers, *users).await };
        let (state, done) = match salesforce.run(ruby, host, complete)? {
            Completed::MoreValues(pages) => (State::Reading { pages: Pages::Here(pages), users: again }, false),
            Completed::Read(read) => {
                let Read { tables, contacts, leads } = *read;
                (State::Read(WasRead { tables: Arc::new(tables), contacts, leads }), true)
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

    /// Returns the ids of the contacts that came, those of others that these and leads lead to, and for each key the values
    /// by which contacts and leads are found. Waits for the fetch.
    fn reached(ruby: &Ruby, session: &Self, host: Host) -> Result<Reached, Error> {
        let reached = match session.tables(ruby) {
            Ok(tables) => tables.reached(),
            Err(_) => session.fetched(ruby, host, |pages| pages.reached())?,
        };
        let texts = |ids: Vec<Id>| ids.iter().map(ToString::to_string).collect();
        Ok((texts(reached.here), texts(reached.elsewhere), reached.values))
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

    /// Decides.
    fn decide(ruby: &Ruby, session: &Self, options: Options, host: Host) -> Result<RHash, Error> {
        let (tables, rules) = (session.tables(ruby)?, Arc::new(rules::rules(&options)?));
        let (known, said) = (Arc::clone(&tables), Arc::clone(&rules));
        let decision = compute(ruby, host, move || known.decide(&said))?.map_err(|error| errors::raise(ruby, error))?;
        decision_value(ruby, decision, &tables.users, &rules)
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

    /// Waits for the fetch, and returns what is found in it.
    fn fetched<T: Send + 'static>(
        &self,
        ruby: &Ruby,
        host: Host,
        find: impl FnOnce(&Fetched) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (pages, users) = self.reading(ruby)?;
        let pages = pages.wait(ruby, host)?;
        let (found, pages) = compute(ruby, host, move || (find(&pages), pages))?;
        self.put(ruby, State::Reading { pages: Pages::Here(pages), users })?;
        Ok(found)
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

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Session>(ruby, native, "ContactSession")?;
    class.define_singleton_method("start", function!(Session::start, 3))?;
    class.define_method("read", method!(Session::read, 2))?;
    class.define_method("wanted_values", method!(Session::wanted_values, 1))?;
    class.define_method("finish", method!(Session::finish, 2))?;
    class.define_method("stop", method!(Session::stop, 2))?;
    class.define_method("reached", method!(Session::reached, 1))?;
    class.define_method("facts", method!(Session::facts, 0))?;
    class.define_method("unseen_contacts", method!(Session::unseen_contacts, 0))?;
    class.define_method("accounts", method!(Session::accounts, 0))?;
    class.define_method("source_values", method!(Session::source_values, 1))?;
    class.define_method("lead_statuses", method!(Session::lead_statuses, 0))?;
    class.define_method("column_values", method!(Session::column_values, 1))?;
    class.define_method("decide", method!(Session::decide, 2))?;
    class.define_method("explain", method!(Session::explain, 3))
}
