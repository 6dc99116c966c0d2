//! The primary keys of users.

use std::cmp::Ordering;
use std::fmt;

use super::user_rows::malformed;
use crate::error::{Error, Result};

/// The number of a user within the table.
pub(super) type UserNumber = u32;
/// Stands for a user who was not read, because only the user's key values matter.
pub(super) const SOMEBODY: UserNumber = u32::MAX;

/// A user's primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// An integer.
    Integer(i64),
    /// Any other key, as the database spells it.
    Text(String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Integer(key) => write!(f, "{key}"),
            Key::Text(key) => f.write_str(key),
        }
    }
}

/// The keys of all users. They have one type.
pub(super) enum PrimaryKeys {
    Integers(Vec<i64>),
    Texts(Vec<Box<str>>),
}

impl PrimaryKeys {
    pub(super) fn new(integers: bool) -> Self {
        if integers {
            Self::Integers(Vec::new())
        } else {
            Self::Texts(Vec::new())
        }
    }

    pub(super) fn are_integers(&self) -> bool {
        matches!(self, Self::Integers(_))
    }

    /// Parses a key as the database spells it.
    pub(super) fn parse(&self, text: &str) -> Result<Key> {
        match self {
            Self::Integers(_) => text.parse().map(Key::Integer).map_err(|_| malformed()),
            Self::Texts(_) => Ok(Key::Text(text.into())),
        }
    }

    pub(super) fn push(&mut self, text: &str) -> Result<()> {
        match self {
            Self::Integers(keys) => keys.push(text.parse().map_err(|_| malformed())?),
            Self::Texts(keys) => keys.push(text.into()),
        }
        Ok(())
    }

    pub(super) fn get(&self, place: usize) -> Key {
        match self {
            Self::Integers(keys) => Key::Integer(keys[place]),
            Self::Texts(keys) => Key::Text(keys[place].to_string()),
        }
    }

    /// Returns the index of a key. The keys must be sorted.
    pub(super) fn find(&self, key: &Key) -> Option<usize> {
        match (self, key) {
            (Self::Integers(keys), Key::Integer(key)) => keys.binary_search(key).ok(),
            (Self::Texts(keys), Key::Text(key)) => keys.binary_search_by(|known| known.as_ref().cmp(key)).ok(),
            _ => None,
        }
    }

    /// Returns the index of a key as the database spells it. Looks at `place` and the index before it first.
    pub(super) fn find_near(&self, place: usize, text: &str) -> Result<Option<usize>> {
        Ok(match self {
            Self::Integers(keys) => {
                let key: i64 = text.parse().map_err(|_| malformed())?;
                near(keys, place, |known| known.cmp(&key))
            }
            Self::Texts(keys) => near(keys, place, |known| known.as_ref().cmp(text)),
        })
    }

    /// Sorts the keys, and reorders `places` in the same way.
    ///
    /// # Errors
    /// [`Error::Internal`] if a key occurs twice.
    pub(super) fn sort(&mut self, places: &mut [u32]) -> Result<()> {
        match self {
            Self::Integers(keys) => sort(keys, places),
            Self::Texts(keys) => sort(keys, places),
        }
    }
}

fn near<T>(keys: &[T], place: usize, compare: impl Fn(&T) -> Ordering) -> Option<usize> {
    let here = |at: usize| keys.get(at).is_some_and(|known| compare(known).is_eq()).then_some(at);
    let guess = here(place).or_else(|| here(place.checked_sub(1)?));
    guess.or_else(|| keys.binary_search_by(compare).ok())
}

fn sort<T: Ord>(keys: &mut Vec<T>, order: &mut [u32]) -> Result<()> {
    if !keys.is_sorted() {
        order.sort_unstable_by(|&a, &b| keys[a as usize].cmp(&keys[b as usize]));
        let mut taken: Vec<Option<T>> = keys.drain(..).map(Some).collect();
        keys.extend(order.iter().filter_map(|&user| taken[user as usize].take()));
    }
    match keys.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(Error::Internal("the database sent a user twice".into())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_where_it_is_of_the_type_that_they_have() {
        let keys = |integers: bool, texts: [&str; 2]| {
            let mut keys = PrimaryKeys::new(integers);
            texts.iter().for_each(|text| keys.push(text).unwrap());
            keys.sort(&mut [0, 1]).unwrap();
            keys
        };
        let texts = keys(false, ["b", "a"]);
        assert_eq!(["a", "b", "c"].map(|key| texts.find(&Key::Text(key.into()))), [Some(0), Some(1), None]);
        assert_eq!(texts.find(&Key::Integer(1)), None);
        let integers = keys(true, ["10", "9"]);
        assert_eq!((integers.find(&Key::Integer(10)), integers.find(&Key::Text("10".into()))), (Some(1), None));
    }
}
