//! Limits the amount of text that the rows of one read may bring into memory, over all its pages.

use super::cell::Cell;
use super::record::RowSink;

/// The allowance of a read, in pages of the largest permitted size: text that its rows may have beyond [`PER_ROW`].
pub(crate) const PAGES: usize = 4;
/// The bytes of text that each row adds to what is left of the allowance.
const PER_ROW: usize = 512;

/// A sink with a limit on the text that it receives: an allowance, and [`PER_ROW`] bytes more for each row.
pub(crate) struct Allowed<S> {
    sink: S,
    most: usize,
    left: usize,
}

impl<S> Allowed<S> {
    /// Creates a sink with an allowance of `most` bytes of text.
    pub(crate) fn new(sink: S, most: usize) -> Self {
        Self { sink, most, left: most }
    }

    /// Returns the sink with all its rows.
    pub(crate) fn into_inner(self) -> S {
        self.sink
    }

    fn take(&mut self, bytes: usize) -> Result<(), String> {
        let left = self.left.saturating_add(PER_ROW).checked_sub(bytes).map(|left| left.min(self.most));
        self.left = left.ok_or_else(|| {
            let most = self.most >> 20;
            format!(
                "its rows have more than {PER_ROW} bytes of text each and {most} MiB beside it; raise `max_page_bytes` \
                 if that is right"
            )
        })?;
        Ok(())
    }
}

impl<S: RowSink> RowSink for Allowed<S> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), String> {
        if self.sink.keeps_text() {
            self.take(cells.iter().filter_map(Cell::text).map(str::len).sum())?;
        }
        self.sink.row(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_rows_pass_and_large_ones_only_up_to_a_sum() {
        let mut allowed = Allowed::new((), 10_000);
        assert!((0..1_000).all(|_| allowed.take(PER_ROW).is_ok()));
        assert!(allowed.take(10_000).is_ok() && allowed.take(2_000).is_err());
        assert!(Allowed::new((), 10_000).take(usize::MAX).is_err());
    }
}
