//! A Salesforce org for Ruby: its settings, the sign-in, and single reads. Queries are in `query.rs`, writes in
//! `salesforce_writing.rs`.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use crm_sync::rows::Id;
use crm_sync::salesforce::{
    describe, fates, limits, object_names, retrieve, sign_in, Client, Fates, Field, Grant, Org, Settings,
};
use magnus::value::ReprValue;
use magnus::{function, method, Error, Module, Object, RArray, RHash, RModule, Ruby, Value};
use secrecy::{ExposeSecret, SecretString};

use crate::class::define;
use crate::convert::List;
use crate::host::Host;
use crate::id::id;
use crate::job::Job;
use crate::options::{Given, Options};
use crate::process::{self, PerProcess};
use crate::rows::Rows;
use crate::structs::DESCRIBED;
use crate::{convert, errors};

/// The settings of an org, and the state of the org in this process.
#[magnus::wrap(class = "CrmSync::Native::Salesforce", free_immediately, size)]
pub(crate) struct Salesforce {
    settings: Settings,
    org: PerProcess<Org>,
}

impl Salesforce {
    fn new(options: Options) -> Result<Self, Error> {
        let settings = Settings {
            host: options.get("host")?,
            client_id: options.get("client_id")?,
            grant: options.chosen("grant", &GRANTS)?(&options)?,
            api_version: options.get("api_version")?,
            quota_reserve: options.get("quota_reserve")?,
            bulk_from: options.get("bulk_from")?,
            allow_duplicates: options.get("allow_duplicates")?,
            ca_file: options.text("ca_file")?.map(PathBuf::from),
            limits: options.limits()?,
        };
        Ok(Self { settings, org: PerProcess::new() })
    }

    /// Returns the state of the org in this process. Creates it on the first call.
    ///
    /// # Errors
    /// `Configuration` if the settings cannot be used.
    pub(crate) fn org(&self) -> crm_sync::Result<Arc<Org>> {
        self.org.get(|| Org::new(self.settings.clone()))
    }

