//! The core's errors as the gem's exceptions, which are written in Ruby (`lib/crm_sync/errors.rb`).

use crm_sync::{Error, RemoteError};
use magnus::value::ReprValue;
use magnus::{Class, ExceptionClass, KwArgs, Module, RHash, RModule, Ruby, Value};

/// The exception for an error of the core.
pub(crate) fn raise(ruby: &Ruby, error: Error) -> magnus::Error {
    exception(ruby, &error).unwrap_or_else(|failure| failure)
}

/// The same as a value, for an error that is not raised.
pub(crate) fn value(ruby: &Ruby, error: &Error) -> Result<Value, magnus::Error> {
    let error = exception(ruby, error)?;
    Ok(error.value().unwrap_or_else(|| ruby.qnil().as_value()))
}

fn exception(ruby: &Ruby, error: &Error) -> Result<magnus::Error, magnus::Error> {
    let message = error.to_string();
    let (name, remote) = match error {
        Error::Configuration(_) => ("ConfigurationError", None),
        Error::Authentication(remote) => ("AuthenticationError", Some(remote)),
        Error::Quota(remote) => ("QuotaExceeded", Some(remote)),
        Error::Remote(remote) => ("RemoteError", Some(remote)),
        Error::File { .. } => ("FileError", None),
        _ => ("InternalError", None),
    };
    let class: ExceptionClass = ruby.class_object().const_get::<_, RModule>("CrmSync")?.const_get(name)?;
    let exception = match remote {
        Some(remote) => class.new_instance((message, KwArgs(facts(ruby, remote)?)))?,
        None => class.new_instance((message,))?,
    };
    Ok(exception.into())
}

fn facts(ruby: &Ruby, remote: &RemoteError) -> Result<RHash, magnus::Error> {
    let facts = ruby.hash_new();
    facts.aset(ruby.to_symbol("service"), remote.service)?;
    facts.aset(ruby.to_symbol("status"), remote.status)?;
    facts.aset(ruby.to_symbol("code"), remote.code.as_deref())?;
    facts.aset(ruby.to_symbol("request_id"), remote.request_id.as_deref())?;
    facts.aset(ruby.to_symbol("attempts"), remote.attempts)?;
    facts.aset(ruby.to_symbol("seconds"), remote.elapsed.as_secs_f64())?;
    Ok(facts)
}
