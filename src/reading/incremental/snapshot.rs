//! Writes the rows of a read to a private file while they arrive, followed by the fates of missing records.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use flate2::Compression;
use serde::Serialize;

use super::absence;
use crate::digest::Digested;
use crate::rows::{Cell, Id};
use crate::salesforce::Fate;
use crate::unkept::Unkept;

/// A snapshot in progress: a gzip file of JSON lines. Each line is an array with the cells of a row, or an object with
/// the fate of a missing record. An error is kept until [`SnapshotWriter::finish`], because a read need not fail when
/// its rows cannot be kept.
pub struct SnapshotWriter {
    out: GzEncoder<Digested<BufWriter<Unkept>>>,
    line: Vec<u8>,
    failure: Option<io::Error>,
}

impl SnapshotWriter {
    /// Creates a file that only its owner can read. It must not exist yet; a link in its place is not followed.
    ///
    /// # Errors
    /// Returns the error of the file system.
    pub fn create(path: &Path) -> io::Result<Self> {
        let out = Digested::new(BufWriter::new(Unkept::create(path)?));
        Ok(Self { out: GzEncoder::new(out, Compression::fast()), line: Vec::new(), failure: None })
    }

    /// Adds a row.
    pub fn add(&mut self, cells: &[Cell<'_>]) {
        self.add_line(cells);
    }

    /// Adds the fate of a missing record.
    pub(super) fn add_absent(&mut self, id: Id, fate: Fate) {
        self.add_line(&absence::line(id, fate));
    }

    /// Marks the snapshot as not worth keeping, for this reason.
    pub fn give_up(&mut self, why: &'static str) {
        self.failure.get_or_insert_with(|| io::Error::other(why));
    }

    /// Completes the file and flushes it to the disk.
    ///
    /// # Errors
    /// Returns the first error since the file was created, including that of [`SnapshotWriter::give_up`].
    pub fn finish(self) -> io::Result<Written> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let Digested { inner, digest } = self.out.finish()?;
        let file = inner.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync()?;
        Ok(Written { file, digest: digest.hex() })
    }

    fn add_line(&mut self, line: &(impl Serialize + ?Sized)) {
        if self.failure.is_none() {
            self.failure = self.write(line).err();
        }
    }

    fn write(&mut self, line: &(impl Serialize + ?Sized)) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }
}

/// A complete snapshot. The file is deleted when this value is dropped, unless it is kept.
pub struct Written {
    file: Unkept,
    digest: String,
}

impl Written {
    /// Returns the SHA-256 digest of the file, by which it is recognized later.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Keeps the file. Returns false if somebody has deleted it meanwhile.
    pub fn keep(&mut self) -> bool {
        self.file.keep()
    }
}
