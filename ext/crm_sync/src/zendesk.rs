//! A Zendesk account for Ruby. Rows are passed as JSON text.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use crm_sync::zendesk::{
    create, job, organization_fields, Account, Attributes, Budget, Client, Credentials, Outcome, Reason, Settings,
    Stage,
};
use magnus::value::ReprValue;
use magnus::{function, method, Error, IntoValue, Module, Object, RModule, Ruby, Value};
use secrecy::SecretString;
use serde::Serialize;

use crate::class::define;
use crate::errors;
use crate::host::Host;
use crate::job::Job;
use crate::options::{Given, Options};
use crate::process::PerProcess;
use crate::rows::Rows;
use crate::structs::FINISHED;

/// The settings of an account, and the state of the account in this process.
#[magnus::wrap(class = "CrmSync::Native::Zendesk", free_immediately, size)]
pub(crate) struct Zendesk {
    settings: Settings,
    account: PerProcess<Account>,
}

impl Zendesk {
    fn new(options: Options) -> Result<Self, Error> {
        let settings = Settings {
            host: options.get("host")?,
            credentials: options.chosen("credentials", &CREDENTIALS)?(&options)?,
            budget: budget(&options)?,
            jobs: options.get("jobs")?,
            job_patience: options.seconds("job_patience")?,
            second: options.seconds("second")?,
            ca_file: options.text("ca_file")?.map(PathBuf::from),
            limits: options.limits()?,
        };
        Ok(Self { settings, account: PerProcess::new() })
    }

    /// Returns the state of the account in this process. Creates it on the first call.
    ///
    /// # Errors
    /// `Configuration` if the settings cannot be used.
    pub(crate) fn account(&self) -> crm_sync::Result<Arc<Account>> {
        self.account.get(|| Account::new(self.settings.clone()))
    }

    /// Runs the task that `work` creates from a client, and waits for it without the GVL.
    pub(crate) fn run<T, F>(&self, ruby: &Ruby, host: Host, work: impl FnOnce(Client) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = crm_sync::Result<T>> + Send + 'static,
    {
        let level = host.level()?;
        let start = || {
            let client = Client::new(self.account()?);
            Job::start(level, |_| work(client))
        };
        start().map_err(|error| errors::raise(ruby, error))?.wait(ruby, host)
    }

    /// Returns the custom fields of organizations, an Array of Hashes.
    fn organization_fields(ruby: &Ruby, zendesk: &Self, host: Host) -> Result<Value, Error> {
        let fields = zendesk.run(ruby, host, |client| async move { organization_fields(&client).await })?;
        plain(ruby, &fields)
    }

    /// Returns a job with its status, a Hash.
    fn job(ruby: &Ruby, zendesk: &Self, id: String, host: Host) -> Result<Value, Error> {
        let job = zendesk.run(ruby, host, |client| async move { job(&client, &id).await })?;
        plain(ruby, &job)
    }

    /// Creates an organization. Returns a Struct `Finished`, as a run with this one item would.
    fn create(ruby: &Ruby, zendesk: &Self, row: Value, host: Host) -> Result<Value, Error> {
        let row = attributes(&Given::argument("row", row))?;
        let created = zendesk.run(ruby, host, |client| async move { create(&client, &row).await })?;
        finished_value(ruby, Stage::Create, 0, created.id, &created.outcome)
    }
}

/// Reads the options of one kind of credentials.
type Make = fn(&Options) -> Result<Credentials, Error>;

const CREDENTIALS: [(&str, Make); 3] =
    [("client_credentials", client_credentials), ("token", token), ("api_token", api_token)];

fn client_credentials(options: &Options) -> Result<Credentials, Error> {
    let client_secret = secret(options, "client_secret")?;
    Ok(Credentials::ClientCredentials { client_id: options.get("client_id")?, client_secret })
}

fn token(options: &Options) -> Result<Credentials, Error> {
    Ok(Credentials::Token(secret(options, "token")?))
}

fn api_token(options: &Options) -> Result<Credentials, Error> {
    Ok(Credentials::ApiToken { email: secret(options, "email")?, token: secret(options, "api_token")? })
}

fn secret(options: &Options, name: &str) -> Result<SecretString, Error> {
    options.get::<String>(name).map(SecretString::from)
}

fn budget(options: &Options) -> Result<Budget, Error> {
    Ok(match options.get::<Option<u32>>("requests_per_minute")? {
        Some(requests) => Budget::Requests(requests),
        None => Budget::Share(options.get("share")?),
    })
}

/// Reads the attributes of an organization from a JSON object.
pub(crate) fn attributes(given: &Given) -> Result<Attributes, Error> {
    let unusable = |_| given.refuse("cannot be used as the attributes of an organization");
    serde_json::from_str(&given.to::<String>()?).map_err(unusable)
}

/// Returns the outcome of an item of a stage as a Struct `Finished`.
pub(crate) fn finished_value(
    ruby: &Ruby,
    stage: Stage,
    index: usize,
    id: Option<u64>,
    outcome: &Outcome,
) -> Result<Value, Error> {
    let (name, refusal, message) = match outcome {
        Outcome::Done => ("done", None, None),
        Outcome::Refused(refusal) => ("refused", Some(refusal), Some(&refusal.message)),
        Outcome::Unknown(why) => ("unknown", None, Some(why)),
        Outcome::NotTried(why) => ("not_tried", None, Some(why)),
    };
    let reason = refusal.map(|refusal| ruby.to_symbol(reason(refusal.reason)));
    let members = [
        ("stage", stage_value(ruby, stage)),
        ("index", index.into_value_with(ruby)),
        ("id", id.into_value_with(ruby)),
        ("outcome", ruby.to_symbol(name).as_value()),
        ("reason", reason.into_value_with(ruby)),
        ("code", refusal.and_then(|refusal| refusal.code.as_deref()).into_value_with(ruby)),
        ("message", message.map(String::as_str).into_value_with(ruby)),
        ("holder", refusal.and_then(|refusal| refusal.holder).into_value_with(ruby)),
    ];
    FINISHED.make(ruby, members)
}

/// Returns the name of a stage as a Symbol.
pub(crate) fn stage_value(ruby: &Ruby, stage: Stage) -> Value {
    let name = match stage {
        Stage::Create => "create",
        Stage::Update => "update",
        Stage::Mark => "mark",
    };
    ruby.to_symbol(name).as_value()
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NameTaken => "name_taken",
        Reason::ExternalIdTaken => "external_id_taken",
        Reason::UnknownAttributes => "unknown_attributes",
        Reason::Twice => "twice",
        Reason::Missing => "missing",
        Reason::Other => "other",
    }
}

/// Converts a value of the core into plain Ruby values, through JSON.
fn plain(ruby: &Ruby, value: &impl Serialize) -> Result<Value, Error> {
    let unwritable = |error: serde_json::Error| errors::raise(ruby, crm_sync::Error::Internal(error.to_string()));
    let json = serde_json::to_string(value).map_err(unwritable)?;
    Rows::of_zendesk(ruby).record(&json)
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Zendesk>(ruby, native, "Zendesk")?;
    class.define_singleton_method("new", function!(Zendesk::new, 1))?;
    class.define_method("organization_fields", method!(Zendesk::organization_fields, 1))?;
    class.define_method("job", method!(Zendesk::job, 2))?;
    class.define_method("create", method!(Zendesk::create, 2))
}
