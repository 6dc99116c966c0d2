//! The organization sync for the Ruby side: gathering, comparing, and what moved since.

mod gathering;
mod rules;
mod tables;
mod values;

use magnus::{Error, RModule, Ruby};

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    gathering::init(ruby, native)?;
    tables::init(ruby, native)
}
