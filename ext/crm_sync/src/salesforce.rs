//! A Salesforce org for the Ruby side.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use crm_sync::rows::Id;
use crm_sync::salesforce::{
    describe, fates, ingest, limits, object_names, retrieve, sign_in, write, Client, Fates, Field, Grant, Operation,
    Org, Outcome, Row, Settings,
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
use crate::structs::{DESCRIBED, WRITTEN};
use crate::{convert, errors};

/// Settings, and what this process knows of the org.
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

    /// Returns the org, as this process knows it.
    pub(crate) fn org(&self) -> crm_sync::Result<Arc<Org>> {
        self.org.get(|| Org::new(self.settings.clone()))
    }

    /// Runs what `work` makes of a client, and waits for it.
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

    /// Signs in, and gives what that gave.
    fn sign_in(ruby: &Ruby, salesforce: &Self, refresh_token: Option<String>, host: Host) -> Result<RHash, Error> {
        let org = salesforce.org().map_err(|error| errors::raise(ruby, error))?;
        let refresh_token = refresh_token.map(SecretString::from);
        let granted = salesforce.run(ruby, host, |_| async move {
            let signing_in = sign_in(&org, refresh_token.as_ref());
            org.within_deadline("the sign-in", signing_in).await
        })?;
        let hash = ruby.hash_new();
        hash.aset(ruby.to_symbol("access_token"), granted.access_token.expose_secret())?;
        hash.aset(ruby.to_symbol("instance_url"), granted.instance_url)?;
        hash.aset(ruby.to_symbol("refresh_token"), granted.refresh_token.as_ref().map(ExposeSecret::expose_secret))?;
        Ok(hash)
    }

    /// Opens a session now, where this process has none: what follows need not wait for one.
    fn prepare(ruby: &Ruby, salesforce: &Self, host: Host) -> Result<(), Error> {
        salesforce.run(ruby, host, |client| async move { client.prepare().await })
    }

    /// Writes `rows`, 200 a call; gives a `Written` for each. The `operation` is a Symbol. Rows are fields as JSON, those of an
    /// update pairs of an id and the fields; `by` is the field by which is upserted.
    fn write(
        ruby: &Ruby,
        salesforce: &Self,
        object: String,
        operation: Value,
        by: String,
        rows: Value,
        host: Host,
    ) -> Result<RArray, Error> {
        let (operation, rows) = given(operation, by, rows)?;
        let work = |client| async move { Ok(write(&client, &object, operation, rows).await) };
        results(ruby, salesforce.run(ruby, host, work)?)
    }

    /// Does the same by jobs. After a failure, waits until the remote side is rid of them.
    fn ingest(
        ruby: &Ruby,
        salesforce: &Self,
        object: String,
        operation: Value,
        by: String,
        rows: Value,
        host: Host,
    ) -> Result<RArray, Error> {
        let (operation, rows) = given(operation, by, rows)?;
        let workers = process::engine().map_err(|error| errors::raise(ruby, error))?.workers();
        let work = |client| async move { Ok(ingest(&client, &workers, &object, operation, rows).await) };
        let written = salesforce.run(ruby, host, work);
        if written.is_err() {
            salesforce.clean_up(ruby, host)?;
        }
        results(ruby, written?)
    }

    /// Returns the records with these ids, a Hash or nil for each.
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

    /// Returns the org's limits: pairs of the most and of what is left, by name.
    fn limits(ruby: &Ruby, salesforce: &Self, host: Host) -> Result<RHash, Error> {
        let limits = salesforce.run(ruby, host, |client| async move { limits(&client).await })?;
        let hash = ruby.hash_new();
        for (name, limit) in limits {
            hash.aset(name, (limit.max, limit.remaining))?;
        }
        Ok(hash)
    }

    /// Returns the records into which those of `ids` were merged: a Hash of their ids.
    fn merged(ruby: &Ruby, salesforce: &Self, object: String, ids: Value, host: Host) -> Result<RHash, Error> {
        let ids = Given::argument("ids", ids).each(|given| id(&given))?;
        let hash = ruby.hash_new();
        for (loser, winner) in salesforce.fates(ruby, object, ids, host)?.winners {
            hash.aset(loser.to_string(), winner.to_string())?;
        }
        Ok(hash)
    }

    /// Returns the fields of an object, as far as whoever signs in sees them: a `Described` for each.
    fn describe(ruby: &Ruby, salesforce: &Self, object: String, host: Host) -> Result<RArray, Error> {
        let fields = salesforce.run(ruby, host, |client| async move { describe(&client, &object).await })?;
        convert::array(ruby, fields, |field| described(ruby, field))
    }

    /// Returns the names of the objects that whoever signs in may know of.
    fn object_names(ruby: &Ruby, salesforce: &Self, host: Host) -> Result<Vec<String>, Error> {
        salesforce.run(ruby, host, |client| async move { object_names(&client).await })
    }

    /// Returns the fates of those of `ids` that did not come.
    pub(crate) fn fates(&self, ruby: &Ruby, object: String, ids: Vec<Id>, host: Host) -> Result<Fates, Error> {
        let workers = process::engine().map_err(|error| errors::raise(ruby, error))?.workers();
        self.run(ruby, host, |client| async move { fates(&client, &workers, &object, &ids).await })
    }

    /// Waits until the remote side is rid of what nobody waits for any more.
    pub(crate) fn clean_up(&self, ruby: &Ruby, host: Host) -> Result<(), Error> {
        let org = self.org().map_err(|error| errors::raise(ruby, error))?;
        self.run(ruby, host, |_| async move {
            org.cleaned_up().await;
            Ok(())
        })
    }
}

