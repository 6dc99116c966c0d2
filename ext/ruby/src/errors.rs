//! Converts the core's errors to the gem's exceptions, which are written in Ruby (`lib/crm_sync/errors.rb`).

use std::sync::OnceLock;
use std::time::Duration;

use crm_sync::{Error, RemoteError};
use magnus::value::{Opaque, ReprValue};
use magnus::{Class, ExceptionClass, KwArgs, Module, RHash, RModule, Ruby, Value};

/// The exception classes. They are looked up when the library is loaded, so that Ruby need not be asked for them later.
struct Classes {
    configuration: Opaque<ExceptionClass>,
    authentication: Opaque<ExceptionClass>,
    quota: Opaque<ExceptionClass>,
    remote: Opaque<ExceptionClass>,
    file: Opaque<ExceptionClass>,
    internal: Opaque<ExceptionClass>,
}

static CLASSES: OnceLock<Classes> = OnceLock::new();

/// Looks up the exception classes when a library is loaded. A library that does not call this raises `RuntimeError`
/// instead.
///
/// # Errors
/// If `lib/crm_sync/errors.rb` has not been loaded.
pub fn init(ruby: &Ruby) -> Result<(), magnus::Error> {
    let gem: RModule = ruby.class_object().const_get("CrmSync")?;
    let class = |name: &str| -> Result<_, magnus::Error> {
        let class: ExceptionClass = gem.const_get(name)?;
        ruby.gc_register_mark_object(class);
        Ok(Opaque::from(class))
    };
    let classes = Classes {
        configuration: class("ConfigurationError")?,
        authentication: class("AuthenticationError")?,
        quota: class("QuotaExceeded")?,
        remote: class("RemoteError")?,
        file: class("FileError")?,
        internal: class("InternalError")?,
    };
    // Never set before, because a library is loaded once.
    let _ = CLASSES.set(classes);
    Ok(())
}

/// Returns the exception for an error of the core.
pub fn raise(ruby: &Ruby, error: Error) -> magnus::Error {
    exception(ruby, &error).unwrap_or_else(|failure| failure)
}

/// Returns the exception for an error of the core as a value, for an error that is not raised.
pub fn value(ruby: &Ruby, error: &Error) -> Result<Value, magnus::Error> {
    let error = exception(ruby, error)?;
    Ok(error.value().unwrap_or_else(|| ruby.qnil().as_value()))
}

fn exception(ruby: &Ruby, error: &Error) -> Result<magnus::Error, magnus::Error> {
    let mut message = error.to_string();
    let Some(classes) = CLASSES.get() else { return Err(magnus::Error::new(ruby.exception_runtime_error(), message)) };
    let (class, facts) = match error {
        Error::Configuration(_) => (classes.configuration, None),
        Error::Authentication(remote) => (classes.authentication, Some(facts(ruby, remote)?)),
        Error::Quota(remote) => (classes.quota, Some(facts(ruby, remote)?)),
        Error::Remote(remote) => (classes.remote, Some(facts(ruby, remote)?)),
        Error::File { .. } => (classes.file, None),
        Error::NotAsGathered { path, stage } => {
            // The exception itself names the stage, so that a command line can name its command.
            message = format!("{path}: {}", Error::CHANGED);
            (classes.file, Some(of_stage(ruby, stage)?))
        }
        _ => (classes.internal, None),
    };
    let class = ruby.get_inner(class);
    let exception = match facts {
        Some(facts) => class.new_instance((message, KwArgs(facts)))?,
        None => class.new_instance((message,))?,
    };
    Ok(exception.into())
}

/// Returns the error of the core for an exception with which the gem itself reports that there is no session. `None` for
/// any other exception, such as an interrupt.
pub(crate) fn of_gem(ruby: &Ruby, exception: &magnus::Error) -> Option<Error> {
    let (classes, exception) = (CLASSES.get()?, exception.value()?);
    let is = |class: Opaque<ExceptionClass>| exception.is_kind_of(ruby.get_inner(class));
    let message: String = exception.funcall("message", ()).ok()?;
    if is(classes.configuration) {
        return Some(Error::Configuration(message));
    }
    if !is(classes.remote) {
        return None;
    }
    let remote = Box::new(remote(exception, message).ok()?);
    Some(match () {
        () if is(classes.authentication) => Error::Authentication(remote),
        () if is(classes.quota) => Error::Quota(remote),
        () => Error::Remote(remote),
    })
}

fn remote(exception: Value, message: String) -> Result<RemoteError, magnus::Error> {
    Ok(RemoteError {
        // Only sessions with Salesforce come from Ruby.
        service: "Salesforce",
        message,
        status: exception.funcall("status", ())?,
        code: exception.funcall("code", ())?,
        request_id: exception.funcall("request_id", ())?,
        attempts: exception.funcall("attempts", ())?,
        elapsed: Duration::try_from_secs_f64(exception.funcall("seconds", ())?).unwrap_or_default(),
        ..RemoteError::default()
    })
}

fn of_stage(ruby: &Ruby, stage: &str) -> Result<RHash, magnus::Error> {
    let facts = ruby.hash_new();
    facts.aset(ruby.to_symbol("stage"), ruby.to_symbol(stage))?;
    Ok(facts)
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
