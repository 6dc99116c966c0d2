//! The organization sync for Ruby: gathering, comparing, and checking what changed since a plan.

mod gathering;
mod rules;
mod tables;
mod values;

use magnus::{Error, RModule, Ruby};

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    gathering::init(ruby, native)?;
    tables::init(ruby, native)
}
