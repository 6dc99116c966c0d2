//! The sinks for the rows of a read: they fill the table and the snapshot, and feed the comparison.

use std::collections::HashSet;

use super::comparison::{row_id, Comparison};
use super::snapshot::SnapshotWriter;
use crate::rows::{Cell, Id, RowSink};

/// The destination of rows: the table gets the declared fields, the snapshot gets the stamps as well.
pub(super) struct Target<T> {
    pub(super) table: T,
    pub(super) snapshot: Option<SnapshotWriter>,
    /// The number of declared fields. The stamps follow them.
    pub(super) width: usize,
}

impl<T: RowSink> RowSink for Target<T> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        if let Some(snapshot) = &mut self.snapshot {
            match cells.get(self.width).is_some_and(Cell::is_filled) {
                true => snapshot.add(cells),
                false => snapshot.give_up("a row has no SystemModstamp, so that its changes cannot be seen"),
            }
        }
        self.table.row(&cells[..self.width])
    }
}

/// Receives the rows of a full read.
pub(super) struct All<T> {
    pub(super) target: Target<T>,
    pub(super) comparison: Option<Comparison>,
}

impl<T: RowSink> RowSink for All<T> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        if let Some(comparison) = &mut self.comparison {
            comparison.see(row_id(cells)?, cells);
        }
        self.target.row(cells)
    }
}

/// Receives changed rows, whose last cell says whether they are deleted, and remembers their ids.
pub(super) struct Changes<T> {
    pub(super) target: Target<T>,
    pub(super) known: HashSet<Id>,
    pub(super) rows: u64,
}

impl<T: RowSink> RowSink for Changes<T> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        let (deleted, cells) = cells.split_last().ok_or("a row came without cells")?;
        self.known.insert(row_id(cells)?);
        self.rows += 1;
        match deleted {
            Cell::Bool(true) => Ok(()),
            Cell::Bool(false) => self.target.row(cells),
            // A deleted record must not be taken for an existing one.
            _ => Err("a row does not say whether it is deleted (IsDeleted)".into()),
        }
    }
}

/// Receives ids.
#[derive(Default)]
pub(super) struct Ids(pub(super) HashSet<Id>);

impl RowSink for Ids {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        self.0.insert(row_id(cells)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_truth_value_says_whether_a_row_is_deleted() {
        let row = |deleted: Cell<'static>| {
            let target = Target { table: Ids::default(), snapshot: None, width: 1 };
            let mut changes = Changes { target, known: HashSet::new(), rows: 0 };
            let cells = [Cell::Text("003000000000001AAA".into()), Cell::Null, deleted];
            changes.row(&cells).map(|()| changes.target.table.0.len())
        };
        assert_eq!([row(Cell::Bool(true)), row(Cell::Bool(false))], [Ok(0), Ok(1)]);
        for odd in [Cell::Null, Cell::Text("true".into()), Cell::Number("1".into())] {
            assert!(row(odd).is_err_and(|why| why.contains("IsDeleted")));
        }
    }
}
