//! Errors of files.

use std::path::Path;

use crate::error::{presentable, Error};

/// Returns the error for a file.
pub(super) fn failed(path: &Path, problem: impl Into<String>) -> Error {
    Error::File { path: presentable(&path.to_string_lossy()), problem: problem.into() }
}
