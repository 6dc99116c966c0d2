//! `CrmSync::Email.normalize` and the index below `CrmSync::EmailIndex`.

use std::sync::{Mutex, PoisonError};

use crm_sync::contacts::{normalize, AddressIndex, Fingerprints, Reach};
use magnus::{function, method, Error, Module, Object, RModule, RString, Ruby, Symbol};

use crate::class::define;
use crate::convert::List;
use crate::gvl::with_text;

fn normalize_address(text: RString) -> Option<String> {
    with_text(&text, |text| text.and_then(normalize).map(std::borrow::Cow::into_owned))
}

/// An index whose claimants are numbers; the Ruby side keeps what they stand for.
#[magnus::wrap(class = "CrmSync::Native::AddressIndex", free_immediately, size)]
struct Index(Mutex<AddressIndex>);

impl Index {
    fn new() -> Self {
        Self(Mutex::new(AddressIndex::new(Fingerprints::new())))
    }

    fn with<T>(&self, use_index: impl FnOnce(&mut AddressIndex) -> T) -> T {
        use_index(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, claimant: u32, address: RString) -> bool {
        with_text(&address, |text| text.is_some_and(|text| self.with(|index| index.add(claimant, text))))
    }

    fn reach(ruby: &Ruby, index: &Self, List(addresses): List<String>) -> Result<(Symbol, Vec<u32>), Error> {
        let (outcome, claimants) = index.with(|index| {
            let found: Vec<_> = addresses.iter().filter_map(|address| index.find_text(address)).collect();
            match index.reach(&found) {
                Reach::Nothing => ("none", Vec::new()),
                Reach::One(claimant) => ("one", vec![claimant]),
                Reach::Closed(claimant) => ("closed", vec![claimant]),
                Reach::Several(claimants) => ("several", claimants.into_iter().collect()),
                Reach::Contested(addresses) => {
                    let claimants: std::collections::BTreeSet<u32> =
                        addresses.into_iter().flat_map(|address| index.claimants(address)).collect();
                    ("contested", claimants.into_iter().collect())
                }
            }
        });
        Ok((ruby.to_symbol(outcome), claimants))
    }

    fn contested(&self) -> Vec<(String, Vec<u32>)> {
        self.with(|index| {
            let entry = |address| (index.text(address).to_owned(), index.claimants(address).collect());
            index.contested().map(entry).collect()
        })
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    native.define_singleton_method("normalize_address", function!(normalize_address, 1))?;
    let class = define::<Index>(ruby, native, "AddressIndex")?;
    class.define_singleton_method("new", function!(Index::new, 0))?;
    class.define_method("add", method!(Index::add, 2))?;
    class.define_method("reach", method!(Index::reach, 1))?;
    class.define_method("contested", method!(Index::contested, 0))
}
