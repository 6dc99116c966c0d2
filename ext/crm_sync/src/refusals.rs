//! Classifies the refusals of Salesforce.

use crm_sync::salesforce::concerns_all_writes;
use magnus::{function, Error, Object, RModule};

/// Returns whether Salesforce, having refused a write with this status and code, would refuse every other write too.
fn refused_with_all(status: Option<u16>, code: Option<String>) -> bool {
    concerns_all_writes(status, code.as_deref())
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("refused_with_all?", function!(refused_with_all, 2))
}
