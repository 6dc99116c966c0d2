//! The rules of a declaration, as Ruby passes them: with numbers in place of the fields of an account.

use std::sync::Arc;

use crm_sync::compare::Kind;
use crm_sync::organizations::{
    AttributeRule, Case, Condition, DropDownOption, Managed, MarkRule, OlderThan, Parent, Policy, Remembered, Rules,
    Source, Target,
};
use crm_sync::rows::Cell;
use magnus::value::{Qfalse, Qtrue, ReprValue};
use magnus::{Error, Float, Integer, RString};

use crate::options::{Given, Options};

pub(crate) fn rules(options: &Options) -> Result<Rules, Error> {
    Ok(Rules {
        account_fields: options.list("account_fields")?,
        account_key: options.get("account_key")?,
        organization_key: target(&options.nested("organization_key")?)?,
        attributes: options.each("attributes", attribute)?,
        managed: options.optional("managed", managed)?,
        mark: options.optional("mark", mark)?,
        outside_managed: policy(options, "outside_managed")?,
        name_taken: policy(options, "name_taken")?,
        parents: options.each("parents", parent)?,
        remembered: options.each("remembered", remembered)?,
    })
}

/// Reads the drop-down field by which an organization is managed, and the tags that say so.
fn managed(options: &Options) -> Result<Managed, Error> {
    Ok(Managed { field: options.get("field")?, values: options.list("values")? })
}

/// Reads the positions of the field that refers to a parent, of the parent's own id, and of the fields that are read
/// from the parent.
fn parent(options: &Options) -> Result<Parent, Error> {
    Ok(Parent { reference: options.get("reference")?, id: options.get("id")?, fields: options.list("fields")? })
}

/// Reads a remembered write: the value that was sent to a target, the value that was stored there, and whether the
/// service refused the value.
fn remembered(options: &Options) -> Result<Remembered, Error> {
    Ok(Remembered {
        organization: options.get("organization")?,
        target: target(options)?,
        sent: cell(&options.member("sent")?)?,
        stored: cell(&options.member("stored")?)?,
        refused: options.get("refused")?,
    })
}

fn attribute(options: &Options) -> Result<AttributeRule, Error> {
    let option = |given: Given| {
        let (tag, label) = given.pair()?;
        Ok(DropDownOption { tag: tag.to()?, label: label.to()? })
    };
    Ok(AttributeRule {
        target: target(options)?,
        // Zendesk's name of the field's type. A type that the core does not know is not an error.
        kind: Kind::of_zendesk(&options.get::<String>("type")?).unwrap_or_default(),
        source: source(&options.nested("source")?)?,
        options: options.member("options")?.each(option)?,
    })
}

/// Creates a target from its name.
type Place = fn(Arc<str>) -> Target;

const PLACES: [(&str, Place); 2] = [("attribute", Target::Attribute), ("field", Target::Field)];

/// Reads a target: a `place` in an organization, and a `name` there.
pub(super) fn target(options: &Options) -> Result<Target, Error> {
    let place = options.chosen("place", &PLACES)?;
    Ok(place(options.get::<String>("name")?.into()))
}

/// Reads the options of one kind of source.
type Make = fn(&Options) -> Result<Source, Error>;

const SOURCES: [(&str, Make); 4] = [
    ("field", |options| Ok(Source::Field(options.get("field")?))),
    ("id15", |options| Ok(Source::Id15(options.get("field")?))),
    ("equals", |options| Ok(Source::Equals(condition(options)?))),
    ("first_of", |options| Ok(Source::FirstOf(options.each("cases", case)?))),
];

fn source(options: &Options) -> Result<Source, Error> {
    options.chosen("kind", &SOURCES)?(options)
}

fn case(options: &Options) -> Result<Case, Error> {
    Ok(Case { when: options.each("when", condition)?, then: cell(&options.member("then")?)? })
}

fn condition(options: &Options) -> Result<Condition, Error> {
    Ok(Condition { field: options.get("field")?, equals: cell(&options.member("equals")?)? })
}

fn mark(options: &Options) -> Result<MarkRule, Error> {
    let older_than = |options: &Options| Ok(OlderThan { field: options.get("field")?, day: options.get("day")? });
    Ok(MarkRule {
        field: options.get::<String>("field")?.into(),
        unmark: options.get("unmark")?,
        only_if: options.optional("only_if", older_than)?,
    })
}

fn policy(options: &Options, name: &str) -> Result<Policy, Error> {
    options.chosen(name, &[("adopt", Policy::Adopt), ("report", Policy::Report)])
}

/// Reads a value as a cell. The value is nil, true, false, a number or a text.
pub(super) fn cell(given: &Given) -> Result<Cell<'static>, Error> {
    let value = given.value();
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
        _ => Err(given.refuse("must be text, a number, true, false or nil")),
    }
}
