//! Splits a large file between records, and parses the pieces in parallel.
//!
//! The beginnings of records are guessed: programs write all records alike, so a record is assumed to begin where the
//! opening of the first record (`{"id":`) follows a comma. A guess can be wrong, inside a text or a list of a record,
//! but not unnoticed: if every piece parses as a list of whole records, so does the file, and in no other way. If a
//! piece does not parse, the file is read again as a whole, which takes more memory, but tells where the problem is.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::failure::failed;
use super::gathered::GatheredFile;
use crate::digest::Digest;
use crate::error::Result;
use crate::rows::{parse, RowSink, Selection};

/// The maximum size of a file, in bytes: 2 GiB, some 1.5 million organizations.
pub const MOST_BYTES: u64 = 2 << 30;

/// The size of a piece, in bytes.
const PIECE: usize = 1 << 19;

/// Reads the records of a file into one table for each piece, in the order of the file. The digest is computed from the
/// bytes that are parsed, so the file cannot change in between.
pub(super) fn read<T: RowSink + Send>(
    gathered: &GatheredFile<'_>,
    selection: &Selection,
    table: &(impl Fn() -> T + Sync),
) -> Result<Vec<T>> {
    let (file, bytes) = open(gathered.path)?;
    if bytes > PIECE as u64 {
        if let Some((tables, digest)) = in_pieces(file, PIECE, gathered.digest(), selection, table) {
            gathered.check(digest)?;
            return Ok(tables);
        }
    }
    whole(gathered, selection, table()).map(|table| vec![table])
}

fn whole<T: RowSink>(gathered: &GatheredFile<'_>, selection: &Selection, mut table: T) -> Result<T> {
    let path = gathered.path;
    let (file, bytes) = open(path)?;
    let mut json = Vec::with_capacity(bytes as usize);
    // Bounded, because a file may grow while it is read.
    let read = file.take(MOST_BYTES).read_to_end(&mut json);
    read.map_err(|error| failed(path, format!("it cannot be read: {error}")))?;
    gathered.check(gathered.digest().map(|digest| digest.of(&json)))?;
    let json = std::str::from_utf8(&json).map_err(|_| failed(path, "it is not UTF-8"))?;
    parse(json, selection, &mut table).map_err(|problem| failed(path, problem))?;
    Ok(table)
}

/// Opens a regular file, and returns its size in bytes. Does not follow links, and does not block on a named pipe.
fn open(path: &Path) -> Result<(File, u64)> {
    let cannot = |error: std::io::Error| failed(path, format!("it cannot be opened: {error}"));
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(cannot)?;
    let facts = file.metadata().map_err(cannot)?;
    match facts.len() {
        _ if !facts.is_file() => Err(failed(path, "it is not a file")),
        bytes if bytes > MOST_BYTES => {
            Err(failed(path, format!("it has {bytes} bytes, and at most {MOST_BYTES} are read")))
        }
        bytes => Ok((file, bytes)),
    }
}

/// Reads a file in pieces, and completes its digest if there is one. Returns `None` if the file is malformed, or if the
/// beginning of a record was guessed wrong.
fn in_pieces<T: RowSink + Send>(
    file: impl Read + Send,
    size: usize,
    digest: Option<Digest>,
    selection: &Selection,
    table: &(impl Fn() -> T + Sync),
) -> Option<(Vec<T>, Option<Digest>)> {
    let pieces = Mutex::new(Pieces::new(file, size, digest)?);
    let worker = |_| {
        let (mut buffer, mut tables) = (Vec::new(), Vec::new());
        loop {
            // The lock is held only to read and hash a piece, and released before the piece is parsed.
            let number = match pieces.lock().unwrap_or_else(PoisonError::into_inner).next(&mut buffer)? {
                None => return Some(tables),
                Some(number) => number,
            };
            let mut part = table();
            parse(std::str::from_utf8(&buffer).ok()?, selection, &mut part).ok()?;
            tables.push((number, part));
        }
    };
    let tables: Option<Vec<Vec<(usize, T)>>> = (0..rayon::current_num_threads()).into_par_iter().map(worker).collect();
    let mut tables: Vec<(usize, T)> = tables?.into_iter().flatten().collect();
    tables.sort_unstable_by_key(|(number, _)| *number);
    let tables = tables.into_iter().map(|(_, table)| table).collect();
    Some((tables, pieces.into_inner().unwrap_or_else(PoisonError::into_inner).digest))
}

/// The pieces of a file. Each is a JSON array.
struct Pieces<R> {
    file: R,
    size: usize,
    /// The digest of all bytes that were read.
    digest: Option<Digest>,
    /// The bytes with which every record begins, such as `{"id":`.
    opening: Vec<u8>,
    /// The bytes that were read but belong to the next piece.
    rest: Vec<u8>,
    count: usize,
    over: bool,
}