    /// Runs the task that `work` creates from a client, and waits for it without the GVL.
    pub(crate) fn run<T, F>(&self, ruby: &Ruby, host: Host, work: impl FnOnce(Client) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = crm_sync::Result<T>> + Send + 'static,
    {
        let level = host.level()?;
        let start = || {
            let org = self.org()?;
            Job::start(level, |questions| work(Client::new(org, questions)))
        };
        start().map_err(|error| errors::raise(ruby, error))?.wait(ruby, host)
    }

    /// Signs in, and returns a Hash with `:access_token`, `:instance_url` and `:refresh_token` (nil if there is none).
    fn sign_in(ruby: &Ruby, salesforce: &Self, refresh_token: Option<String>, host: Host) -> Result<RHash, Error> {
        let org = salesforce.org().map_err(|error| errors::raise(ruby, error))?;
        let refresh_token = refresh_token.map(SecretString::from);
        let granted = salesforce.run(ruby, host, |_| async move { sign_in(&org, refresh_token.as_ref()).await })?;
        let hash = ruby.hash_new();
        hash.aset(ruby.to_symbol("access_token"), granted.access_token.expose_secret())?;
        hash.aset(ruby.to_symbol("instance_url"), granted.instance_url)?;
        hash.aset(ruby.to_symbol("refresh_token"), granted.refresh_token.as_ref().map(ExposeSecret::expose_secret))?;
        Ok(hash)
    }

    /// Opens a session if this process has none, so that later requests need not wait for one.
    fn prepare(ruby: &Ruby, salesforce: &Self, host: Host) -> Result<(), Error> {
        salesforce.run(ruby, host, |client| async move { client.prepare().await })
    }

    /// Returns the records with these ids: for each id a Hash, or nil if there is no such record.
    fn retrieve(
        ruby: &Ruby,
        salesforce: &Self,
        object: String,
        ids: Value,
        List(fields): List<String>,
        host: Host,
    ) -> Result<RArray, Error> {
        let ids = Given::argument("ids", ids).each(|given| id(&given))?;
        let records =
            salesforce.run(ruby, host, |client| async move { retrieve(&client, &object, &ids, &fields).await })?;
        let rows = Rows::of_salesforce(ruby);
        convert::array(ruby, records, |record| match record {
            Some(record) => rows.record(record.get()),
            None => Ok(ruby.qnil().as_value()),
        })
    }

    /// Returns the org's limits: a Hash from the name of a limit to a pair of its maximum and the rest that remains.
    fn limits(ruby: &Ruby, salesforce: &Self, host: Host) -> Result<RHash, Error> {
        let limits = salesforce.run(ruby, host, |client| async move { limits(&client).await })?;
        let hash = ruby.hash_new();
        for (name, limit) in limits {
            hash.aset(name, (limit.max, limit.remaining))?;
        }
        Ok(hash)
    }

    /// Returns the winners of merges: a Hash from each of `ids` whose record was merged into another one to the id of
    /// the winner.
    fn merged(ruby: &Ruby, salesforce: &Self, object: String, ids: Value, host: Host) -> Result<RHash, Error> {
        let ids = Given::argument("ids", ids).each(|given| id(&given))?;
        let hash = ruby.hash_new();
        for (loser, winner) in salesforce.fates(ruby, object, ids, host)?.winners {
            hash.aset(loser.to_string(), winner.to_string())?;
        }
        Ok(hash)
    }

    /// Returns the fields of an object that the user who signs in can see: a Struct `Described` for each.
    fn describe(ruby: &Ruby, salesforce: &Self, object: String, host: Host) -> Result<RArray, Error> {
        let fields = salesforce.run(ruby, host, |client| async move { describe(&client, &object).await })?;
        convert::array(ruby, fields, |field| described(ruby, field))
    }

    /// Returns the names of the objects that the user who signs in can see.
    fn object_names(ruby: &Ruby, salesforce: &Self, host: Host) -> Result<Vec<String>, Error> {
        salesforce.run(ruby, host, |client| async move { object_names(&client).await })
    }

    /// Returns what happened to the records with these ids, which a query did not return.
    pub(crate) fn fates(&self, ruby: &Ruby, object: String, ids: Vec<Id>, host: Host) -> Result<Fates, Error> {
        let workers = process::engine().map_err(|error| errors::raise(ruby, error))?.workers();
        self.run(ruby, host, |client| async move { fates(&client, &workers, &object, &ids).await })
    }

    /// Waits until Salesforce has deleted the jobs that no caller waits for any more.
    pub(crate) fn clean_up(&self, ruby: &Ruby, host: Host) -> Result<(), Error> {
        let org = self.org().map_err(|error| errors::raise(ruby, error))?;
        self.run(ruby, host, |_| async move {
            org.cleaned_up().await;
            Ok(())
        })
    }
}

/// Reads the options of a grant.
type MakeGrant = fn(&Options) -> Result<Grant, Error>;

const GRANTS: [(&str, MakeGrant); 4] = [
    ("client_credentials", client_credentials),
    ("jwt_bearer", jwt_bearer),
    ("refresh_token", refresh_token),
    ("password", password),
];

fn client_credentials(options: &Options) -> Result<Grant, Error> {
    Ok(Grant::ClientCredentials { client_secret: secret(options, "client_secret")? })
}

fn jwt_bearer(options: &Options) -> Result<Grant, Error> {
    Ok(Grant::JwtBearer {
        username: secret(options, "username")?,
        private_key: secret(options, "private_key")?,
        audience: options.get("audience")?,
    })
}

fn refresh_token(options: &Options) -> Result<Grant, Error> {
    Ok(Grant::RefreshToken { client_secret: options.text("client_secret")?.map(SecretString::from) })
}

fn password(options: &Options) -> Result<Grant, Error> {
    Ok(Grant::Password {
        client_secret: secret(options, "client_secret")?,
        username: secret(options, "username")?,
        password: secret(options, "password")?,
    })
}

fn secret(options: &Options, name: &str) -> Result<SecretString, Error> {
    options.get::<String>(name).map(SecretString::from)
}

/// Returns a field as a Struct `Described`.
fn described(ruby: &Ruby, field: Field) -> Result<Value, Error> {
    DESCRIBED.make(
        ruby,
        [
            ("name", ruby.into_value(field.name)),
            ("type", ruby.into_value(field.kind)),
            ("max_length", ruby.into_value(field.length)),
            ("nillable", ruby.into_value(field.nillable)),
            ("createable", ruby.into_value(field.createable)),
            ("updateable", ruby.into_value(field.updateable)),
            ("external_id", ruby.into_value(field.external_id)),
            ("unique", ruby.into_value(field.unique)),
            ("picklist_values", ruby.into_value(field.picklist_values)),
            ("references", ruby.into_value(field.reference_to)),
        ],
    )
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Salesforce>(ruby, native, "Salesforce")?;
    class.define_singleton_method("new", function!(Salesforce::new, 1))?;
    class.define_method("sign_in", method!(Salesforce::sign_in, 2))?;
    class.define_method("prepare", method!(Salesforce::prepare, 1))?;
    class.define_method("write", method!(Salesforce::write, 5))?;
    class.define_method("retrieve", method!(Salesforce::retrieve, 4))?;
    class.define_method("merged", method!(Salesforce::merged, 3))?;
    class.define_method("ingest", method!(Salesforce::ingest, 5))?;
    class.define_method("describe", method!(Salesforce::describe, 2))?;
    class.define_method("object_names", method!(Salesforce::object_names, 1))?;
    class.define_method("limits", method!(Salesforce::limits, 1))
}
