//! Reads accounts and organizations at the same time, into tables or into files.

use std::path::PathBuf;
use std::sync::Arc;

use crm_sync::organizations::files::Written;
use crm_sync::reading::gathering::{self, Gathered};
use crm_sync::reading::organizations::{Noted, Progress};
use crm_sync::{salesforce, zendesk, Error as CoreError};
use magnus::typed_data::Obj;
use magnus::{function, method, Error, Module, Object, RModule, Ruby};

use super::rules::rules;
use super::tables::Tables;
use crate::class::define;
use crate::errors;
use crate::host::Host;
use crate::job::{Job, News};
use crate::options::Options;
use crate::process;
use crate::salesforce::Salesforce;
use crate::under_way::UnderWay;
use crate::zendesk::Zendesk;

#[magnus::wrap(class = "CrmSync::Native::Gathering", free_immediately, size)]
struct Gathering(UnderWay<State>);

struct State {
    job: Job<Gathered>,
    progress: Arc<Progress>,
    told: (u64, u64),
    gathered: Option<Gathered>,
}

/// The number of records and the digest of a file; nil for a side that was not written into a file.
type OfFile = Option<(u64, String)>;

impl Gathering {
    /// Starts the gathering. Options: `salesforce` and `zendesk` (nil for a side that is not read), `soql`, `fields`
    /// (of the accounts), `rules` (nil if nothing goes into a table), `accounts_file`, `organizations_file` (nil for a
    /// table).
    fn start(ruby: &Ruby, options: Options, host: Host) -> Result<Self, Error> {
        let salesforce: Option<Obj<Salesforce>> = options.get("salesforce")?;
        let zendesk: Option<Obj<Zendesk>> = options.get("zendesk")?;
        let path = |name| options.get::<Option<String>>(name).map(|path| path.map(PathBuf::from));
        let gathering = gathering::Gathering {
            soql: options.get("soql")?,
            fields: options.list("fields")?,
            rules: options.optional("rules", rules)?.map(Arc::new),
            accounts_file: path("accounts_file")?,
            organizations_file: path("organizations_file")?,
        };
        let progress = Arc::new(Progress::default());
        let (noted, level) = (Arc::clone(&progress), host.level()?);
        let start = || {
            let org = salesforce.map(|salesforce| salesforce.org()).transpose()?;
            let account = zendesk.map(|zendesk| zendesk.account()).transpose()?;
            let workers = process::engine()?.workers();
            Job::start(level, |questions| async move {
                let salesforce = org.map(|org| salesforce::Client::new(org, Arc::clone(&questions) as _));
                let zendesk = account.map(zendesk::Client::new);
                let wake = || questions.wake();
                gathering.gather(salesforce, zendesk, &workers, &Noted { progress: &noted, wake: &wake }).await
            })
        };
        let job = start().map_err(|error| errors::raise(ruby, error))?;
        let state = State { job, progress, told: (0, 0), gathered: None };
        Ok(Self(UnderWay::new(state)))
    }

    /// Waits for news. Returns the number of organizations that have been read and their expected total; nil at the
    /// end.
    fn next(ruby: &Ruby, gathering: &Self, host: Host) -> Result<Option<(u64, u64)>, Error> {
        let mut taken = gathering.0.take(ruby)?;
        let state = taken.get_mut().map_err(|error| errors::raise(ruby, error))?;
        let State { job, progress, told, .. } = state;
        let news = job.next(ruby, host, || {
            let counts = progress.counts();
            (counts.0 > told.0).then(|| {
                *told = counts;
                counts
            })
        });
        let counts = match news {
            Ok(News::Piece(counts)) => Ok(Some(counts)),
            Ok(News::Result(result)) => {
                state.gathered = Some(result.map_err(|error| errors::raise(ruby, error))?);
                Ok(None)
            }
            // The job is put back below, because it still has to be stopped.
            Err(interrupt) => Err(interrupt),
        };
        gathering.0.put_back(taken);
        counts
    }

    /// Returns the number of records and the SHA-256 digest of the written files: accounts, organizations.
    fn files(ruby: &Ruby, gathering: &Self) -> Result<(OfFile, OfFile), Error> {
        let taken = gathering.0.take(ruby)?;
        let gathered = taken.get().map_err(|error| errors::raise(ruby, error))?.gathered.as_ref();
        let of_file = |file: &Written| (file.records, file.sha256.clone());
        let files = gathered.map(Gathered::files);
        let files = files.map(|(accounts, organizations)| (accounts.map(of_file), organizations.map(of_file)));
        gathering.0.put_back(taken);
        files.ok_or_else(|| unfinished(ruby))
    }

    /// Returns the tables of both sides, if both sides were read into tables.
    fn tables(ruby: &Ruby, gathering: &Self) -> Result<Tables, Error> {
        let gathered = gathering.0.end().and_then(|state| state.gathered);
        let tables = gathered.and_then(Gathered::into_tables).ok_or_else(|| unfinished(ruby))?;
        Ok(Tables::new(tables))
    }

    /// Stops the gathering, and waits until nothing of it runs any more, both here and at the services.
    fn stop(ruby: &Ruby, gathering: &Self, salesforce: Option<Obj<Salesforce>>, host: Host) -> Result<(), Error> {
        if let Some(State { job, gathered: None, .. }) = gathering.0.end() {
            job.stop(ruby, host)?;
        }
        salesforce.map_or(Ok(()), |salesforce| salesforce.clean_up(ruby, host))
    }
}

fn unfinished(ruby: &Ruby) -> Error {
    errors::raise(ruby, CoreError::Internal("the gathering has not ended, or not in tables".into()))
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Gathering>(ruby, native, "Gathering")?;
    class.define_singleton_method("start", function!(Gathering::start, 2))?;
    class.define_method("next", method!(Gathering::next, 1))?;
    class.define_method("files", method!(Gathering::files, 0))?;
    class.define_method("tables", method!(Gathering::tables, 0))?;
    class.define_method("stop", method!(Gathering::stop, 2))
}
