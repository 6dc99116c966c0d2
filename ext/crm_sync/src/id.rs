//! The ids of Salesforce records.

use crm_sync::rows::Id;
use magnus::{function, Error, Object, RModule, RString, Value};

use crate::gvl::with_bytes;
use crate::options::Given;

/// Reads an id of 15 or 18 characters.
pub(crate) fn id(given: &Given) -> Result<Id, Error> {
    Id::parse(&given.to::<String>()?).ok_or_else(|| given.refuse("is not a Salesforce id"))
}

/// Returns both spellings of an id, the long one first; nil if the text is not an id.
fn id_spellings(text: Value) -> Option<(String, String)> {
    let text = RString::from_value(text)?;
    let id = with_bytes(&text, |bytes| std::str::from_utf8(bytes).ok().and_then(Id::parse))?;
    Some((id.as_str().to_owned(), id.short().to_owned()))
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("id_spellings", function!(id_spellings, 1))
}
