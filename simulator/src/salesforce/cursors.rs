//! Queries whose pages are being read: a locator names one of them and a place in it.

use super::fault::Answer;
use super::id;
use super::page::{Frame, Pages};
use crate::lock;
use crate::random::Random;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The prefix of today's locators.
const PREFIX: &str = "0r8";

/// All open cursors; as in the real thing their number is not limited.
pub(crate) struct Cursors {
    open: Mutex<HashMap<String, Arc<Cursor>>>,
    page_size: usize,
}

/// A query that was evaluated once: its result does not change any more.
pub(crate) struct Cursor {
    id: String,
    pages: Pages,
    /// Every page leads back to itself.
    looping: AtomicBool,
}

impl Cursors {
    pub(crate) fn new(page_size: usize) -> Cursors {
        Cursors { open: Mutex::default(), page_size }
    }

    /// The cursor and the offset that a locator names.
    pub(crate) fn find(&self, locator: &str) -> Option<(Arc<Cursor>, usize)> {
        let (id, offset) = locator.rsplit_once('-')?;
        let cursor = lock(&self.open).get(id)?.clone();
        let offset = offset.parse().ok()?;
        (offset <= cursor.pages.rows()).then_some((cursor, offset))
    }

    /// The page at an offset, or what a fault makes of it.
    pub(crate) fn page(&self, cursor: &Arc<Cursor>, offset: usize, version: &str, fault: Option<&Answer>) -> Vec<u8> {
        let offset = match fault {
            Some(Answer::RepeatPage) => offset.saturating_sub(self.page_size),
            Some(Answer::SkipPage) => offset.saturating_add(self.page_size),
            _ => offset,
        };
        if matches!(fault, Some(Answer::NextLoop)) {
            cursor.looping.store(true, Ordering::Relaxed);
        }
        let after = offset.saturating_add(self.page_size);
        let next = match cursor.looping.load(Ordering::Relaxed) {
            true => Some(offset),
            false => (after < cursor.pages.rows()).then_some(after),
        };
        // Nobody can ask for a page before this: queries of one page need not be kept.
        if next.is_some() {
            lock(&self.open).insert(cursor.id.clone(), cursor.clone());
        }
        let host = match fault {
            Some(Answer::NextHost(host)) => host,
            _ => "",
        };
        let next_url = |next| format!("{host}/services/data/v{version}/query/{}-{next}", cursor.id);
        let frame = Frame {
            version: version.to_owned(),
            total: match fault {
                Some(Answer::TotalSize(claimed)) => *claimed,
                _ => cursor.pages.total() as u64,
            },
            next: next.map(next_url),
        };
        cursor.pages.write(offset, self.page_size, &frame)
    }
}

impl Cursor {
    pub(crate) fn new(pages: Pages, random: &mut Random) -> Cursor {
        Cursor { id: id::long(&format!("{PREFIX}{}", random.text(12))), pages, looping: AtomicBool::new(false) }
    }

    pub(crate) fn object(&self) -> &str {
        self.pages.object()
    }
}
