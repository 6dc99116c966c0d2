//! The rules of a declaration, as Ruby hands them over: fields of an account are numbers there.

use crm_sync::compare::Kind;
use crm_sync::organizations::{
    AttributeRule, Case, Condition, DropDownOption, Managed, MarkRule, OlderThan, Parent, Policy, Remembered, Rules,
    Source, Target,
};
use crm_sync::rows::Cell;
use magnus::value::{Qfalse, Qtrue, ReprValue};
use magnus::{Error, Float, Integer, RArray, RString, Ruby, TryConvert, Value};

use crate::convert::{elements, pair, List, Options};

pub(crate) fn rules(options: Options) -> Result<Rules, Error> {
    let managed = options.get::<Options>("managed")?;
    Ok(Rules {
        account_fields: options.get::<List<_>>("account_fields")?.0,
        account_key: options.get("account_key")?,
        organization_key: options.get("organization_key")?,
        attributes: options.list("attributes", |value| attribute(Options::try_convert(value)?))?,
        managed: Managed { field: managed.get("field")?, values: managed.get::<List<_>>("values")?.0 },
        mark: options.get::<Option<Options>>("mark")?.map(mark).transpose()?,
        outside_managed: policy(options, "outside_managed")?,
        name_taken: policy(options, "name_taken")?,
        parents: options.list("parents", parent)?,
        remembered: options.list("remembered", remembered)?,
    })
}

/// Returns the positions of the reference, of the parent's own id, and of what is read from it.
fn parent(value: Value) -> Result<Parent, Error> {
    let [reference, id, fields] = elements(value)?;
    let position = |value| usize::try_convert(value);
    Ok(Parent { reference: position(reference)?, id: position(id)?, fields: List::try_convert(fields)?.0 })
}

/// Reads a write that was remembered: organization, place, name, what was sent, what stood there then, and whether that
/// means that it was not taken.
fn remembered(value: Value) -> Result<Remembered, Error> {
    let [organization, place, name, sent, stored, refused] = elements(value)?;
    Ok(Remembered {
        organization: u64::try_convert(organization)?,
        target: target(&String::try_convert(place)?, &String::try_convert(name)?),
        sent: cell(sent)?,
        stored: cell(stored)?,
        refused: bool::try_convert(refused)?,
    })
}

fn attribute(options: Options) -> Result<AttributeRule, Error> {
    let tags: Vec<(String, String)> = options.list("options", pair)?;
    Ok(AttributeRule {
        target: target(&options.get::<String>("place")?, &options.get::<String>("name")?),
        kind: Kind::of_zendesk(&options.get::<String>("type")?).unwrap_or_default(),
        source: source(options.get("source")?)?,
        options: tags.into_iter().map(|(tag, label)| DropDownOption { tag, label }).collect(),
    })
}

/// Returns a place in an organization: `attribute` or `field`, and its name.
pub(super) fn target(place: &str, name: &str) -> Target {
    match place {
        "attribute" => Target::Attribute(name.into()),
        _ => Target::Field(name.into()),
    }
}

fn source(value: RArray) -> Result<Source, Error> {
    let ruby = Ruby::get_with(value);
    let unknown = || Error::new(ruby.exception_arg_error(), "a source is of no known kind");
    Ok(match value.entry::<String>(0)?.as_str() {
        "field" => Source::Field(value.entry(1)?),
        "id15" => Source::Id15(value.entry(1)?),
        "equals" => Source::Equals(condition(value.entry::<RArray>(1)?)?),
        "first_of" => Source::FirstOf(each(value.entry(1)?, case)?),
        _ => return Err(unknown()),
    })
}

fn case(value: RArray) -> Result<Case, Error> {
    Ok(Case { when: each(value.entry(0)?, condition)?, then: cell(value.entry(1)?)? })
}

fn condition(value: RArray) -> Result<Condition, Error> {
    Ok(Condition { field: value.entry(0)?, equals: cell(value.entry(1)?)? })
}

fn each<T>(values: RArray, make: impl Fn(RArray) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    values.into_iter().map(|value| make(RArray::try_convert(value)?)).collect()
}

fn mark(options: Options) -> Result<MarkRule, Error> {
    let older_than = |options: Options| -> Result<_, Error> {
        Ok(OlderThan { field: options.get("field")?, day: options.get("day")? })
    };
    Ok(MarkRule {
        field: options.get::<String>("field")?.into(),
        unmark: options.get("unmark")?,
        only_if: options.get::<Option<Options>>("only_if")?.map(older_than).transpose()?,
    })
}

fn policy(options: Options, name: &str) -> Result<Policy, Error> {
    Ok(match options.get::<bool>(name)? {
        true => Policy::Adopt,
        false => Policy::Report,
    })
}

/// Returns a value of Ruby's as a cell: nil, true, false, a number or a text.
pub(super) fn cell(value: Value) -> Result<Cell<'static>, Error> {
    let ruby = Ruby::get_with(value);
    if let Some(text) = RString::from_value(value) {
        return Ok(Cell::Text(text.to_string()?.into()));
    }
    if Integer::from_value(value).is_some() || Float::from_value(value).is_some() {
        return Ok(Cell::number(&value.to_string()).into_owned());
    }
    match (Qtrue::from_value(value), Qfalse::from_value(value)) {
        (Some(_), _) => Ok(Cell::Bool(true)),
        (_, Some(_)) => Ok(Cell::Bool(false)),
        _ if value.is_nil() => Ok(Cell::Null),
        _ => Err(Error::new(ruby.exception_arg_error(), "a value is neither text, number, true, false nor nil")),
    }
}
