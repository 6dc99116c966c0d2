//! Compact columns: each distinct value is stored once, and each row holds the number of its value.

use std::collections::HashMap;

use super::cell::Cell;

/// A column whose values are tuples of cells. Each distinct tuple is stored once.
#[derive(Default)]
pub struct Column {
    numbers: HashMap<Box<[Cell<'static>]>, u32>,
    distinct: Vec<Box<[Cell<'static>]>>,
    rows: Rows,
    /// A cache in front of the hash map: the number of the last tuple found in each slot, by [`cache_slot`].
    cache: Vec<u32>,
}

/// The number of slots of the cache.
const CACHE_SLOTS: usize = 256;

impl Column {
    /// Appends a row.
    pub fn push(&mut self, tuple: &[Cell<'_>]) {
        let number = self.number_of(tuple);
        self.rows.push(number);
    }

    /// Returns the number of a tuple, and adds the tuple to the distinct ones if it is new.
    fn number_of(&mut self, tuple: &[Cell<'_>]) -> u32 {
        // Most columns repeat a few values. The cache finds those faster than the map, whose hash is keyed at random.
        let slot = cache_slot(tuple);
        if let Some(&number) = self.cache.get(slot) {
            if *self.distinct[number as usize] == *tuple {
                return number;
            }
        }
        let number = self.find(tuple).unwrap_or_else(|| self.insert(tuple));
        self.cache.resize(CACHE_SLOTS, 0);
        self.cache[slot] = number;
        number
    }

    /// Returns the distinct tuples in the order of their numbers.
    #[must_use]
    pub fn distinct(&self) -> &[Box<[Cell<'static>]>] {
        &self.distinct
    }

    /// Returns the number of the tuple in `row`.
    #[must_use]
    pub fn number(&self, row: usize) -> usize {
        self.rows.get(row)
    }

    /// Returns the tuple in `row`.
    #[must_use]
    pub fn tuple(&self, row: usize) -> &[Cell<'static>] {
        &self.distinct[self.number(row)]
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of rows of each distinct tuple.
    #[must_use]
    pub fn frequencies(&self) -> Vec<usize> {
        let mut counts = vec![0; self.distinct.len()];
        (0..self.len()).for_each(|row| counts[self.number(row)] += 1);
        counts
    }

    /// Reorders the rows: `order` holds each row number once.
    pub fn permute(&mut self, order: &[u32]) {
        let mut rows = Rows::default();
        order.iter().for_each(|&row| rows.push(self.rows.get(row as usize) as u32));
        self.rows = rows;
    }

    fn find(&self, tuple: &[Cell<'_>]) -> Option<u32> {
        // `Cell` is covariant, so a tuple that borrows from a page can be looked up among owned tuples.
        let numbers: &HashMap<Box<[Cell<'_>]>, u32> = &self.numbers;
        numbers.get(tuple).copied()
    }

    fn insert(&mut self, tuple: &[Cell<'_>]) -> u32 {
        let owned: Box<[Cell<'static>]> = tuple.iter().cloned().map(Cell::into_owned).collect();
        let number = self.distinct.len() as u32;
        self.numbers.insert(owned.clone(), number);
        self.distinct.push(owned);
        number
    }
}

/// Returns the cache slot of a tuple, by a cheap hash: equal tuples have the same slot, different ones mostly not.
fn cache_slot(tuple: &[Cell<'_>]) -> usize {
    let mix = |hash: u64, cell: &Cell<'_>| {
        let value = match cell {
            Cell::Null => 0,
            Cell::Unknown => 1,
            Cell::Bool(value) => 2 + u64::from(*value),
            Cell::Number(text) | Cell::Text(text) => ends(text.as_bytes()),
        };
        (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    (tuple.iter().fold(0, mix) >> 32) as usize % CACHE_SLOTS
}

/// Combines the length, the first and the last bytes of a text into one number.
fn ends(text: &[u8]) -> u64 {
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29) ^ text.len() as u64
        }
        _ => text.iter().fold(text.len() as u64, |number, byte| number << 8 | u64::from(*byte)),
    }
}

/// The value number of each row, stored in one byte for as long as that suffices: most columns hold few distinct
/// values.
enum Rows {
    Narrow(Vec<u8>),
    Wide(Vec<u32>),
}

impl Default for Rows {
    fn default() -> Self {
        Rows::Narrow(Vec::new())
    }
}

impl Rows {
    fn push(&mut self, number: u32) {
        match self {
            Rows::Wide(rows) => rows.push(number),
            Rows::Narrow(rows) => match u8::try_from(number) {
                Ok(number) => rows.push(number),
                Err(_) => {
                    let mut wide: Vec<u32> = rows.iter().copied().map(u32::from).collect();
                    wide.push(number);
                    *self = Rows::Wide(wide);
                }
            },
        }
    }

    fn get(&self, row: usize) -> usize {
        match self {
            Rows::Narrow(rows) => usize::from(rows[row]),
            Rows::Wide(rows) => rows[row] as usize,
        }
    }

    fn len(&self) -> usize {
        match self {
            Rows::Narrow(rows) => rows.len(),
            Rows::Wide(rows) => rows.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn more_distinct_values_than_a_byte_holds() {
        let mut column = Column::default();
        for n in 0..600 {
            column.push(&[Cell::Text(Cow::Owned((n % 300).to_string()))]);
        }
        assert_eq!(column.distinct().len(), 300);
        assert_eq!(column.tuple(599), [Cell::Text("299".into())]);
        assert_eq!(column.frequencies(), vec![2; 300]);
    }

    #[test]
    fn tuples_in_the_same_cache_slot_are_different_values() {
        let tuple = |n: usize| [Cell::Text(format!("begins-{n:04}-ends alike").into()), Cell::Null];
        assert_eq!(cache_slot(&tuple(1)), cache_slot(&tuple(2)));
        let mut column = Column::default();
        (0..60).for_each(|n| column.push(&tuple(n % 20)));
        assert_eq!(
            (0..60).map(|row| column.number(row)).collect::<Vec<_>>(),
            (0..60).map(|n| n % 20).collect::<Vec<_>>()
        );
        assert!(column.tuple(45) == tuple(5));
    }

    #[test]
    fn cells_of_different_kinds_are_different_values() {
        let number = |text: &'static str| Cell::Number(text.into());
        let cells =
            [Cell::Null, Cell::Unknown, Cell::Bool(false), Cell::Bool(true), number("1"), Cell::Text("1".into())];
        let mut column = Column::default();
        (0..12).for_each(|row| column.push(&cells[row % 6..=row % 6]));
        assert_eq!((column.distinct().len(), column.number(11)), (6, 5));
    }
}
