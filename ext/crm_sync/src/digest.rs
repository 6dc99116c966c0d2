//! SHA-256 digests of texts, for plans and their signatures.

use std::sync::{Mutex, PoisonError};

use crm_sync::digest::Digest;
use magnus::typed_data::Obj;
use magnus::{function, method, Error, Module, Object, RModule, RString, Ruby};

use crate::class::define;
use crate::gvl::with_bytes;

/// A digest under construction. Locked only while the GVL is held, so that a fork cannot find it locked.
#[derive(Default)]
#[magnus::wrap(class = "CrmSync::Native::Digest", free_immediately, size)]
struct Hasher(Mutex<Digest>);

impl Hasher {
    fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    fn update(hasher: Obj<Self>, text: RString) -> Obj<Self> {
        let mut digest = hasher.0.lock().unwrap_or_else(PoisonError::into_inner);
        with_bytes(&text, |bytes| digest.update(bytes));
        drop(digest);
        hasher
    }

    /// Returns the digest of all texts so far.
    fn hexdigest(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().hex()
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Hasher>(ruby, native, "Digest")?;
    class.define_singleton_method("new", function!(Hasher::new, 0))?;
    class.define_method("<<", method!(Hasher::update, 1))?;
    class.define_method("hexdigest", method!(Hasher::hexdigest, 0))
}
