//! Bodies of responses, and a limit on how much of them is held at once. A small response can unpack to a thousand
//! times its size, and several are in flight at the same time.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

/// The maximum total size of the bodies of one client, in bytes after unpacking, and the size that is in use.
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

/// The body of a response. It counts against the limit of its client until it is dropped, or has a place among the pages
/// that wait for a reader.
pub struct Body {
    bytes: Vec<u8>,
    received: usize,
    scale: Option<Arc<Scale>>,
    place: Option<OwnedSemaphorePermit>,
}

impl Body {
    pub(super) fn on(scale: &Arc<Scale>) -> Self {
        Self { bytes: Vec::new(), received: 0, scale: Some(Arc::clone(scale)), place: None }
    }

    /// Appends a chunk. Returns false, and appends nothing, if all bodies together would then exceed the limit.
    pub(super) fn add(&mut self, chunk: &[u8]) -> bool {
        let fits = self.scale.as_ref().is_none_or(|scale| scale.add(chunk.len()));
        if fits {
            self.received += chunk.len();
            self.bytes.extend_from_slice(chunk);
        }
        fits
    }

    /// Stops counting against the limit of the client, and keeps `place` until the body is dropped.
    pub(crate) fn wait_at(&mut self, place: Option<OwnedSemaphorePermit>) {
        self.leave_scale();
        self.place = place;
    }

    fn leave_scale(&mut self) {
        if let Some(scale) = self.scale.take() {
            scale.held.fetch_sub(self.received, Ordering::Relaxed);
        }
    }

    /// Replaces the bytes. The body continues to count with the size that was received.
    pub(crate) fn replace(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
    }

    /// Keeps only the bytes for which `keep` returns true.
    pub(crate) fn retain(&mut self, keep: impl Fn(u8) -> bool) {
        self.bytes.retain(|&byte| keep(byte));
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.leave_scale();
    }
}

/// A copy does not count against the limit.
impl Clone for Body {
    fn clone(&self) -> Self {
        self.bytes.clone().into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, received: 0, scale: None, place: None }
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

/// Shows only the size, because a body may hold people's addresses.
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
