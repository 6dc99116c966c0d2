//! The files of the gathering stages, checked before the compare stage uses them.

use std::path::Path;

use crate::digest::Digest;
use crate::error::{presentable, Error, Result};

/// A file of gathered records, and the digest that it should have.
pub(super) struct GatheredFile<'g> {
    pub(super) path: &'g Path,
    /// The SHA-256 digest of the file when it was gathered; `None` if it is not known.
    pub(super) sha256: Option<&'g str>,
    /// The stage that gathers the file.
    pub(super) stage: &'static str,
}

impl GatheredFile<'_> {
    /// Creates a digest to compute, if there is one to compare it with.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.sha256.map(|_| Digest::default())
    }

    /// Checks that the file has not changed since it was gathered. Callers do so before they report any problem of the
    /// content, because a person or a program may have changed the file between the stages.
    pub(super) fn check(&self, digest: Option<Digest>) -> Result<()> {
        match digest.map(Digest::hex).as_deref() == self.sha256 {
            true => Ok(()),
            false => Err(Error::NotAsGathered { path: presentable(&self.path.to_string_lossy()), stage: self.stage }),
        }
    }
}
