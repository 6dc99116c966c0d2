//! Opens and checks the files of the gathering stages for the compare.

use std::path::Path;

use super::failure::failed;
use crate::digest::Digest;
use crate::error::Result;

/// A file of gathered records.
pub(super) struct GatheredFile<'g> {
    pub(super) path: &'g Path,
    /// The SHA-256 digest that it had when it was gathered; `None` if that is not known.
    pub(super) sha256: Option<&'g str>,
    /// The stage that gathers it.
    pub(super) stage: &'static str,
}

impl GatheredFile<'_> {
    /// Begins a digest, if there is one to compare it with.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.sha256.map(|_| Digest::default())
    }

    /// Checks that the file is as it was gathered. This comes before any complaint about its content, because somebody may have
    /// changed it between the stages.
    pub(super) fn check(&self, digest: Option<Digest>) -> Result<()> {
        match digest.map(Digest::hex).as_deref() == self.sha256 {
            true => Ok(()),
            false => Err(failed(self.path, format!("it is not as it was gathered; run {} again", self.stage))),
        }
    }
}
