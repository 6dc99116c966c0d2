//! What Salesforce's refusals are about.

use crm_sync::salesforce::concerns_all_writes;
use magnus::{function, Error, Object, RModule};

/// Returns whether a write was refused with this status and code as every other one would be.
fn refused_with_all(status: Option<u16>, code: Option<String>) -> bool {
    concerns_all_writes(status, code.as_deref())
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("refused_with_all?", function!(refused_with_all, 2))
}
