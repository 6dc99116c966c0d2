//! Private files that are deleted unless they are kept.

use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// A new file that only its owner can read, because it holds people's names and addresses. It is deleted when this
/// value is dropped, unless it is kept.
pub(crate) struct Unkept {
    file: NamedTempFile,
    process: u32,
}

impl Unkept {
    /// Creates a file that must not exist yet. A link in its place is not followed.
    ///
    /// # Errors
    /// Returns the error of the file system.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Self::named(path, Builder::new().prefix(path.file_name().unwrap_or_default()).rand_bytes(0))
    }

    /// Creates a file beside the one that it is to replace. Its name contains the id of this process, so that a file
    /// left by a killed process can be recognized.
    ///
    /// # Errors
    /// Returns the error of the file system.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        let name = target.with_extension(format!("{}-", std::process::id()));
        Self::named(&name, Builder::new().prefix(name.file_name().unwrap_or_default()).suffix(".unwritten"))
    }

    fn named(path: &Path, builder: &Builder<'_, '_>) -> io::Result<Self> {
        let file = builder.tempfile_in(path.parent().unwrap_or(path))?;
        Ok(Self { file, process: std::process::id() })
    }

    /// Flushes the file to the disk.
    ///
    /// # Errors
    /// Returns the error of the file system.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.as_file().sync_all()
    }

    /// Flushes the file and moves it atomically to `target`.
    ///
    /// # Errors
    /// Returns the error of the file system.
    pub(crate) fn replace(&mut self, target: &Path) -> io::Result<()> {
        self.sync()?;
        std::fs::rename(self.file.path(), target)?;
        self.file.disable_cleanup(true);
        Ok(())
    }

    /// Keeps the file under its own name. Returns false if somebody has deleted it meanwhile.
    pub(crate) fn keep(&mut self) -> bool {
        self.file.disable_cleanup(true);
        self.file.path().symlink_metadata().is_ok_and(|file| file.is_file())
    }
}

impl Write for Unkept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        // A forked child has a copy of this value, but the file belongs to the parent.
        if self.process != std::process::id() {
            self.file.disable_cleanup(true);
        }
    }
}