impl<R: Read> Pieces<R> {
    /// Reads the beginning of a file; `None` if it is not an array of records.
    fn new(mut file: R, size: usize, mut digest: Option<Digest>) -> Option<Self> {
        let mut rest = Vec::new();
        (&mut file).take(size as u64).read_to_end(&mut rest).ok()?;
        digest.iter_mut().for_each(|digest| digest.update(&rest));
        let array = rest.iter().position(|byte| !byte.is_ascii_whitespace()).filter(|&at| rest[at] == b'[')?;
        let record = array + 1 + rest[array + 1..].iter().position(|byte| !byte.is_ascii_whitespace())?;
        let colon = record + rest[record..].iter().position(|&byte| byte == b':')?;
        let opening = rest[record..=colon].to_vec();
        rest.drain(..record);
        opening.starts_with(b"{").then_some(Self { file, size, digest, opening, rest, count: 0, over: false })
    }

    /// Fills `buffer` with the next piece, and returns its number; `Some(None)` at the end, `None` if the file cannot
    /// be split.
    fn next(&mut self, buffer: &mut Vec<u8>) -> Option<Option<usize>> {
        if self.over {
            return Some(None);
        }
        buffer.clear();
        buffer.push(b'[');
        buffer.append(&mut self.rest);
        let known = buffer.len();
        let missing = (self.size + 1).saturating_sub(known);
        let read = (&mut self.file).take(missing as u64).read_to_end(buffer).ok()?;
        self.digest.iter_mut().for_each(|digest| digest.update(&buffer[known..]));
        if read < missing {
            // The end of the array closes the last piece.
            self.over = true;
        } else {
            let border = self.border(buffer)?;
            self.rest.extend_from_slice(&buffer[border..]);
            buffer.truncate(border);
            let comma = buffer.iter().rposition(|&byte| byte == b',')?;
            buffer.truncate(comma);
            buffer.push(b']');
        }
        self.count += 1;
        Some(Some(self.count))
    }

    /// Returns the position at which the last record of the buffer begins.
    fn border(&self, buffer: &[u8]) -> Option<usize> {
        let mut end = buffer.len();
        loop {
            let start = buffer[..end].windows(self.opening.len()).rposition(|window| window == self.opening)?;
            let before = buffer[..start].iter().rfind(|byte| !byte.is_ascii_whitespace());
            if before == Some(&b',') {
                return Some(start);
            }
            end = start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Cell;

    #[derive(Default)]
    struct Ids(Vec<String>);

    impl RowSink for Ids {
        fn row(&mut self, cells: &[Cell<'_>]) -> std::result::Result<(), String> {
            self.0.push(format!("{:?}", cells[0]));
            Ok(())
        }
    }

    fn ids(json: &str, size: usize) -> Option<Vec<String>> {
        let (selection, digest) = (Selection::new(&["id"]), Some(Digest::default()));
        let (parts, digest) = in_pieces(json.as_bytes(), size, digest, &selection, &Ids::default)?;
        assert_eq!(digest.map(Digest::hex), Some(Digest::default().of(json.as_bytes()).hex()), "of the whole");
        Some(parts.into_iter().flat_map(|part| part.0).collect())
    }

    fn numbered(records: impl Iterator<Item = String>) -> String {
        format!("[{}]", records.collect::<Vec<_>>().join(","))
    }

    #[test]
    fn pieces_of_any_size_give_the_same_records_in_the_same_order() {
        let plain = numbered((0..200).map(|n| format!(r#"{{"id":{n},"name":"n{n}"}}"#)));
        let pretty = numbered((0..200).map(|n| format!("\n  {{\n    \"id\": {n},\n    \"f\": {{\"id\": 1}}\n  }}")));
        for json in [plain, pretty] {
            for size in [64, 100, 129, 1000, 100_000] {
                let read = ids(&json, size).unwrap();
                assert_eq!(
                    read,
                    (0..200).map(|n| format!("{:?}", Cell::Number(n.to_string().into()))).collect::<Vec<_>>()
                );
            }
        }
    }

    #[test]
    fn a_border_that_is_none_is_noticed() {
        let in_a_text = numbered((0..50).map(|n| format!(r#"{{"id":{n},"t":"[{{\"id\":1}}","u":", {{"}}"#)));
        let in_a_list = numbered((0..50).map(|n| format!(r#"{{"id":{n},"list":[{{"id":1}},{{"id":2}},{{"id":3}}]}}"#)));
        for json in [in_a_text, in_a_list] {
            for size in 40..200 {
                assert!(ids(&json, size).is_none_or(|ids| ids.len() == 50), "{size}");
            }
        }
    }

    #[test]
    fn what_is_malformed_is_not_read_in_pieces() {
        let records = (0..50).map(|n| format!(r#"{{"id":{n}}}"#)).collect::<Vec<_>>().join(",");
        for json in [
            format!("[{records}"),
            format!("[{records}]]"),
            format!("[{records},]"),
            format!("[{records}],[{records}]"),
            format!("[{records},{{\"id\":1]"),
            format!("{{\"a\":[{records}]}}"),
            records,
        ] {
            assert!(ids(&json, 64).is_none(), "{json}");
        }
    }
}
