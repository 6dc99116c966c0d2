//! Joins the rows of two sides by their keys.

use rayon::prelude::*;

/// The key of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key<K> {
    /// The row has no key.
    Blank,
    /// The value cannot be a key.
    Malformed,
    /// The row has this key.
    Is(K),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
}

/// A row with its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry<K> {
    key: K,
    side: Side,
    pub(crate) row: u32,
}

/// All rows with one key.
pub(crate) struct Group<'e, K> {
    pub(crate) key: K,
    pub(crate) left: &'e [Entry<K>],
    pub(crate) right: &'e [Entry<K>],
}

/// Returns the rows of both sides that have a key, sorted by key. They are sorted instead of hashed, so that the groups
/// come in a fixed order, whatever the order of the rows, and need no allocations.
pub(crate) fn join<K: Copy + Ord + Send + Sync>(left: &[Key<K>], right: &[Key<K>]) -> Vec<Entry<K>> {
    let entries = |keys: &[Key<K>], side| {
        let keyed = keys.iter().zip(0..).filter_map(move |(key, row)| match key {
            Key::Is(key) => Some(Entry { key: *key, side, row }),
            _ => None,
        });
        keyed.collect::<Vec<_>>()
    };
    let mut joined = entries(left, Side::Left);
    joined.extend(entries(right, Side::Right));
    joined.par_sort_unstable();
    joined
}

/// Returns the groups of rows with the same key, in the order of the keys.
pub(crate) fn groups<K: Copy + Ord + Send + Sync>(entries: &[Entry<K>]) -> impl ParallelIterator<Item = Group<'_, K>> {
    entries.par_chunk_by(|one, next| one.key == next.key).map(|group| {
        let (left, right) = group.split_at(group.partition_point(|entry| entry.side == Side::Left));
        Group { key: group[0].key, left, right }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_grouped_by_key_and_rows_without_a_key_are_left_out() {
        let left = [Key::Is(2), Key::Blank, Key::Is(1), Key::Malformed];
        let right = [Key::Blank, Key::Is(3), Key::Is(2), Key::Is(2)];
        let entries = join(&left, &right);
        let rows = |entries: &[Entry<i32>]| entries.iter().map(|entry| entry.row).collect::<Vec<_>>();
        let met: Vec<_> = groups(&entries).map(|group| (group.key, rows(group.left), rows(group.right))).collect();
        assert_eq!(met, [(1, vec![2], vec![]), (2, vec![0], vec![2, 3]), (3, vec![], vec![1])]);
    }
}
