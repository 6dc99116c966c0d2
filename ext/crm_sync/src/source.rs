//! The sources of a contact sync, as the Ruby side describes them and as it hears of them.

use std::path::PathBuf;

use crm_sync::contacts::{
    AttributeSource, ContactLayout, ContactTable, Fingerprints, LeadLayout, LeadTable, ParentSource,
};
use crm_sync::reading::contacts::Sources;
use crm_sync::reading::incremental::{Extent, LastRead, ReadSummary, Second, Select, Source};
use crm_sync::Error as CoreError;
use magnus::typed_data::Obj;
use magnus::{Error, RArray, RHash, Ruby, TryConvert, Value};

use crate::convert::{pair, List, Options};
use crate::errors;
use crate::snapshot::{FreshSnapshot, KeptSnapshot};

/// Makes the sources of contacts and leads, with tables for them.
pub(crate) fn sources(ruby: &Ruby, options: Options, fingerprints: &Fingerprints) -> Result<Sources, Error> {
    let wanted = options.get::<Option<Options>>("leads")?;
    Ok(Sources {
        contacts: contacts(ruby, options.get("contacts")?, fingerprints)?,
        leads: wanted.map(|options| leads(ruby, options, fingerprints)).transpose()?,
    })
}

fn contacts(ruby: &Ruby, options: Options, fingerprints: &Fingerprints) -> Result<Source<ContactTable>, Error> {
    let parents: Vec<(usize, usize)> = options.list("parents", pair)?;
    let attributes = options.list("attributes", |cells| RArray::try_convert(cells)?.into_iter().map(cell).collect())?;
    let layout = ContactLayout {
        id: options.get("id")?,
        addresses: options.get::<List<_>>("addresses")?.0,
        ignored: options.get::<List<_>>("ignored")?.0,
        parents: parents.into_iter().map(|(reference, id)| ParentSource { reference, id }).collect(),
        attributes: attributes.into_iter().map(|cells| AttributeSource { cells }).collect(),
    };
    source(ruby, options, ContactTable::new(layout, fingerprints.clone()))
}

/// Returns a field, and the parents on the way to it.
fn cell(value: Value) -> Result<(usize, Vec<usize>), Error> {
    let (field, parents) = pair::<_, List<_>>(value)?;
    Ok((field, parents.0))
}

fn leads(ruby: &Ruby, options: Options, fingerprints: &Fingerprints) -> Result<Source<LeadTable>, Error> {
    let layout = LeadLayout {
        id: options.get("id")?,
        addresses: options.get::<List<_>>("addresses")?.0,
        ignored: options.get::<List<_>>("ignored")?.0,
        status: options.get("status")?,
        converted: options.get("converted")?,
    };
    source(ruby, options, LeadTable::new(layout, fingerprints.clone()))
}

fn source<T>(ruby: &Ruby, options: Options, table: T) -> Result<Source<T>, Error> {
    let select = Select {
        object: options.get("object")?,
        fields: options.get::<List<_>>("fields")?.0,
        condition: options.get("where")?,
        stamps: options.get::<List<_>>("stamps")?.0,
    };
    let keep_in = options.get::<Option<String>>("keep_in")?.map(PathBuf::from);
    Ok(Source { select, extent: extent(ruby, options)?, keep_in, table })
}

fn extent(ruby: &Ruby, options: Options) -> Result<Extent, Error> {
    let Some(kept) = options.get::<Option<Obj<KeptSnapshot>>>("kept")? else { return Ok(Extent::All(None)) };
    let unusable = || errors::raise(ruby, CoreError::Internal("a last read cannot be used".into()));
    let since = Second::parse(&options.get::<String>("since")?).ok_or_else(unusable)?;
    let last = LastRead { rows: kept.take().ok_or_else(unusable)?, since };
    Ok(match options.get("changes_only")? {
        true => Extent::Changes(last),
        false => Extent::All(Some(last)),
    })
}

/// Returns how a source was read: `changed` and `missed` (rows, or nil), `oldest` (a time, or nil), and `snapshot`, which
/// goes to the first who asks.
pub(crate) fn summary_value(ruby: &Ruby, summary: &mut ReadSummary) -> Result<RHash, Error> {
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("changed"), summary.changed)?;
    hash.aset(ruby.to_symbol("missed"), summary.missed.map(|missed| missed.rows))?;
    let oldest = summary.missed.and_then(|missed| missed.oldest);
    hash.aset(ruby.to_symbol("oldest"), oldest.map(|second| second.to_string()))?;
    hash.aset(ruby.to_symbol("snapshot"), summary.snapshot.take().map(FreshSnapshot::new))?;
    Ok(hash)
}
