//! Private files that go away unless they are kept.

use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// A new file that only its owner can read, and that is deleted at its end unless it is kept: it holds people's names and
/// addresses.
pub(crate) struct Unkept {
    file: NamedTempFile,
    process: u32,
}

impl Unkept {
    /// Creates a file, where there is none; a link in its place is not followed.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Self::named(path, Builder::new().prefix(path.file_name().unwrap_or_default()).rand_bytes(0))
    }

    /// Creates a file beside the one whose place it is to take. Its name says which process began it, so that one that a
    /// killed process has left is known as such.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        let name = target.with_extension(format!("{}-", std::process::id()));
        Self::named(&name, Builder::new().prefix(name.file_name().unwrap_or_default()).suffix(".unwritten"))
    }

    fn named(path: &Path, builder: &Builder<'_, '_>) -> io::Result<Self> {
        let file = builder.tempfile_in(path.parent().unwrap_or(path))?;
        Ok(Self { file, process: std::process::id() })
    }

    /// Waits until the disk has it.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.as_file().sync_all()
    }

    /// Puts it in the place of another one, at once or not at all.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) fn replace(&mut self, target: &Path) -> io::Result<()> {
        self.sync()?;
        std::fs::rename(self.file.path(), target)?;
        self.file.disable_cleanup(true);
        Ok(())
    }

    /// Lets it stay under its own name; false where somebody has deleted it meanwhile.
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
        // A forked child has a copy of this, but not the file.
        if self.process != std::process::id() {
            self.file.disable_cleanup(true);
        }
    }
}