/// Reads what a grant needs.
type Make = fn(&Options) -> Result<Grant, Error>;

const GRANTS: [(&str, Make); 4] = [
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
        username: options.get("username")?,
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
        username: options.get("username")?,
        password: secret(options, "password")?,
    })
}

fn secret(options: &Options, name: &str) -> Result<SecretString, Error> {
    options.get::<String>(name).map(SecretString::from)
}

/// The operation of a name; only an upsert is by a field.
type Named = fn(String) -> Operation;

const OPERATIONS: [(&str, Named); 3] =
    [("create", |_| Operation::Create), ("update", |_| Operation::Update), ("upsert", |by| Operation::Upsert { by })];

/// Reads an operation, and rows in the form that it takes.
fn given(operation: Value, by: String, rows: Value) -> Result<(Operation, Vec<Row>), Error> {
    let operation = Given::argument("operation", operation).chosen(&OPERATIONS)?(by);
    let row = if operation == Operation::Update { update } else { keyless };
    let rows = Given::argument("rows", rows).each(row)?;
    Ok((operation, rows))
}

/// Reads a pair of an id and the fields as JSON.
fn update(row: Given) -> Result<Row, Error> {
    let (record, fields) = row.pair()?;
    let id = Id::parse(&record.to::<String>()?).ok_or_else(|| row.refuse("has an id that is not Salesforce's"))?;
    Ok(Row { id: Some(id), ..keyless(fields)? })
}

/// Reads fields as JSON.
fn keyless(fields: Given) -> Result<Row, Error> {
    let json: String = fields.to()?;
    Ok(Row { id: None, fields: serde_json::from_str(&json).map_err(|_| fields.refuse("is not JSON"))? })
}

/// Returns the exception of a row that is not known to be written, or nil.
fn error(ruby: &Ruby, outcome: &Outcome) -> Result<Value, Error> {
    outcome.error().map_or_else(|| Ok(ruby.qnil().as_value()), |error| errors::value(ruby, error))
}

fn results(ruby: &Ruby, outcomes: Vec<Outcome>) -> Result<RArray, Error> {
    convert::array(ruby, outcomes, |outcome| written(ruby, &outcome))
}

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

fn written(ruby: &Ruby, outcome: &Outcome) -> Result<Value, Error> {
    let (status, id) = match outcome {
        Outcome::Created(id) => ("created", Some(id)),
        Outcome::Updated(id) => ("updated", Some(id)),
        Outcome::Saved(id) => ("saved", Some(id)),
        Outcome::Refused(_) => ("refused", None),
        Outcome::Unknown(_) => ("unknown", None),
        Outcome::NotTried(_) => ("not_tried", None),
    };
    let status = ruby.to_symbol(status).as_value();
    let id = ruby.into_value(id.map(Id::as_str));
    WRITTEN.make(ruby, [("status", status), ("id", id), ("error", error(ruby, outcome)?)])
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
