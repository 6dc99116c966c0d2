//! A Salesforce org for the Ruby side.

use std::sync::Arc;
use std::time::Duration;

use crm_sync::http::Limits;
use crm_sync::salesforce::{update, Client, Id, RowUpdate, Settings};
use magnus::block::Proc;
use magnus::value::ReprValue;
use magnus::{function, method, Error, Module, Object, RArray, RModule, Ruby, TryConvert, Value};

use crate::convert::Options;
use crate::job::{level, Job};
use crate::process::PerProcess;
use crate::{convert, errors};

/// Settings, and the client that this process made of them.
#[magnus::wrap(class = "CrmSync::Native::Salesforce", free_immediately, size)]
pub(crate) struct Salesforce {
    settings: Settings,
    client: PerProcess<Arc<Client>>,
}

impl Salesforce {
    fn new(options: Options) -> Result<Self, Error> {
        let seconds = |name| options.get::<f64>(name).map(|seconds| Duration::from_secs_f64(seconds.clamp(0.0, 1e9)));
        let settings = Settings {
            host: options.get("host")?,
            client_id: options.get("client_id")?,
            client_secret: options.get::<String>("client_secret")?.into(),
            api_version: options.get("api_version")?,
            limits: Limits {
                open_timeout: seconds("open_timeout")?,
                read_timeout: seconds("read_timeout")?,
                deadline: seconds("deadline")?,
                attempts: options.get("attempts")?,
                retry_delay: seconds("retry_delay")?,
                max_body: options.get("max_page_bytes")?,
                max_rows: options.get("max_rows")?,
            },
        };
        Ok(Self { settings, client: PerProcess::new() })
    }

    /// The client of this process.
    pub(crate) fn client(&self) -> crm_sync::Result<Arc<Client>> {
        let client = self.client.get(|| Client::new(self.settings.clone()).map(Arc::new))?;
        Ok(Arc::clone(&client))
    }

    /// Writes `rows` (pairs of id and fields as JSON); gives nil or an exception for each.
    fn update(
        ruby: &Ruby,
        salesforce: &Self,
        object: String,
        rows: RArray,
        severity: u8,
        log: Proc,
    ) -> Result<RArray, Error> {
        let rows = rows.into_iter().map(|row| row_update(ruby, row)).collect::<Result<Vec<_>, Error>>()?;
        let client = salesforce.client().map_err(|error| errors::raise(ruby, error))?;
        let job = Job::start(level(severity), async move { Ok(update(&client, &object, rows).await) });
        let results = job.map_err(|error| errors::raise(ruby, error))?.wait(ruby, log)?;
        convert::array(ruby, results, |result| match result {
            Ok(()) => Ok(ruby.qnil().as_value()),
            Err(error) => Ok(errors::raise(ruby, error).value().unwrap_or_else(|| ruby.qnil().as_value())),
        })
    }
}

fn row_update(ruby: &Ruby, row: Value) -> Result<RowUpdate, Error> {
    let (id, fields) = <(String, String)>::try_convert(row)?;
    let unusable = |what: &str| Error::new(ruby.exception_arg_error(), format!("a row's {what} cannot be used"));
    Ok(RowUpdate {
        id: Id::parse(&id).ok_or_else(|| unusable("id"))?,
        fields: serde_json::from_str(&fields).map_err(|_| unusable("fields"))?,
    })
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Salesforce", ruby.class_object())?;
    class.define_singleton_method("new", function!(Salesforce::new, 1))?;
    class.define_method("update", method!(Salesforce::update, 4))
}
