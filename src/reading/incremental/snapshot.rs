//! The rows of a read, written to a private file while they come.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::write::GzEncoder;
use flate2::Compression;

use crate::rows::Cell;

/// A snapshot that is being written: gzip over lines, each with the cells of a row as an array in JSON. A failure is
/// kept until the end, because a read need not fail when its rows cannot be kept.
pub struct SnapshotWriter {
    file: Unkept,
    out: GzEncoder<Hashed<BufWriter<File>>>,
    line: Vec<u8>,
    failure: Option<io::Error>,
}

impl SnapshotWriter {
    /// Begins a file that only its owner can read. It must be a new one: a link in its place is not followed.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let out = Hashed { inner: BufWriter::new(file), hash: Context::new(&SHA256) };
        let file = Unkept { path: path.to_owned(), process: std::process::id(), kept: false };
        Ok(Self { file, out: GzEncoder::new(out, Compression::fast()), line: Vec::new(), failure: None })
    }

    /// Adds a row.
    pub fn add(&mut self, cells: &[Cell<'_>]) {
        if self.failure.is_none() {
            self.failure = self.write(cells).err();
        }
    }

    /// Notes that these rows are not to be kept, and why.
    pub fn give_up(&mut self, why: &'static str) {
        self.failure.get_or_insert_with(|| io::Error::other(why));
    }

    /// Ends the file and has it written to the disk.
    ///
    /// # Errors
    /// What went wrong since it was begun.
    pub fn finish(self) -> io::Result<Written> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let Hashed { inner, hash } = self.out.finish()?;
        let file = inner.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let digest = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Written { file: self.file, digest })
    }

    fn write(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, cells)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }
}

/// A snapshot that is written. It goes when this does, unless it is kept.
pub struct Written {
    file: Unkept,
    digest: String,
}

impl Written {
    /// Returns the SHA-256 digest of the file, by which it is known again.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Lets the file stay; false where somebody has deleted it meanwhile.
    pub fn keep(&mut self) -> bool {
        self.file.kept = true;
        self.file.path.symlink_metadata().is_ok_and(|file| file.is_file())
    }
}

/// A file that is deleted at its end, unless it is kept: it holds people's addresses.
struct Unkept {
    path: PathBuf,
    process: u32,
    kept: bool,
}

impl Drop for Unkept {
    fn drop(&mut self) {
        // A forked child has a copy of this, but not the file.
        if !self.kept && self.process == std::process::id() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Hashes what passes through.
struct Hashed<W> {
    inner: W,
    hash: Context,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
