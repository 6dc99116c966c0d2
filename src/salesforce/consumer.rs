//! The consumers of a query's rows: a sink that collects them, or a reader that asks for them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use futures_util::FutureExt;
use serde::de::{Deserializer, Error as _, SeqAccess, Unexpected, Visitor};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::bulk::CsvPage;
use super::page::{read_page, Frame, Records, Unreadable};
use super::room::Place;
use crate::error::{Error, Result};
use crate::http::Body;
use crate::rows::{Allowed, Cell, Id, RowSink, Selection};

/// Consumes the pages of a query, several at a time and in any order. Each page is consumed completely or not at all.
///
/// The code that reads a query uses `dyn Consumer`, so that it is compiled once and not for each consumer.
pub trait Consumer: Send + Sync + 'static {
    /// Parses a page of JSON. This is CPU-bound.
    ///
    /// # Errors
    /// Returns [`Unreadable`]; nothing of the page is kept then.
    fn json(&self, page: Body) -> std::result::Result<(Frame, Read), Unreadable>;

    /// Parses a page of CSV. This is CPU-bound.
    ///
    /// # Errors
    /// Returns [`Unreadable`], as [`json`](Consumer::json) does.
    fn csv(&self, page: CsvPage) -> std::result::Result<Read, Unreadable>;

    /// Takes a page that [`json`](Consumer::json) or [`csv`](Consumer::csv) returned. Waits until there is room for it.
    ///
    /// # Errors
    /// Returns [`Error::Internal`] if the receiver of the pages is gone.
    fn take(&self, page: Batch) -> BoxFuture<'_, Result<()>>;
}

/// A page that has been parsed.
pub struct Read {
    /// The number of its rows.
    pub rows: u64,
    /// The id of its first row, if known.
    pub first: Option<Id>,
    /// The id of its last row, if known.
    pub last: Option<Id>,
    /// The page itself, if it still has to be passed to [`Consumer::take`].
    pub page: Option<Batch>,
}

/// Collects all rows in a sink.
pub struct Collect<S> {
    selection: Selection,
    id: Option<usize>,
    sink: Mutex<Allowed<S>>,
}

impl<S: RowSink> Collect<S> {
    /// Creates a consumer of the selected fields. A sink that keeps text may get `most` bytes of it, and some more for
    /// each row.
    #[must_use]
    pub fn new(selection: Selection, sink: S, most: usize) -> Self {
        Self { id: selection.cell("Id"), selection, sink: Mutex::new(Allowed::new(sink, most)) }
    }

    /// Returns the sink with all rows.
    ///
    /// # Errors
    /// Returns [`Error::Internal`] if the query is still being read.
    pub fn finish(self: Arc<Self>) -> Result<S> {
        let collect = Arc::into_inner(self).ok_or_else(|| Error::Internal("a query still reads".into()))?;
        Ok(collect.sink.into_inner().unwrap_or_else(PoisonError::into_inner).into_inner())
    }

    fn id(&self, row: &[Cell<'_>]) -> Option<Id> {
        Id::parse(row[self.id?].text()?)
    }
}

impl<S: RowSink + Send + 'static> Consumer for Collect<S> {
    fn json(&self, page: Body) -> std::result::Result<(Frame, Read), Unreadable> {
        let (frame, rows) = read_page(&page, Records(&self.selection))?;
        let first = rows.iter().next().and_then(|row| self.id(row));
        let last = rows.iter().next_back().and_then(|row| self.id(row));
        let read = Read { rows: rows.iter().count() as u64, first, last, page: None };
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        rows.iter().try_for_each(|row| sink.row(row)).map_err(Unreadable::Wrong)?;
        Ok((frame, read))
    }

    fn csv(&self, page: CsvPage) -> std::result::Result<Read, Unreadable> {
        let columns = self.selection.columns(page.paths()).map_err(Unreadable::Wrong)?;
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        page.each_of(&columns, |row| sink.row(row))?;
        Ok(Read { rows: page.rows(), first: None, last: None, page: None })
    }

    fn take(&self, _: Batch) -> BoxFuture<'_, Result<()>> {
        // The rows were passed to the sink when the page was parsed.
        futures_util::future::ready(Ok(())).boxed()
    }
}

/// A page for a reader.
pub enum Batch {
    /// A page of JSON.
    Json(JsonPage),
    /// A page of CSV.
    Csv(CsvPage),
}

impl Batch {
    /// Keeps `place` until the page is dropped.
    pub(super) fn wait_at(&mut self, place: Place) {
        match self {
            Self::Json(JsonPage(body)) => body.wait_at(place),
            Self::Csv(page) => page.wait_at(place),
        }
    }
}

/// A complete page of JSON.
#[derive(Debug)]
pub struct JsonPage(Body);

impl JsonPage {
    /// Returns the records as a JSON array.
    #[must_use]
    pub fn records(&self) -> &str {
        let page = serde_json::from_slice::<Raw<'_>>(&self.0);
        page.map_or("[]", |page| page.records.get())
    }
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    records: &'a RawValue,
}

/// Sends pages to a reader over a channel, and waits for the reader when the channel is full.
pub struct Batches {
    pages: mpsc::Sender<Batch>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Batches {
    /// Creates a consumer that sends the pages to `pages`, and calls `wake` after each.
    #[must_use]
    pub fn new(pages: mpsc::Sender<Batch>, wake: Box<dyn Fn() + Send + Sync>) -> Self {
        Self { pages, wake }
    }
}

#[derive(Deserialize)]
struct WithId<'a> {
    #[serde(rename = "Id", borrow)]
    id: std::borrow::Cow<'a, str>,
}

/// The number of records, and the first and the last of them. Not a list of all: for a page of very small records, that
/// would take many times the size of the page.
struct Counted<'a> {
    rows: u64,
    first: Option<&'a RawValue>,
    last: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Counted<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> std::result::Result<Self, D::Error> {
        reader.deserialize_seq(Counting)
    }
}

struct Counting;

impl<'de> Visitor<'de> for Counting {
    type Value = Counted<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> std::result::Result<Counted<'de>, A::Error> {
        let mut counted = Counted { rows: 0, first: None, last: None };
        while let Some(record) = records.next_element::<&RawValue>()? {
            if !record.get().starts_with('{') {
                return Err(A::Error::invalid_type(Unexpected::Other("a value"), &"a record"));
            }
            let first = counted.first.or(Some(record));
            counted = Counted { rows: counted.rows + 1, first, last: Some(record) };
        }
        Ok(counted)
    }
}

impl Consumer for Batches {
    fn json(&self, page: Body) -> std::result::Result<(Frame, Read), Unreadable> {
        let (frame, Counted { rows, first, last }) = read_page(&page, PhantomData::<Counted<'_>>)?;
        let id = |record: &RawValue| Id::parse(&serde_json::from_str::<WithId<'_>>(record.get()).ok()?.id);
        let (first, last) = (first.and_then(id), last.and_then(id));
        Ok((frame, Read { rows, first, last, page: Some(Batch::Json(JsonPage(page))) }))
    }

    fn csv(&self, page: CsvPage) -> std::result::Result<Read, Unreadable> {
        Ok(Read { rows: page.rows(), first: None, last: None, page: Some(Batch::Csv(page)) })
    }

    fn take(&self, page: Batch) -> BoxFuture<'_, Result<()>> {
        let taking = async move {
            let taken = self.pages.send(page).await;
            (self.wake)();
            taken.map_err(|_| Error::Internal("nobody reads any more".into()))
        };
        taking.boxed()
    }
}
