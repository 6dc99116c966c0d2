//! Limits the pages that a query holds at once: those that are requested, and those that wait for the consumer. A page
//! is requested only when there is room for it, so that a slow consumer slows down the query instead of failing it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::HELD;

/// The parts in which the largest permitted page is counted. The limit of requests in flight is lower than that of the
/// smallest pages.
const PARTS: usize = 64;

/// The place of a page, which becomes free when it is dropped.
pub(super) type Place = Option<OwnedSemaphorePermit>;

/// The room for the pages of one query: as much as [`HELD`] of the largest permitted pages take. Each query has its
/// own, because the reader of one query may read another before it goes on.
pub(super) struct Room {
    parts: Arc<Semaphore>,
    most: usize,
    /// The size of the largest page so far, in bytes.
    largest: AtomicUsize,
}

impl Room {
    /// Creates the room for pages of at most `most` bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { parts: Arc::new(Semaphore::new(HELD * PARTS)), most, largest: AtomicUsize::new(0) }
    }

    /// Waits until there is room for a page that is as large as the largest one so far.
    pub(super) async fn place(&self) -> Place {
        let part = (self.most / PARTS).max(1);
        let parts = self.largest.load(Ordering::Relaxed).div_ceil(part).clamp(1, PARTS);
        Arc::clone(&self.parts).acquire_many_owned(parts as u32).await.ok()
    }

    /// Records the size of a page.
    pub(super) fn note(&self, bytes: usize) {
        self.largest.fetch_max(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn there_is_room_for_many_small_pages_or_a_few_large_ones() {
        let places = |largest: usize| {
            let room = Room::new(1000);
            room.note(largest);
            std::iter::from_fn(|| room.place().now_or_never()).take(1000).collect::<Vec<_>>().len()
        };
        assert_eq!([0, 15, 250, 900, 1000].map(places), [256, 256, 15, 4, 4]);
    }

    #[test]
    fn a_place_is_free_again_when_its_page_is_dropped() {
        let room = Room::new(1000);
        room.note(1000);
        let mut places: Vec<Place> = std::iter::from_fn(|| room.place().now_or_never()).collect();
        places.pop();
        assert!(room.place().now_or_never().is_some());
    }
}
