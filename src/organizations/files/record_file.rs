//! Writes the files of the gathering stages record by record: a JSON array with one record per line.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::failure::failed;
use crate::digest::Digested;
use crate::error::Result;
use crate::rows::{Cell, RowSink};
use crate::unkept::Unkept;

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The number of records in the file.
    pub records: u64,
    /// The SHA-256 digest of the file, by which the next stage recognizes it.
    pub sha256: String,
}

/// A file to which records are being written.
struct RecordFile {
    path: PathBuf,
    writer: BufWriter<Digested<Unkept>>,
    records: u64,
}

impl RecordFile {
    fn create(path: &Path) -> Result<Self> {
        let writer = Unkept::beside(path)
            .map(|file| BufWriter::new(Digested::new(file)))
            .map_err(|error| unwritten(path, &error))?;
        Ok(Self { path: path.to_owned(), writer, records: 0 })
    }

    fn begin_record(&mut self) -> std::io::Result<()> {
        self.records += 1;
        self.writer.write_all(if self.records == 1 { b"[\n" } else { b",\n" })
    }

    fn finish(mut self) -> Result<Written> {
        let end: &[u8] = if self.records == 0 { b"[]\n" } else { b"\n]\n" };
        let written = self.writer.write_all(end).and_then(|()| self.writer.flush());
        let written = written.and_then(|()| self.writer.get_mut().inner.replace(&self.path));
        written.map_err(|error| unwritten(&self.path, &error))?;
        let digest = std::mem::take(&mut self.writer.get_mut().digest);
        Ok(Written { records: self.records, sha256: digest.hex() })
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> crate::Error {
    failed(path, format!("it cannot be written: {error}"))
}

/// Writes accounts as they are read, for [`read_accounts`](super::read_accounts). A row has the cells of the fields for
/// which the file was created. The fields of a parent are written as a nested object, as Salesforce sends them.
pub struct AccountFile {
    file: RecordFile,
    fields: Vec<String>,
}

impl AccountFile {
    /// Creates a file for these fields, which may be paths such as `Owner.Name`. Only its owner can read it.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the file cannot be written.
    pub fn create(path: &Path, fields: Vec<String>) -> Result<Self> {
        Ok(Self { file: RecordFile::create(path)?, fields })
    }

    /// Completes the file, and replaces an older one with it.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the file cannot be written.
    pub fn finish(self) -> Result<Written> {
        self.file.finish()
    }
}

impl RowSink for AccountFile {
    fn row(&mut self, cells: &[Cell<'_>]) -> std::result::Result<(), String> {
        let mut account = Object::default();
        for (path, cell) in self.fields.iter().zip(cells) {
            account.put(path, cell);
        }
        let written =
            self.file.begin_record().and_then(|()| Ok(serde_json::to_writer(&mut self.file.writer, &account)?));
        written.map_err(|error| format!("it could not be kept in {}: {error}", self.file.path.display()))
    }

    fn keeps_text(&self) -> bool {
        false
    }
}

/// Writes organizations as Zendesk returns them, for [`read_organizations`](super::read_organizations).
pub struct OrganizationFile(RecordFile);

impl OrganizationFile {
    /// Creates a file that only its owner can read.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the file cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        RecordFile::create(path).map(Self)
    }

    /// Appends the organizations of a JSON array.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the file cannot be written.
    pub fn append(&mut self, records: &str) -> Result<()> {
        let wrong = |problem: &dyn std::fmt::Display| failed(&self.0.path, format!("it cannot be written: {problem}"));
        let records: Vec<&serde_json::value::RawValue> =
            serde_json::from_str(records).map_err(|error| wrong(&error))?;
        let mut append = |record: &serde_json::value::RawValue| {
            self.0.begin_record().and_then(|()| self.0.writer.write_all(record.get().as_bytes()))
        };
        let written = records.into_iter().try_for_each(&mut append);
        written.map_err(|error| unwritten(&self.0.path, &error))
    }

    /// Completes the file, and replaces an older one with it.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the file cannot be written.
    pub fn finish(self) -> Result<Written> {
        self.0.finish()
    }
}

/// A record, with its parents as nested objects.
#[derive(Default)]
struct Object<'c> {
    values: BTreeMap<&'c str, &'c Cell<'c>>,
    parents: BTreeMap<&'c str, Object<'c>>,
}

impl<'c> Object<'c> {
    fn put(&mut self, path: &'c str, cell: &'c Cell<'_>) {
        match path.split_once('.') {
            Some((parent, path)) => self.parents.entry(parent).or_default().put(path, cell),
            None => drop(self.values.insert(path, cell)),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut object = serializer.serialize_map(None)?;
        for (name, cell) in &self.values {
            object.serialize_entry(name, cell)?;
        }
        for (name, parent) in &self.parents {
            object.serialize_entry(name, parent)?;
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::digest::Digest;

    /// Returns the number of records and the contents of a file. Checks its digest.
    fn counted(path: &Path, written: &Written) -> (u64, String) {
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(written.sha256, Digest::default().of(text.as_bytes()).hex());
        (written.records, text)
    }

    fn written(fields: &[&str], rows: &[&[Cell<'_>]]) -> (u64, String) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("records.json");
        let mut file = AccountFile::create(&path, fields.iter().map(ToString::to_string).collect()).unwrap();
        for row in rows {
            file.row(row).unwrap();
        }
        counted(&path, &file.finish().unwrap())
    }

    #[test]
    fn a_file_without_records_is_an_empty_array() {
        assert_eq!(written(&["Id"], &[]), (0, "[]\n".into()));
    }

    #[test]
    fn each_record_has_a_line_and_parents_are_objects_in_it() {
        let text = |text: &'static str| Cell::Text(text.into());
        let rows: [&[Cell<'_>]; 3] = [
            &[text("a"), text("Ann"), Cell::Null],
            &[text("b"), Cell::Null, Cell::Bool(true)],
            &[text("c"), text("Cem"), Cell::Number("12345678901234567.89".into())],
        ];
        let expected = concat!(
            "[\n{\"Id\":\"a\",\"Owner\":{\"Name\":\"Ann\",\"Boss\":{\"Rank\":null}}}",
            ",\n{\"Id\":\"b\",\"Owner\":{\"Name\":null,\"Boss\":{\"Rank\":true}}}",
            ",\n{\"Id\":\"c\",\"Owner\":{\"Name\":\"Cem\",\"Boss\":{\"Rank\":12345678901234567.89}}}\n]\n",
        );
        assert_eq!(written(&["Id", "Owner.Name", "Owner.Boss.Rank"], &rows), (3, expected.into()));
    }

    #[test]
    fn what_is_unknown_is_not_written_as_empty() {
        let folder = TempDir::new().unwrap();
        let mut file = AccountFile::create(&folder.path().join("records.json"), vec!["Owner.Name".into()]).unwrap();
        assert!(file.row(&[Cell::Unknown]).unwrap_err().contains("what is unknown has no JSON"));
    }

    #[test]
    fn organizations_are_kept_as_they_came_and_counted() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("records.json");
        let mut file = OrganizationFile::create(&path).unwrap();
        file.append(r#"[{"id":1,"name":"a"}, {"id": 2}]"#).unwrap();
        file.append("[]").unwrap();
        file.append(r#"[{"id":3.0}]"#).unwrap();
        assert!(file.append(r#"{"id":4}"#).unwrap_err().to_string().contains("it cannot be written"));
        let expected = "[\n{\"id\":1,\"name\":\"a\"},\n{\"id\": 2},\n{\"id\":3.0}\n]\n";
        assert_eq!(counted(&path, &file.finish().unwrap()), (3, expected.into()));
    }
}
