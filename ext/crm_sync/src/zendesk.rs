//! A Zendesk account for the Ruby side. Rows cross as JSON text.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use crm_sync::zendesk::{
    create, job, organization_fields, Account, Attributes, Budget, Client, Credentials, Outcome, Reason, Settings,
};
use magnus::{function, method, Error, IntoValue, Module, Object, RModule, Ruby, Value};
use secrecy::SecretString;
use serde::Serialize;

use crate::class::define;
use crate::convert::Options;
use crate::errors;
use crate::host::Host;
use crate::job::Job;
use crate::process::PerProcess;
use crate::rows::Rows;

/// Settings, and what this process knows of the account.
#[magnus::wrap(class = "CrmSync::Native::Zendesk", free_immediately, size)]
pub(crate) struct Zendesk {
    settings: Settings,
    account: PerProcess<Account>,
}

impl Zendesk {
    fn new(ruby: &Ruby, options: Options) -> Result<Self, Error> {
        let settings = Settings {
            host: options.get("host")?,
            credentials: credentials(ruby, options)?,
            budget: budget(options)?,
            jobs: options.get("jobs")?,
            job_patience: options.seconds("job_patience")?,
            second: options.seconds("second")?,
            ca_file: options.given("ca_file")?.map(PathBuf::from),
            limits: options.limits()?,
        };
        Ok(Self { settings, account: PerProcess::new() })
    }

    /// Returns the account, as this process knows it.
    pub(crate) fn account(&self) -> crm_sync::Result<Arc<Account>> {
        self.account.get(|| Account::new(self.settings.clone()))
    }

    /// Runs what `work` makes of a client, and waits for it.
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

    /// Returns a job as Zendesk tells of it, a Hash.
    fn job(ruby: &Ruby, zendesk: &Self, id: String, host: Host) -> Result<Value, Error> {
        let job = zendesk.run(ruby, host, |client| async move { job(&client, &id).await })?;
        plain(ruby, &job)
    }

    /// Creates an organization; gives its id, if there is one now, and how that ended (see [`ending`]).
    fn create(ruby: &Ruby, zendesk: &Self, row: String, host: Host) -> Result<Value, Error> {
        let row = attributes(ruby, &row)?;
        let created = zendesk.run(ruby, host, |client| async move { create(&client, &row).await })?;
        let (outcome, reason, code, message, holder) = ending(&created.outcome);
        Ok((created.id, outcome, reason, code, message, holder).into_value_with(ruby))
    }
}

fn credentials(ruby: &Ruby, options: Options) -> Result<Credentials, Error> {
    let secret = |name| options.get::<String>(name).map(SecretString::from);
    Ok(match options.get::<String>("credentials")?.as_str() {
        "client_credentials" => Credentials::ClientCredentials {
            client_id: options.get("client_id")?,
            client_secret: secret("client_secret")?,
        },
        "token" => Credentials::Token(secret("token")?),
        "api_token" => Credentials::ApiToken { email: options.get("email")?, token: secret("api_token")? },
        _ => return Err(unusable(ruby, "there are no such credentials")),
    })
}

fn budget(options: Options) -> Result<Budget, Error> {
    Ok(match options.get::<Option<u32>>("requests_per_minute")? {
        Some(requests) => Budget::Requests(requests),
        None => Budget::Share(options.get("share")?),
    })
}

/// Reads the attributes of an organization, which come as a JSON object.
pub(crate) fn attributes(ruby: &Ruby, json: &str) -> Result<Attributes, Error> {
    serde_json::from_str(json).map_err(|_| unusable(ruby, "the attributes of an organization cannot be used"))
}

/// The end of a write: `done`, `refused`, `unknown` or `not_tried`; then, where there are such, the kind of reason,
/// Zendesk's code, the message, and the organization that is in the way.
pub(crate) type Ending<'o> = (&'static str, Option<&'static str>, Option<&'o str>, Option<&'o str>, Option<u64>);

pub(crate) fn ending(outcome: &Outcome) -> Ending<'_> {
    match outcome {
        Outcome::Done => ("done", None, None, None, None),
        Outcome::Refused(refusal) => {
            let (reason, code) = (reason(refusal.reason), refusal.code.as_deref());
            ("refused", Some(reason), code, Some(&refusal.message), refusal.holder)
        }
        Outcome::Unknown(why) => ("unknown", None, None, Some(why), None),
        Outcome::NotTried(why) => ("not_tried", None, None, Some(why), None),
    }
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

/// Converts what the core makes of an answer into Ruby's plain values.
fn plain(ruby: &Ruby, value: &impl Serialize) -> Result<Value, Error> {
    let unwritable = |error: serde_json::Error| errors::raise(ruby, crm_sync::Error::Internal(error.to_string()));
    let json = serde_json::to_string(value).map_err(unwritable)?;
    Rows::of_zendesk(ruby).record(&json)
}

fn unusable(ruby: &Ruby, why: &'static str) -> Error {
    Error::new(ruby.exception_arg_error(), why)
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Zendesk>(ruby, native, "Zendesk")?;
    class.define_singleton_method("new", function!(Zendesk::new, 1))?;
    class.define_method("organization_fields", method!(Zendesk::organization_fields, 1))?;
    class.define_method("job", method!(Zendesk::job, 2))?;
    class.define_method("create", method!(Zendesk::create, 2))
}
