//! A session reads and decides for one contact sync. It fetches contacts and leads while Ruby passes in what it reads
//! from the database.

use std::sync::Arc;

use crm_sync::contacts::{Fingerprints, UserTable};
use crm_sync::reading::contacts::{Completed, Read};
use crm_sync::rows::{Column, Id};
use crm_sync::salesforce::Client;
use crm_sync::Error as CoreError;
use magnus::value::ReprValue;
use magnus::{function, method, Error, Module, Object, RArray, RHash, RModule, Ruby, Value};

use crate::class::define;
use crate::contact_changes::Changes;
use crate::contact_decision::{decision_value, facts_value};
use crate::contact_phase::{not_reached, CurrentPhase, Pages, Phase, ReadPhase};
use crate::convert::{array, cell_value, key};
use crate::gvl::each_bytes;
use crate::host::Host;
use crate::job::{compute, Job};
use crate::options::{Given, Options};
use crate::process;
use crate::salesforce::Salesforce;
use crate::source::{self, summary_value, KINDS};
use crate::{errors, rules};

/// A session, which goes through the phases of [`Phase`].
#[magnus::wrap(class = "CrmSync::Native::ContactSession", free_immediately, size)]
struct Session(CurrentPhase);

/// The ids of the contacts that were fetched, the ids of other contacts, and the values of each key.
type Reached = (Vec<String>, Vec<String>, Vec<Vec<String>>);

