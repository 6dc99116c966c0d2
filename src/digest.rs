//! SHA-256 digests of files and texts, in hexadecimal.

use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};

/// A SHA-256 digest in progress.
#[derive(Clone)]
pub struct Digest(Context);

impl Digest {
    /// Adds bytes to the input of the digest.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the digest with these bytes added to its input.
    #[must_use]
    pub fn of(mut self, bytes: &[u8]) -> Self {
        self.update(bytes);
        self
    }

    /// Returns the digest of all input, in hexadecimal.
    #[must_use]
    pub fn hex(self) -> String {
        self.0.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

/// A wrapper that computes the digest of the bytes that are written through it.
pub(crate) struct Digested<T> {
    pub(crate) inner: T,
    pub(crate) digest: Digest,
}

impl<T> Digested<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, digest: Digest::default() }
    }
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn parts_have_the_digest_of_the_whole() {
        let mut digest = Digest::default();
        digest.update(b"a");
        assert_ne!(digest.clone().hex(), ABC);
        digest.update(b"bc");
        assert_eq!(digest.hex(), ABC);
    }

    #[test]
    fn what_is_written_passes_through_as_it_is() {
        let mut writer = Digested::new(Vec::new());
        writer.write_all(b"abc").unwrap();
        assert_eq!((writer.inner.as_slice(), writer.digest.hex().as_str()), (&b"abc"[..], ABC));
    }
}
