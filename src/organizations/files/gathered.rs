//! The files of the gathering stages, as the compare finds them.

use std::path::Path;

use super::failure::failed;
use crate::digest::Digest;
use crate::error::Result;

/// A file of gathered records.
pub(super) struct GatheredFile<'g> {
    pub(super) path: &'g Path,
    /// The SHA-256 digest that it had when it was gathered; `None` where nobody knows.
    pub(super) sha256: Option<&'g str>,
    /// The stage that gathers it.
    pub(super) stage: &'static str,
}

impl GatheredFile<'_> {
    /// Begins a digest, where there is one to compare it with.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.sha256.map(|_| Digest::default())
    }

    /// Checks that it is as it was gathered. That comes before all that is wrong in it: between the stages somebody else
    /// may have changed it.
    pub(super) fn check(&self, digest: Option<Digest>) -> Result<()> {
        match digest.map(Digest::hex).as_deref() == self.sha256 {
            true => Ok(()),
            false => Err(failed(self.path, format!("it is not as it was gathered; run {} again", self.stage))),
        }
    }
}
