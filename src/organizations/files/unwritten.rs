//! A file that takes the place of another one at once or not at all.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{presentable, Error};

/// A file that is written beside the one whose place it takes when it is whole. One that does not come to that goes away.
pub(super) struct Unwritten {
    file: File,
    path: PathBuf,
    target: PathBuf,
    kept: bool,
}

impl Unwritten {
    /// Creates a new file, which is never another one's, nor at the end of a link; readable by its owner only.
    pub(super) fn begin(target: &Path) -> std::io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = target.with_extension(format!("{}-{number}.unwritten", std::process::id()));
        // One of a killed process that had our number.
        let _ = std::fs::remove_file(&path);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { file, path, target: target.to_owned(), kept: false })
    }

    /// Puts it in its place.
    pub(super) fn keep(&mut self) -> std::io::Result<()> {
        self.file.sync_data()?;
        std::fs::rename(&self.path, &self.target)?;
        self.kept = true;
        Ok(())
    }
}

impl Write for Unwritten {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Returns the error of a file.
pub(super) fn failed(path: &Path, problem: impl Into<String>) -> Error {
    Error::File { path: presentable(&path.to_string_lossy()), problem: problem.into() }
}
