//! Reading accounts and organizations side by side, into tables or into files.

use std::path::PathBuf;
use std::sync::Arc;

use crm_sync::organizations::files::{AccountFile, OrganizationFile};
use crm_sync::organizations::{AccountTable, OrganizationTable, Rules};
use crm_sync::reading::organizations::{into_file, into_table, Noted, Progress};
use crm_sync::rows::Selection;
use crm_sync::salesforce::{collect, Client, Query};
use crm_sync::{zendesk, Error as CoreError};
use magnus::typed_data::Obj;
use magnus::{function, method, Error, Module, Object, RModule, Ruby};

use super::rules::rules;
use super::tables::Tables;
use crate::class::define;
use crate::convert::{List, Options};
use crate::errors;
use crate::host::Host;
use crate::job::{Job, News};
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

/// The rows that came, of the sides that were asked for.
#[derive(Default)]
struct Gathered {
    rules: Option<Arc<Rules>>,
    accounts: Option<Side<AccountTable>>,
    organizations: Option<Side<OrganizationTable>>,
}

/// A side that is in a table, or in a file that holds so many records.
enum Side<T> {
    Table(T),
    File(u64),
}

/// The source and the destination of accounts.
struct Accounts {
    soql: String,
    fields: Vec<String>,
    file: Option<PathBuf>,
}

impl Gathering {
    /// Begins. Options: `salesforce` and `zendesk` (nil for a side that is not wanted), `soql`, `fields` (of the accounts),
    /// `rules` (nil where nothing goes into a table), `accounts_file`, `organizations_file` (nil for a table).
    fn start(ruby: &Ruby, options: Options, host: Host) -> Result<Self, Error> {
        let salesforce: Option<Obj<Salesforce>> = options.get("salesforce")?;
        let zendesk: Option<Obj<Zendesk>> = options.get("zendesk")?;
        let path = |name| options.get::<Option<String>>(name).map(|path| path.map(PathBuf::from));
        let accounts = Accounts {
            soql: options.get("soql")?,
            fields: options.get::<List<_>>("fields")?.0,
            file: path("accounts_file")?,
        };
        let organizations_file = path("organizations_file")?;
        let rules = options.get::<Option<Options>>("rules")?.map(rules).transpose()?.map(Arc::new);
        let progress = Arc::new(Progress::default());
        let (noted, level) = (Arc::clone(&progress), host.level()?);
        let start = || {
            let org = salesforce.map(|salesforce| salesforce.org()).transpose()?;
            let account = zendesk.map(|zendesk| zendesk.account()).transpose()?;
            let workers = process::engine()?.workers();
            Job::start(level, |questions| async move {
                let kept = rules.clone();
                let both = futures_util::future::try_join(
                    async {
                        let Some(org) = org else { return Ok(None) };
                        let client = Client::new(org, Arc::clone(&questions) as _);
                        accounts.read(&client, &workers, rules.as_ref()).await.map(Some)
                    },
                    async {
                        let Some(account) = account else { return Ok(None) };
                        let wake = || questions.wake();
                        let noted = Noted { progress: &noted, wake: &wake };
                        let client = zendesk::Client::new(account);
                        organizations(&client, rules.as_ref(), organizations_file, &noted).await.map(Some)
                    },
                );
                let (accounts, organizations) = both.await?;
                Ok(Gathered { rules: kept, accounts, organizations })
            })
        };
        let job = start().map_err(|error| errors::raise(ruby, error))?;
        let state = State { job, progress, told: (0, 0), gathered: None };
        Ok(Self(UnderWay::new(state)))
    }

    /// Returns the number of organizations that have come and the number that there should be; nil when everything is
    /// there.
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
            // The work under way is put back: it is still to be stopped.
            Err(interrupt) => Err(interrupt),
        };
        gathering.0.put_back(taken);
        counts
    }

    /// Returns the number of records that went into files: accounts, organizations.
    fn counts(ruby: &Ruby, gathering: &Self) -> Result<(Option<u64>, Option<u64>), Error> {
        fn count<T>(side: Option<&Side<T>>) -> Option<u64> {
            match side {
                Some(Side::File(records)) => Some(*records),
                Some(Side::Table(_)) | None => None,
            }
        }
        let taken = gathering.0.take(ruby)?;
        let gathered = taken.get().map_err(|error| errors::raise(ruby, error))?.gathered.as_ref();
        let counts =
            gathered.map(|gathered| (count(gathered.accounts.as_ref()), count(gathered.organizations.as_ref())));
        gathering.0.put_back(taken);
        counts.ok_or_else(|| unfinished(ruby))
    }

    /// Returns both sides, where both went into tables.
    fn tables(ruby: &Ruby, gathering: &Self) -> Result<Tables, Error> {
        match gathering.0.end().and_then(|state| state.gathered) {
            Some(Gathered {
                rules: Some(rules),
                accounts: Some(Side::Table(accounts)),
                organizations: Some(Side::Table(organizations)),
            }) => Ok(Tables::new(accounts, organizations, rules)),
            _ => Err(unfinished(ruby)),
        }
    }

    /// Stops what is under way, and waits until nothing of it is left, here and at the remote side.
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

impl Accounts {
    async fn read(
        self,
        client: &Client,
        workers: &crm_sync::engine::Workers,
        rules: Option<&Arc<Rules>>,
    ) -> crm_sync::Result<Side<AccountTable>> {
        // Also where the declaration does not want it: from the last id the reader goes on. The taker of the rows looks
        // at the fields before it only.
        let id = self.fields.iter().all(|field| !field.eq_ignore_ascii_case("Id")).then(|| "Id".to_owned());
        let selected: Vec<String> = self.fields.iter().cloned().chain(id).collect();
        let (query, selection) = (Query::new(&self.soql), Selection::new(&selected));
        if let Some(path) = self.file {
            let file = AccountFile::create(&path, self.fields)?;
            return collect(client, workers, &query, selection, file).await?.finish().map(Side::File);
        }
        let table = AccountTable::new(Arc::clone(rules.ok_or_else(without_rules)?));
        collect(client, workers, &query, selection, table).await.map(Side::Table)
    }
}

async fn organizations(
    client: &zendesk::Client,
    rules: Option<&Arc<Rules>>,
    file: Option<PathBuf>,
    noted: &Noted<'_>,
) -> crm_sync::Result<Side<OrganizationTable>> {
    match file {
        Some(path) => into_file(client, OrganizationFile::create(&path)?, noted).await.map(Side::File),
        None => {
            let table = OrganizationTable::new(Arc::clone(rules.ok_or_else(without_rules)?));
            into_table(client, table, noted).await.map(Side::Table)
        }
    }
}

fn without_rules() -> CoreError {
    CoreError::Internal("a table needs rules".into())
}

pub(super) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Gathering>(ruby, native, "Gathering")?;
    class.define_singleton_method("start", function!(Gathering::start, 2))?;
    class.define_method("next", method!(Gathering::next, 1))?;
    class.define_method("counts", method!(Gathering::counts, 0))?;
    class.define_method("tables", method!(Gathering::tables, 0))?;
    class.define_method("stop", method!(Gathering::stop, 2))
}
