//! SHA-256 digests of texts, for what is sealed.

use std::sync::{Mutex, PoisonError};

use crm_sync::digest::Digest;
use magnus::typed_data::Obj;
use magnus::{function, method, Error, Module, Object, RModule, RString, Ruby};

use crate::class::define;
use crate::gvl::with_bytes;

/// A digest that is being made. Locked with the GVL only, so that no fork can find it locked.
#[derive(Default)]
#[magnus::wrap(class = "CrmSync::Native::Digest", free_immediately, size)]
struct Sealing(Mutex<Digest>);

impl Sealing {
    fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    fn update(sealing: Obj<Self>, text: RString) -> Obj<Self> {
        let mut digest = sealing.0.lock().unwrap_or_else(PoisonError::into_inner);
        with_bytes(&text, |bytes| digest.update(bytes));
        drop(digest);
        sealing
    }

    /// Returns the digest of all texts so far.
    fn hexdigest(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().hex()
    }
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = define::<Sealing>(ruby, native, "Digest")?;
    class.define_singleton_method("new", function!(Sealing::new, 0))?;
    class.define_method("<<", method!(Sealing::update, 1))?;
    class.define_method("hexdigest", method!(Sealing::hexdigest, 0))
}
