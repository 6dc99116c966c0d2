//! Cursors of queries whose pages are being read. A locator names a cursor and an offset.

use super::fault::Answer;
use super::id;
use super::options::Options;
use super::page::{Frame, Pages};
use crate::lock;
use crate::random::Random;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// All open cursors. As in a real org, their number is not limited.
pub(crate) struct Cursors {
    open: Mutex<HashMap<String, Arc<Cursor>>>,
    /// The sizes of consecutive pages; at least one.
    page_sizes: Vec<usize>,
    prefix: String,
}

/// A query that was evaluated once, so that its result does not change any more.
pub(crate) struct Cursor {
    id: String,
    pages: Pages,
    /// The number of pages that were requested.
    asked: AtomicUsize,
    /// True if every page names itself as the next.
    looping: AtomicBool,
}

impl Cursors {
    pub(crate) fn new(options: &Options) -> Cursors {
        let page_sizes = match options.page_sizes.is_empty() {
            true => vec![options.page_size],
            false => options.page_sizes.clone(),
        };
        Cursors { open: Mutex::default(), page_sizes, prefix: options.locator_prefix.clone() }
    }

    /// Creates a cursor. It is opened when a page names a next one.
    pub(crate) fn start(&self, pages: Pages, random: &mut Random) -> Arc<Cursor> {
        let text = random.text(15_usize.saturating_sub(self.prefix.len()));
        let id = id::long(&format!("{}{text}", self.prefix));
        Arc::new(Cursor { id, pages, asked: AtomicUsize::new(0), looping: AtomicBool::new(false) })
    }

    /// Closes a cursor: later requests for its pages are refused.
    pub(crate) fn forget(&self, cursor: &Cursor) {
        lock(&self.open).remove(&cursor.id);
    }

    /// Returns the cursor and the offset of a locator.
    pub(crate) fn find(&self, locator: &str) -> Option<(Arc<Cursor>, usize)> {
        let (id, offset) = locator.rsplit_once('-')?;
        let cursor = lock(&self.open).get(id)?.clone();
        let offset = offset.parse().ok()?;
        (offset <= cursor.pages.rows()).then_some((cursor, offset))
    }

    /// Returns the page at an offset, altered by a fault if there is one.
    pub(crate) fn page(&self, cursor: &Arc<Cursor>, offset: usize, version: &str, fault: Option<&Answer>) -> Vec<u8> {
        let asked = cursor.asked.fetch_add(1, Ordering::Relaxed);
        let size = self.page_sizes[asked % self.page_sizes.len()];
        let offset = match fault {
            Some(Answer::RepeatPage) => offset.saturating_sub(size),
            Some(Answer::SkipPage) => offset.saturating_add(size),
            _ => offset,
        };
        if matches!(fault, Some(Answer::NextLoop)) {
            cursor.looping.store(true, Ordering::Relaxed);
        }
        let after = offset.saturating_add(size);
        let next = match cursor.looping.load(Ordering::Relaxed) {
            true => Some(offset),
            false => (after < cursor.pages.rows()).then_some(after),
        };
        // No client can ask for a further page before this, so the cursor of a query with a single page is never
        // stored.
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
        cursor.pages.write(offset, size, &frame)
    }
}

impl Cursor {
    pub(crate) fn object(&self) -> &str {
        self.pages.object()
    }
}
