//! Reads a source, in full or only its changes.

use std::path::{Path, PathBuf};

use super::absence::Absences;
use super::comparison::{row_id, Comparison, Missed};
use super::kept::LastRead;
use super::select::Select;
use super::sink::{All, Changes, Ids, Target};
use super::snapshot::{SnapshotWriter, Written};
use crate::engine::Workers;
use crate::error::Result;
use crate::rows::{Id, RowSink, Selection};
use crate::salesforce::{collect, collect_all, fates, Client, Fates, Query};

/// The extent of a read.
#[derive(Debug)]
pub enum Extent {
    /// All rows. If a last read is given, they are compared with its rows.
    All(Option<LastRead>),
    /// The rows that changed since the last read. All others are taken from the last read.
    Changes(LastRead),
}

/// The place where rows are kept.
pub struct KeepIn {
    /// The path of the file.
    pub file: PathBuf,
    /// The time from which the next read asks for changes: the start of this read by the caller's clock, in seconds
    /// since 1970.
    pub began: u64,
}

/// A source to be read.
pub struct Source<T> {
    /// The rows and fields to query.
    pub select: Select,
    /// The extent to read.
    pub extent: Extent,
    /// The file in which the rows are kept for the next read, if any.
    pub keep_in: Option<KeepIn>,
    /// The table that the rows fill.
    pub table: T,
}

/// A source that has been read.
pub struct ReadSource<T> {
    select: Select,
    target: Target<T>,
    absences: Absences,
    changed: Option<u64>,
    missed: Option<Missed>,
}

/// How a source was read.
pub struct ReadSummary {
    /// The number of rows that had changed; `None` after a full read.
    pub changed: Option<u64>,
    /// The rows that incremental reads had missed, if this was checked.
    pub missed: Option<Missed>,
    /// The file in which the rows are kept, if they are.
    pub snapshot: Option<Written>,
}

impl<T: RowSink + Send + 'static> Source<T> {
    /// Reads the source.
    ///
    /// # Errors
    /// Returns the errors of a [query](fn@crate::salesforce::query).
    pub async fn read(self, client: &Client, workers: &Workers) -> Result<ReadSource<T>> {
        let snapshot = self.keep_in.as_ref().and_then(|keep| begun(&keep.file));
        let target = Target { table: self.table, snapshot, width: self.select.fields.len() };
        let mut read = match self.extent {
            Extent::All(last) => all(client, workers, self.select, target, last).await?,
            Extent::Changes(last) => changes(client, workers, self.select, target, last).await?,
        };
        let ahead = self.keep_in.is_some_and(|keep| client.is_behind(keep.began));
        if let Some(snapshot) = read.target.snapshot.as_mut().filter(|_| ahead) {
            snapshot.give_up(
                "this machine's clock is minutes ahead of Salesforce's, so that changes would be missed; set it right",
            );
        }
        Ok(read)
    }
}

async fn all<T: RowSink + Send + 'static>(
    client: &Client,
    workers: &Workers,
    select: Select,
    target: Target<T>,
    last: Option<LastRead>,
) -> Result<ReadSource<T>> {
    let comparison = match last {
        Some(last) => {
            let width = target.width;
            Some(workers.run(move || Comparison::new(last, width)).await??)
        }
        None => None,
    };
    let sink = All { target, comparison };
    let All { target, comparison } =
        collect(client, workers, &Query::new(&select.all()), select.selection(), sink).await?;
    let missed = match comparison {
        Some(comparison) => Some(explained(client, workers, &select, comparison).await?.finish()),
        None => None,
    };
    Ok(ReadSource { select, target, absences: Absences::default(), changed: None, missed })
}

/// Determines for the rows that are missing from a full read whether the next incremental read would have noticed it.
async fn explained(client: &Client, workers: &Workers, select: &Select, comparison: Comparison) -> Result<Comparison> {
    match comparison.unexplained() {
        Some(since) => {
            let query = Query::new(&select.moved(since)).with_deleted();
            collect(client, workers, &query, Selection::new(&["Id"]), comparison).await
        }
        None => Ok(comparison),
    }
}

async fn changes<T: RowSink + Send + 'static>(
    client: &Client,
    workers: &Workers,
    select: Select,
    target: Target<T>,
    last: LastRead,
) -> Result<ReadSource<T>> {
    // The rows that left are queried first: if one comes back meanwhile, it is among the changed rows, and stays.
    let left = match select.left(last.since) {
        Some(left) => {
            let query = Query::new(&left).with_deleted();
            collect(client, workers, &query, Selection::new(&["Id"]), Ids::default()).await?.0
        }
        None => Default::default(),
    };
    let rows = left.len() as u64;
    let query = Query::new(&select.changed(last.since)).with_deleted();
    let sink = Changes { target, known: left, rows };
    let Changes { mut target, known, rows } =
        collect(client, workers, &query, select.selection_with_deleted(), sink).await?;
    let kept = move || {
        let mut absences = last.rows.each(|cells| match known.contains(&row_id(cells)?) {
            true => Ok(()),
            false => target.row(cells),
        })?;
        absences.forget(&known);
        Ok((target, absences))
    };
    let (target, absences) = workers.run(kept).await??;
    Ok(ReadSource { select, target, absences, changed: Some(rows), missed: None })
}

impl<T: RowSink + Send + 'static> ReadSource<T> {
    /// Returns the table with its rows.
    pub fn table(&self) -> &T {
        &self.target.table
    }

    /// Looks up rows that are missing from a read of changes, and adds those that exist: their absence does not mean
    /// that they are gone. Rows that an earlier read looked for, and that have not changed since, are not queried
    /// again.
    ///
    /// # Errors
    /// Returns the errors of a [query](fn@crate::salesforce::query).
    pub async fn look_up(mut self, client: &Client, workers: &Workers, ids: &[Id]) -> Result<Self> {
        if self.changed.is_none() {
            return Ok(self);
        }
        let unheard_of = self.absences.unheard_of(ids);
        let queries = unheard_of.chunks(self.select.most_ids()).map(|ids| Query::new(&self.select.these(ids)));
        self.target =
            collect_all(client, workers, &queries.collect::<Vec<_>>(), self.select.selection(), self.target).await?;
        Ok(self)
    }

    /// Determines the fates of missing records, and keeps them for the next read. Fates that an earlier read has kept
    /// are not queried again.
    ///
    /// # Errors
    /// Returns the errors of a [query](fn@crate::salesforce::query).
    pub async fn fates(&mut self, client: &Client, workers: &Workers, ids: &[Id]) -> Result<Fates> {
        let unheard_of = self.absences.unheard_of(ids);
        let fates = fates(client, workers, &self.select.object, &unheard_of).await?;
        let fates = self.absences.complete(fates, ids);
        if let Some(snapshot) = &mut self.target.snapshot {
            ids.iter().for_each(|&id| snapshot.add_absent(id, fates.of(id)));
        }
        Ok(fates)
    }

    /// Returns the table, and how it was read.
    pub fn finish(self) -> (T, ReadSummary) {
        let Target { table, snapshot, .. } = self.target;
        let snapshot = snapshot.and_then(|snapshot| snapshot.finish().map_err(|error| not_kept(&error)).ok());
        (table, ReadSummary { changed: self.changed, missed: self.missed, snapshot })
    }
}

fn begun(path: &Path) -> Option<SnapshotWriter> {
    SnapshotWriter::create(path).map_err(|error| not_kept(&error)).ok()
}

fn not_kept(error: &std::io::Error) {
    tracing::warn!("Salesforce: what was read is not kept, and the next run reads everything: {error}");
}
