//! Options, which are passed as Hashes with Symbols for keys, and other arguments with members. An error about one of
//! them names its full path, such as `columns[3].name`, and never shows its value, which may be a secret.

use std::time::Duration;

use crm_sync::http::Limits;
use magnus::error::ErrorType;
use magnus::r_hash::ForEach;
use magnus::value::ReprValue;
use magnus::{Error, RArray, RHash, Ruby, Symbol, TryConvert, Value};

use crate::convert::elements;

/// A Hash whose members are looked up by name.
pub struct Options {
    hash: RHash,
    path: String,
}

impl Options {
    /// Returns a member, which must be present, even if it is nil.
    ///
    /// # Errors
    /// If there is no such member. The message names the members that there are.
    pub fn member(&self, name: &str) -> Result<Given, Error> {
        let ruby = Ruby::get_with(self.hash);
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        match self.hash.get(ruby.to_symbol(name)) {
            Some(value) => Ok(Given { value, path }),
            None => {
                let why = format!("is missing; beside it there are {}", self.names()?.join(", "));
                Err(Given { value: self.hash.as_value(), path }.refuse(&why))
            }
        }
    }

    /// Returns the value of a member.
    pub fn get<T: TryConvert>(&self, name: &str) -> Result<T, Error> {
        self.member(name)?.to()
    }

    /// Returns the value of a member that is a list of plain values.
    pub fn list<T: TryConvert>(&self, name: &str) -> Result<Vec<T>, Error> {
        self.member(name)?.list()
    }

    /// Returns a member that is a Hash itself.
    pub fn nested(&self, name: &str) -> Result<Self, Error> {
        self.member(name)?.options()
    }

    /// Returns the result of `make` for a member that is a Hash; `None` for nil.
    pub fn optional<T>(&self, name: &str, make: impl FnOnce(&Self) -> Result<T, Error>) -> Result<Option<T>, Error> {
        self.member(name)?.present().map(|given| make(&given.options()?)).transpose()
    }

    /// Returns the results of `make` for the Hashes in a list.
    pub fn each<T>(&self, name: &str, make: impl Fn(&Self) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        self.member(name)?.each(|given| make(&given.options()?))
    }

    /// Returns the value for a member's name in `table`, which lists all valid names.
    pub fn chosen<T: Copy>(&self, name: &str, table: &[(&str, T)]) -> Result<T, Error> {
        self.member(name)?.chosen(table)
    }

    /// Reads an optional text: an empty one counts as not given.
    pub fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.get::<String>(name).map(|text| Some(text).filter(|text| !text.is_empty()))
    }

    /// Reads a duration in seconds.
    pub fn seconds(&self, name: &str) -> Result<Duration, Error> {
        self.get::<f64>(name).map(|seconds| Duration::from_secs_f64(seconds.clamp(0.0, 1e9)))
    }

    /// Reads the limits that the clients of both services have.
    pub fn limits(&self) -> Result<Limits, Error> {
        Ok(Limits {
            open_timeout: self.seconds("open_timeout")?,
            read_timeout: self.seconds("read_timeout")?,
            deadline: self.seconds("deadline")?,
            attempts: self.get("attempts")?,
            retry_delay: self.seconds("retry_delay")?,
            max_body: self.get("max_page_bytes")?,
            max_rows: self.get("max_rows")?,
            concurrency: self.get("concurrency")?,
        })
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        self.hash.foreach(|name: Value, _: Value| {
            names.push(name.to_string());
            Ok(ForEach::Continue)
        })?;
        Ok(names)
    }
}

impl TryConvert for Options {
    fn try_convert(value: Value) -> Result<Self, Error> {
        Ok(Self { hash: RHash::try_convert(value)?, path: String::new() })
    }
}

/// A Ruby value, and the path to it. It must stay on the stack, where Ruby finds it.
pub struct Given {
    value: Value,
    path: String,
}

impl Given {
    /// Returns an argument of a call.
    pub fn argument(name: &str, value: Value) -> Self {
        Self { value, path: name.to_owned() }
    }

    /// Returns the Ruby value.
    pub fn value(&self) -> Value {
        self.value
    }

    /// Returns the value, unless it is nil.
    pub fn present(self) -> Option<Self> {
        Some(self).filter(|given| !given.value.is_nil())
    }

    /// Converts the value.
    pub fn to<T: TryConvert>(&self) -> Result<T, Error> {
        T::try_convert(self.value).map_err(|error| self.blamed(error))
    }

    /// Returns the value as a Hash with named members.
    pub fn options(&self) -> Result<Options, Error> {
        Ok(Options { hash: self.to()?, path: self.path.clone() })
    }

    /// Returns the results of `make` for the elements of a list.
    pub fn each<T>(&self, make: impl Fn(Self) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        self.to::<RArray>()?.into_iter().enumerate().map(|(place, value)| make(self.element(place, value))).collect()
    }

    /// Returns a list of plain values.
    pub fn list<T: TryConvert>(&self) -> Result<Vec<T>, Error> {
        self.each(|given| given.to())
    }

    /// Returns an Array of two elements as a pair.
    pub fn pair(&self) -> Result<(Self, Self), Error> {
        let [first, second] = elements(self.value).map_err(|error| self.blamed(error))?;
        Ok((self.element(0, first), self.element(1, second)))
    }

    /// Returns the value for this name, a Symbol or a String, in `table`, which lists all valid names.
    ///
    /// # Errors
    /// If the table does not have the name. The message lists the names that it has.
    pub fn chosen<T: Copy>(&self, table: &[(&str, T)]) -> Result<T, Error> {
        let name = match Symbol::from_value(self.value) {
            Some(symbol) => symbol.name()?.into_owned(),
            None => self.to()?,
        };
        let found = table.iter().find(|(known, _)| *known == name);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| self.refuse(&format!("must be {}", any_of(table))))
    }

    /// Returns an error about this value.
    pub fn refuse(&self, why: &str) -> Error {
        Error::new(Ruby::get_with(self.value).exception_arg_error(), format!("{} {why}", self.path))
    }

    fn element(&self, place: usize, value: Value) -> Self {
        Self { value, path: format!("{}[{place}]", self.path) }
    }

    /// Names the value in the error of a conversion. An interrupt, or any other exception that is not a
    /// `StandardError`, stays as it is.
    fn blamed(&self, error: Error) -> Error {
        let ruby = Ruby::get_with(self.value);
        if !error.is_kind_of(ruby.exception_standard_error()) {
            return error;
        }
        let why = match error.error_type() {
            ErrorType::Error(_, message) => message.to_string(),
            _ => error.to_string(),
        };
        Error::new(ruby.exception_arg_error(), format!("{}: {why}", self.path))
    }
}

fn any_of<T>(table: &[(&str, T)]) -> String {
    let names: Vec<String> = table.iter().map(|(name, _)| format!(":{name}")).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}
