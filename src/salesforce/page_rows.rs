//! The rows of a page, held until the page is known to be complete.

use crate::rows::Cell;

/// The number of cells from which a block is full: some tens of kilobytes.
const BLOCK: usize = 1_024;

/// Rows of cells that borrow from their page.
///
/// The cells are stored in blocks. A single vector would be copied whenever it outgrew its capacity, and an allocator
/// requests memory for a vector of that size from the system anew for each page, which took a fifth of the time of a
/// page.
#[derive(Debug)]
pub(super) struct PageRows<'p> {
    width: usize,
    full: Vec<Vec<Cell<'p>>>,
    last: Vec<Cell<'p>>,
}

impl<'p> PageRows<'p> {
    /// Creates a list of rows with `width` cells each.
    pub(super) fn new(width: usize) -> Self {
        Self { width, full: Vec::new(), last: Vec::new() }
    }

    /// Appends a row of unknown cells.
    pub(super) fn push(&mut self) -> &mut [Cell<'p>] {
        let start = match self.last.len() {
            len if len < BLOCK => len,
            len => {
                self.full.push(std::mem::replace(&mut self.last, Vec::with_capacity(len)));
                0
            }
        };
        self.last.resize(start + self.width, Cell::Unknown);
        &mut self.last[start..]
    }

    /// Removes the last row.
    pub(super) fn pop(&mut self) {
        self.last.truncate(self.last.len() - self.width);
    }

    /// Returns an iterator over the rows.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &[Cell<'p>]> + Clone {
        self.full.iter().chain([&self.last]).flat_map(|block| block.chunks(self.width.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_went_in_whatever_their_number() {
        for (width, count) in [(1, 0), (1, 3), (3, 1_000), (20, 52), (20, 2_000), (3_000, 3)] {
            let mut rows = PageRows::new(width);
            for n in 0..count {
                let row = rows.push();
                assert_eq!((row.len(), row[0] == Cell::Unknown), (width, true));
                row[width - 1] = Cell::Number(n.to_string().into());
            }
            rows.push();
            rows.pop();
            let last = |row: &[Cell<'_>]| row[width - 1].clone().into_owned();
            assert_eq!(
                (rows.iter().count(), rows.iter().next_back().map(<[_]>::len)),
                (count, (count > 0).then_some(width))
            );
            assert!(rows.iter().map(last).eq((0..count).map(|n| Cell::Number(n.to_string().into()))));
        }
    }
}