impl Session {
    /// Starts to fetch contacts and leads.
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
        Ok(Self(CurrentPhase::new(Phase::Reading { pages: Pages::Fetching(fetch), users: Box::new(users) })))
    }

    /// Adds packed rows of the database, an Array of Strings. Also answers the questions of the fetch.
    fn read(ruby: &Ruby, session: &Self, rows: RArray, host: Host) -> Result<(), Error> {
        session.0.with(ruby, |phase| {
            let Phase::Reading { users, .. } = phase else { return Err(not_reached()) };
            each_bytes(rows, |row| match row {
                Some(row) => users.read(row),
                None => Err(CoreError::Internal("the database sent what is not text".into())),
            })
        })?;
        // Takes the phase out instead of locking it: an answer may take long, and lets other Ruby threads run.
        let (pages, users) = session.0.take_reading(ruby)?;
        let served = match &pages {
            Pages::Fetching(fetch) => fetch.serve(ruby, host),
            Pages::Fetched(_) => Ok(()),
        };
        session.0.put(ruby, Phase::Reading { pages, users }).and(served)
    }

    /// Waits for the fetch, and returns the values by which the database can look for users: their number, and a JSON
    /// array of them for each key.
    fn wanted_values(ruby: &Ruby, session: &Self, host: Host) -> Result<(usize, Vec<String>), Error> {
        let values = session.0.find_in_pages(ruby, host, |pages| pages.wanted_values())?;
        values.map_err(|error| errors::raise(ruby, error))
    }

    /// Ends the reading once all rows of the database are in: waits for the fetch, and looks for the contacts of linked
    /// users that the fetch did not return. Returns false if this led to further key values, by which users must be
    /// looked for too; all users are then read again.
    fn finish(ruby: &Ruby, session: &Self, salesforce: &Salesforce, host: Host) -> Result<bool, Error> {
        let (pages, mut users) = session.0.take_reading(ruby)?;
        users.finish().map_err(|error| errors::raise(ruby, error))?;
        let again = Box::new(users.anew());
        let fetched = pages.wait(ruby, host)?;
        let workers = process::engine().map_err(|error| errors::raise(ruby, error))?.workers();
        let complete = |client| async move { fetched.complete(&client, &workers, *users).await };
        let (phase, done) = match salesforce.run(ruby, host, complete)? {
            Completed::MoreValues(pages) => (Phase::Reading { pages: Pages::Fetched(pages), users: again }, false),
            Completed::Read(read) => {
                let Read { tables, contacts, leads } = *read;
                (Phase::Read(ReadPhase { tables: Arc::new(tables), contacts, leads }), true)
            }
        };
        session.0.put(ruby, phase).map(|()| done)
    }

    /// Ends the session. Stops a running fetch, both here and at Salesforce.
    fn stop(ruby: &Ruby, session: &Self, salesforce: &Salesforce, host: Host) -> Result<(), Error> {
        if let Ok(Phase::Reading { pages: Pages::Fetching(fetch), .. }) = session.0.take(ruby) {
            fetch.stop(ruby, host)?;
        }
        // Also after a failure: the process must not end before its jobs at Salesforce are deleted.
        salesforce.clean_up(ruby, host)
    }

    /// Returns the counts that the source checks need.
    fn facts(ruby: &Ruby, session: &Self) -> Result<RHash, Error> {
        facts_value(ruby, session.0.tables(ruby)?.facts())
    }

    /// Waits for the fetch, and returns the ids of the contacts that it returned, the ids of other contacts that these
    /// and the leads lead to, and for each key the values by which contacts and leads are found.
    fn reached(ruby: &Ruby, session: &Self, host: Host) -> Result<Reached, Error> {
        let reached = match session.0.tables(ruby) {
            Ok(tables) => tables.reached(),
            Err(_) => session.0.find_in_pages(ruby, host, |pages| pages.reached())?,
        };
        let texts = |ids: Vec<Id>| ids.iter().map(ToString::to_string).collect();
        Ok((texts(reached.here), texts(reached.elsewhere), reached.values))
    }

    /// Returns the number of linked users' contacts that may exist and only be invisible to the integration user.
    fn unseen_contacts(ruby: &Ruby, session: &Self) -> Result<usize, Error> {
        Ok(session.0.tables(ruby)?.unseen_contacts())
    }

    /// Returns a Hash that says how `:contacts` and `:leads` were read; `:leads` is nil if the sync has none.
    fn accounts(ruby: &Ruby, session: &Self) -> Result<RHash, Error> {
        let (contacts, leads) = session.0.with(ruby, |phase| phase.read().map(ReadPhase::take_summaries))?;
        let accounts = ruby.hash_new();
        accounts.aset(ruby.to_symbol("contacts"), summary_value(ruby, contacts)?)?;
        let leads = leads.map(|leads| summary_value(ruby, leads)).transpose()?;
        accounts.aset(ruby.to_symbol("leads"), leads)?;
        Ok(accounts)
    }

    /// Returns the distinct source values of an attribute. Each is an Array with one value for each of the attribute's
    /// fields.
    fn source_values(ruby: &Ruby, session: &Self, attribute: usize) -> Result<RArray, Error> {
        let tables = session.0.tables(ruby)?;
        tuples(ruby, tables.contacts.attributes().get(attribute))
    }

    /// Returns the distinct statuses of leads, in the form of [`Self::source_values`].
    fn lead_statuses(ruby: &Ruby, session: &Self) -> Result<RArray, Error> {
        let tables = session.0.tables(ruby)?;
        tuples(ruby, Some(tables.leads.statuses()))
    }

    /// Returns the distinct values of a written column, in the form of [`Self::source_values`].
    fn column_values(ruby: &Ruby, session: &Self, column: usize) -> Result<RArray, Error> {
        let tables = session.0.tables(ruby)?;
        tuples(ruby, tables.users.columns().get(column))
    }

    /// Decides on the tables that were read.
    fn decide(ruby: &Ruby, session: &Self, options: Options, host: Host) -> Result<RHash, Error> {
        let (tables, rules) = (session.0.tables(ruby)?, Arc::new(rules::rules(&options)?));
        let said = Arc::clone(&rules);
        let decide = move || {
            let mut decision = tables.decide(&said)?;
            let changes = Changes::new(std::mem::take(&mut decision.changes), &tables.users, Arc::clone(&said));
            Ok((decision, changes))
        };
        let (decision, changes) = compute(ruby, host, decide)?.map_err(|error| errors::raise(ruby, error))?;
        decision_value(ruby, &decision, changes, &rules)
    }

    /// Returns the lines that explain the decision on the user with this key; nil if there is no such user.
    fn explain(
        ruby: &Ruby,
        session: &Self,
        user: Value,
        options: Options,
        host: Host,
    ) -> Result<Option<Vec<String>>, Error> {
        let (tables, rules, user) = (session.0.tables(ruby)?, rules::rules(&options)?, key(user)?);
        compute(ruby, host, move || tables.explain(&user, &rules))?.map_err(|error| errors::raise(ruby, error))
    }
}

/// Returns the distinct tuples of a column, each as an Array.
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
