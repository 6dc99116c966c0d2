//! Inserts bytes into a response that no serializer writes.

use serde::Deserialize;

/// Bytes that no serializer writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Splice {
    /// The text to replace, everywhere in the body.
    pub text: String,
    /// The bytes, each as a character of Latin-1.
    pub bytes: String,
}

impl Splice {
    pub(crate) fn into(&self, body: &[u8]) -> Vec<u8> {
        let bytes: Vec<u8> = self.bytes.chars().map(|c| c as u8).collect();
        let pieces: Vec<&str> = std::str::from_utf8(body).unwrap_or_default().split(&self.text).collect();
        pieces.iter().map(|piece| piece.as_bytes()).collect::<Vec<_>>().join(&bytes[..])
    }
}
