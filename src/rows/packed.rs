//! Compact rows of cells. Most cells differ from row to row, so each is stored as a few bytes of text.

use super::cell::Cell;

/// The bytes of text from which a block is full. Small blocks can grow without a copy of all rows.
const FULL: usize = 1 << 20;

/// Rows that all have the same number of cells.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    blocks: Vec<Block>,
    /// The number of the first row of each block.
    starts: Vec<u32>,
    len: u32,
}

#[derive(Debug, Default)]
struct Block {
    /// The cells one after the other, each as a type mark followed by its text. A null is empty.
    texts: String,
    /// The end of each cell in `texts`, in bytes.
    ends: Vec<u32>,
    rows: u32,
    /// The number of cells in a row.
    width: usize,
}

/// A reference to one row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'r> {
    block: &'r Block,
    first: usize,
}

impl Rows {
    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// Appends a row.
    pub(crate) fn push<'c>(&mut self, cells: impl IntoIterator<Item = Cell<'c>>) {
        if self.blocks.last().is_none_or(|block| block.texts.len() >= FULL) {
            self.blocks.push(Block::default());
            self.starts.push(self.len);
        }
        if let Some(block) = self.blocks.last_mut() {
            cells.into_iter().for_each(|cell| block.push(&cell));
            block.rows += 1;
            if block.rows == 1 {
                block.width = block.ends.len();
            }
            self.len += 1;
        }
    }

    /// Appends the rows of another list without copying them.
    pub(crate) fn append(&mut self, others: Rows) {
        for mut block in others.blocks {
            block.texts.shrink_to_fit();
            block.ends.shrink_to_fit();
            self.starts.push(self.len);
            self.len += block.rows;
            self.blocks.push(block);
        }
    }

    /// Returns the row with this number.
    pub(crate) fn row(&self, number: u32) -> Row<'_> {
        let block = self.starts.partition_point(|&start| start <= number) - 1;
        let (start, block) = (self.starts[block], &self.blocks[block]);
        Row { block, first: (number - start) as usize * block.width }
    }
}

impl Block {
    fn push(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Null => {}
            Cell::Unknown => self.texts.push('?'),
            Cell::Bool(value) => self.texts.push(if *value { 't' } else { 'f' }),
            Cell::Number(number) => self.marked('#', number),
            Cell::Text(text) => self.marked('"', text),
        }
        self.ends.push(self.texts.len() as u32);
    }

    fn marked(&mut self, mark: char, text: &str) {
        self.texts.push(mark);
        self.texts.push_str(text);
    }
}

impl<'r> Row<'r> {
    /// Returns the cell at this position.
    pub(crate) fn cell(self, position: usize) -> Cell<'r> {
        let place = self.first + position;
        let start = place.checked_sub(1).map_or(0, |before| self.block.ends[before] as usize);
        let text = &self.block.texts[start..self.block.ends[place] as usize];
        match text.as_bytes().first() {
            None => Cell::Null,
            Some(b'?') => Cell::Unknown,
            Some(b'#') => Cell::Number(text[1..].into()),
            Some(b'"') => Cell::Text(text[1..].into()),
            Some(mark) => Cell::Bool(*mark == b't'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_went_in_whatever_the_block() {
        let row = |n: usize| {
            let text = if n.is_multiple_of(3) { String::new() } else { "ä".repeat(n % 700) };
            [
                Cell::Null,
                Cell::Bool(n.is_multiple_of(2)),
                Cell::Number(n.to_string().into()),
                Cell::Text(text.into()),
                Cell::Unknown,
            ]
        };
        let mut rows = Rows::default();
        for half in [0..4000, 4000..8000] {
            let mut part = Rows::default();
            half.for_each(|n| part.push(row(n)));
            rows.append(part);
        }
        assert_eq!(rows.len(), 8000);
        assert!(rows.blocks.len() > 2);
        for n in 0..8000 {
            let cells: Vec<_> = (0..5).map(|position| rows.row(n as u32).cell(position)).collect();
            assert_eq!(cells, row(n));
        }
    }
}
