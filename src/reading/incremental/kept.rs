//! The rows of the last read, from the file in which they were kept.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use flate2::read::GzDecoder;

use super::absence::Absences;
use super::second::Second;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::rows::Cell;

/// A snapshot whose digest has been verified.
#[derive(Debug)]
pub struct Kept {
    file: File,
}

impl Kept {
    /// Opens a snapshot. Returns `None` if the file does not exist, is a link, or does not have this digest.
    #[must_use]
    pub fn open(path: &Path, digest: &str) -> Option<Self> {
        // Without `O_NONBLOCK`, opening a named pipe in the file's place would block for ever.
        let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
        let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
        let same = file.metadata().ok()?.is_file() && digest_of(&mut file).ok()? == digest;
        same.then_some(Self { file })
    }

    /// Passes each row to `take`, and returns the fates of missing records.
    ///
    /// # Errors
    /// Returns [`Error::Internal`] if the file cannot be read any more, or with the message of `take`.
    pub(super) fn each(
        mut self,
        mut take: impl FnMut(&[Cell<'_>]) -> std::result::Result<(), String>,
    ) -> Result<Absences> {
        let unreadable = |why: String| Error::Internal(format!("the snapshot of the last read cannot be read: {why}"));
        self.file.rewind().map_err(|error| unreadable(error.to_string()))?;
        let mut lines = BufReader::new(GzDecoder::new(BufReader::new(self.file)));
        let (mut line, mut absences) = (String::new(), Absences::default());
        while lines.read_line(&mut line).map_err(|error| unreadable(error.to_string()))? > 0 {
            // The parser's message is left out, because it may quote the content of the line.
            let no_row = || unreadable("a line is not a row".into());
            if line.starts_with('{') {
                absences.read(&line).ok_or_else(no_row)?;
            } else {
                let cells: Vec<Cell<'_>> = serde_json::from_str(&line).map_err(|_| no_row())?;
                take(&cells).map_err(unreadable)?;
            }
            line.clear();
        }
        Ok(absences)
    }
}

fn digest_of(file: &mut File) -> io::Result<String> {
    let (mut digest, mut block) = (Digest::default(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut block)? {
            0 => break,
            length => digest.update(&block[..length]),
        }
    }
    Ok(digest.hex())
}

/// The rows of the last read, and the time since which they may have changed.
#[derive(Debug)]
pub struct LastRead {
    /// The rows.
    pub rows: Kept,
    /// The watermark minus the overlap.
    pub since: Second,
}

#[cfg(test)]
mod tests {
    use super::super::snapshot::SnapshotWriter;
    use super::*;
    use std::os::unix::fs::{symlink, PermissionsExt};

    use tempfile::TempDir;

    fn write(path: &Path, rows: usize) -> String {
        let mut fresh = SnapshotWriter::create(path).unwrap();
        (0..rows).for_each(|row| fresh.add(&[Cell::Text(row.to_string().into()), Cell::Null, Cell::Bool(true)]));
        let mut written = fresh.finish().unwrap();
        assert!(written.keep());
        written.digest().to_owned()
    }

    #[test]
    fn rows_come_back_in_their_order_from_a_file_of_the_owner_alone() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a");
        let digest = write(&path, 3000);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let mut rows = Vec::new();
        let take = |cells: &[Cell<'_>]| {
            rows.push(format!("{cells:?}"));
            Ok(())
        };
        Kept::open(&path, &digest).unwrap().each(take).unwrap();
        assert_eq!((rows.len(), rows[2999].as_str()), (3000, "[Text(\"2999\"), Null, Bool(true)]"));
    }

    #[test]
    fn any_other_file_is_refused() {
        let folder = TempDir::new().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        let digest = write(&path, 3);
        assert!(Kept::open(&other, &digest).is_none(), "not there");
        assert!(Kept::open(folder.path(), &digest).is_none(), "a folder");
        symlink(&path, &other).unwrap();
        assert!(Kept::open(&other, &digest).is_none(), "a link to it");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(Kept::open(&path, &digest).is_none(), "cut short");
        std::fs::write(&path, [&bytes[..], b"\n"].concat()).unwrap();
        assert!(Kept::open(&path, &digest).is_none(), "with something behind it");
    }

    #[test]
    fn files_are_deleted_unless_kept_and_never_overwritten() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a");
        let mut fresh = SnapshotWriter::create(&path).unwrap();
        assert!(SnapshotWriter::create(&path).is_err());
        fresh.give_up("a reason");
        assert!(path.exists() && fresh.finish().is_err_and(|error| error.to_string() == "a reason"));
        assert!(!path.exists());
        drop(SnapshotWriter::create(&path).unwrap().finish().unwrap());
        assert!(!path.exists());
    }
}
