//! The sources of a contact sync: reads their descriptions from Ruby, and tells Ruby how they were read.

use std::path::PathBuf;

use crm_sync::contacts::{
    AttributeSource, ContactLayout, ContactTable, Fingerprints, KeyKind, KeyLayout, LeadLayout, LeadTable, ParentSource,
};
use crm_sync::reading::contacts::Sources;
use crm_sync::reading::incremental::{Extent, KeepIn, LastRead, ReadSummary, Second, Select, Source};
use crm_sync::Error as CoreError;
use magnus::typed_data::Obj;
use magnus::{Error, RHash, Ruby};

use crate::errors;
use crate::options::{Given, Options};
use crate::snapshot::{FreshSnapshot, KeptSnapshot};

/// Creates the sources of contacts and leads, with empty tables.
pub(crate) fn sources(ruby: &Ruby, options: &Options, fingerprints: &Fingerprints) -> Result<Sources, Error> {
    Ok(Sources {
        contacts: contacts(ruby, &options.nested("contacts")?, fingerprints)?,
        leads: options.optional("leads", |options| leads(ruby, options, fingerprints))?,
    })
}

fn contacts(ruby: &Ruby, options: &Options, fingerprints: &Fingerprints) -> Result<Source<ContactTable>, Error> {
    let layout = ContactLayout {
        id: options.get("id")?,
        keys: options.each("keys", key)?,
        ignored: options.list("ignored")?,
        parents: options.each("parents", parent)?,
        attributes: options.member("attributes")?.each(attribute)?,
    };
    source(ruby, options, ContactTable::new(layout, fingerprints.clone()))
}

/// The kinds of keys, by their names in declarations.
pub(crate) const KINDS: [(&str, KeyKind); 5] = [
    ("email", KeyKind::Email),
    ("text", KeyKind::Text),
    ("uuid", KeyKind::Uuid),
    ("integer", KeyKind::Integer),
    ("lead", KeyKind::Lead),
];

fn key(options: &Options) -> Result<KeyLayout, Error> {
    Ok(KeyLayout { kind: options.chosen("kind", &KINDS)?, fields: options.list("fields")? })
}

/// Reads the positions of the field that refers to a parent, and of the parent's own id.
fn parent(options: &Options) -> Result<ParentSource, Error> {
    Ok(ParentSource { reference: options.get("reference")?, id: options.get("id")? })
}

/// Reads the cells of an attribute: pairs of a field and the parents on the path to it.
fn attribute(given: Given) -> Result<AttributeSource, Error> {
    let cell = |given: Given| {
        let (field, parents) = given.pair()?;
        Ok((field.to()?, parents.list()?))
    };
    Ok(AttributeSource { cells: given.each(cell)? })
}

fn leads(ruby: &Ruby, options: &Options, fingerprints: &Fingerprints) -> Result<Source<LeadTable>, Error> {
    let layout = LeadLayout {
        id: options.get("id")?,
        keys: options.each("keys", key)?,
        ignored: options.list("ignored")?,
        status: options.get("status")?,
        converted: options.get("converted")?,
    };
    source(ruby, options, LeadTable::new(layout, fingerprints.clone()))
}

fn source<T>(ruby: &Ruby, options: &Options, table: T) -> Result<Source<T>, Error> {
    let select = Select {
        object: options.get("object")?,
        fields: options.list("fields")?,
        condition: options.get("where")?,
        stamps: options.list("stamps")?,
    };
    let file = options.get::<Option<String>>("keep_in")?.map(PathBuf::from);
    let began = options.get("began")?;
    let keep_in = file.map(|file| KeepIn { file, began });
    Ok(Source { select, extent: extent(ruby, options)?, keep_in, table })
}

fn extent(ruby: &Ruby, options: &Options) -> Result<Extent, Error> {
    let Some(kept) = options.get::<Option<Obj<KeptSnapshot>>>("kept")? else { return Ok(Extent::All(None)) };
    let unusable = || errors::raise(ruby, CoreError::Internal("a last read cannot be used".into()));
    let since = Second::parse(&options.get::<String>("since")?).ok_or_else(unusable)?;
    let last = LastRead { rows: kept.take().ok_or_else(unusable)?, since };
    Ok(match options.get("changes_only")? {
        true => Extent::Changes(last),
        false => Extent::All(Some(last)),
    })
}

/// Returns a Hash that says how a source was read: `:changed` and `:missed` (numbers of rows, or nil), `:oldest` (a
/// time, or nil) and `:snapshot` (nil unless rows are kept).
pub(crate) fn summary_value(ruby: &Ruby, summary: ReadSummary) -> Result<RHash, Error> {
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("changed"), summary.changed)?;
    hash.aset(ruby.to_symbol("missed"), summary.missed.map(|missed| missed.rows))?;
    let oldest = summary.missed.and_then(|missed| missed.oldest);
    hash.aset(ruby.to_symbol("oldest"), oldest.map(|second| second.to_string()))?;
    hash.aset(ruby.to_symbol("snapshot"), summary.snapshot.map(FreshSnapshot::new))?;
    Ok(hash)
}
