//! Bodies of answers, and how much of them may be held at once. A small answer can unpack to a thousand times its size, and
//! several are on their way at the same time.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// The weight that the bodies of one client may have together, in bytes after unpacking.
#[derive(Debug)]
pub(super) struct Scale {
    most: usize,
    held: AtomicUsize,
}

impl Scale {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: AtomicUsize::new(0) })
    }

    fn add(&self, bytes: usize) -> bool {
        let fits = |held: usize| held.checked_add(bytes).filter(|sum| *sum <= self.most);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }
}

/// The body of an answer. It weighs on its client's scale until it is dropped.
pub struct Body {
    bytes: Vec<u8>,
    weight: usize,
    scale: Option<Arc<Scale>>,
}

impl Body {
    pub(super) fn on(scale: &Arc<Scale>) -> Self {
        Self { bytes: Vec::new(), weight: 0, scale: Some(Arc::clone(scale)) }
    }

    /// Adds a piece; false where all bodies together would be too much then.
    pub(super) fn add(&mut self, piece: &[u8]) -> bool {
        let fits = self.scale.as_ref().is_none_or(|scale| scale.add(piece.len()));
        if fits {
            self.weight += piece.len();
            self.bytes.extend_from_slice(piece);
        }
        fits
    }

    /// Puts other bytes in the place of what was received, which weighs as before.
    pub(crate) fn replace(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
    }

    /// Keeps the bytes for which `keep` gives true.
    pub(crate) fn retain(&mut self, keep: impl Fn(u8) -> bool) {
        self.bytes.retain(|&byte| keep(byte));
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if let Some(scale) = &self.scale {
            scale.held.fetch_sub(self.weight, Ordering::Relaxed);
        }
    }
}

/// A copy weighs on no scale.
impl Clone for Body {
    fn clone(&self) -> Self {
        self.bytes.clone().into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, weight: 0, scale: None }
    }
}

impl Deref for Body {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Shows its size only: it may hold people's addresses.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_weigh_together_until_they_are_dropped() {
        let scale = Scale::new(10);
        let (mut one, mut other) = (Body::on(&scale), Body::on(&scale));
        assert!(one.add(&[0; 6]) && other.add(&[0; 4]) && !other.add(&[0; 1]));
        one.retain(|byte| byte != 0);
        assert!(one.is_empty() && !other.add(&[0; 1]), "what was received counts");
        drop(one);
        assert!(other.add(&[0; 6]) && !other.add(&[0; 1]));
        assert_eq!(other.len(), 10);
    }
}
