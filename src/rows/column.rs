//! Compact columns: each distinct value is kept once, a row holds its number.

use std::collections::HashMap;

use super::cell::Cell;

/// A column of tuples of cells, each distinct tuple kept once.
#[derive(Default)]
pub struct Column {
    numbers: HashMap<Box<[Cell<'static>]>, u32>,
    distinct: Vec<Box<[Cell<'static>]>>,
    rows: Rows,
    latest: u32,
}

impl Column {
    /// Appends a row.
    pub fn push(&mut self, tuple: &[Cell<'_>]) {
        let number = self.number_of(tuple);
        self.rows.push(number);
    }

    /// Returns the number of a tuple, which becomes one of the distinct ones without a row.
    pub fn number_of(&mut self, tuple: &[Cell<'_>]) -> u32 {
        // Rows mostly say what the row before said.
        if self.distinct.get(self.latest as usize).is_none_or(|latest| **latest != *tuple) {
            self.latest = self.find(tuple).unwrap_or_else(|| self.insert(tuple));
        }
        self.latest
    }

    /// Returns the distinct tuples, in the order of their numbers.
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

    /// Returns the number of rows that hold each distinct tuple.
    #[must_use]
    pub fn frequencies(&self) -> Vec<usize> {
        let mut counts = vec![0; self.distinct.len()];
        (0..self.len()).for_each(|row| counts[self.number(row)] += 1);
        counts
    }

    /// Puts the rows into the order of `order`, which holds each row once.
    pub fn permute(&mut self, order: &[u32]) {
        let mut rows = Rows::default();
        order.iter().for_each(|&row| rows.push(self.rows.get(row as usize) as u32));
        self.rows = rows;
    }

    fn find(&self, tuple: &[Cell<'_>]) -> Option<u32> {
        // `Cell` is covariant, so a tuple that borrows from a page can be looked up among owned ones.
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

/// Numbers of rows, in a byte each as long as that is enough: most columns hold few distinct values.
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
}
