//! The destinations of the rows of a query: a table, or a reader that asks for them.

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
use crate::error::{Error, Result};
use crate::http::Body;
use crate::rows::{Allowed, Cell, Id, RowSink, Selection};

/// Takes the pages of a query, several at a time and in any order. Each is taken whole or not at all.
///
/// The reader of a query knows its consumer as `dyn Consumer`, so that it is compiled once and not for each consumer.
pub trait Consumer: Send + Sync + 'static {
    /// Reads a page of JSON; uses the processor.
    ///
    /// # Errors
    /// [`Unreadable`]; nothing of the page is kept then.
    fn json(&self, page: Body) -> std::result::Result<(Frame, Read), Unreadable>;

    /// Reads a page of CSV; uses the processor.
    ///
    /// # Errors
    /// As above.
    fn csv(&self, page: CsvPage) -> std::result::Result<Read, Unreadable>;

    /// Takes a page that [`json`](Consumer::json) or [`csv`](Consumer::csv) gave back; waits until there is room for it.
    ///
    /// # Errors
    /// [`Error::Internal`] when nobody wants more pages.
    fn take(&self, page: Batch) -> BoxFuture<'_, Result<()>>;
}

/// A page that has been read.
pub struct Read {
    /// The number of its rows.
    pub rows: u64,
    /// The id of its first row, where there is one.
    pub first: Option<Id>,
    /// The id of its last row, where there is one.
    pub last: Option<Id>,
    /// The page, where it is still to be taken.
    pub page: Option<Batch>,
}

/// Collects all rows in `sink`.
pub struct Collect<S> {
    selection: Selection,
    id: Option<usize>,
    sink: Mutex<Allowed<S>>,
}

impl<S: RowSink> Collect<S> {
    /// Collects what `selection` selects. A sink that keeps text gets so many bytes of it, and some more for each row.
    #[must_use]
    pub fn new(selection: Selection, sink: S, most: usize) -> Self {
        Self { id: selection.cell("Id"), selection, sink: Mutex::new(Allowed::new(sink, most)) }
    }

    /// Returns the sink, with all rows.
    ///
    /// # Errors
    /// [`Error::Internal`] when the query is still being read.
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
        // Its pages were taken when they were read.
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

/// A page of JSON that is known to be whole.
#[derive(Debug)]
pub struct JsonPage(Body);

impl JsonPage {
    /// Returns the records, an array in JSON.
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

/// Hands pages to a reader, who holds the other end, and waits as long as the reader does.
pub struct Batches {
    pages: mpsc::Sender<Batch>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Batches {
    /// Hands pages to the other end of `pages`, and calls `wake` after each.
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

/// The number of records, and the first and the last one: a page of very small ones is not to take many times its size.
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
