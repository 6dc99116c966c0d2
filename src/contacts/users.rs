//! The app's users, read from packed rows of the database. `user_rows.rs` describes the format of the rows.

use std::collections::BTreeSet;

use super::fingerprints::Fingerprints;
use super::keys::{Form, KeyKind};
use super::links::Links;
use super::primary_keys::{Key, PrimaryKeys, UserNumber, SOMEBODY};
use super::trusted_values::TrustedValues;
use super::user_counts::UserCounts;
use super::user_rows::{flags, malformed, readable, Fields, LEADS, MAY_LINK, SWEEP};
use crate::error::Result;
use crate::rows::{Cell, Column};

/// The users, sorted by key: all users whom the sync concerns, or only those whom it may change.
pub struct UserTable {
    fingerprints: Fingerprints,
    keys: PrimaryKeys,
    links: Links,
    flags: Vec<u8>,
    columns: Vec<Column>,
    /// The kind of the values of each tier.
    kinds: Vec<KeyKind>,
    values: TrustedValues,
    unreadable: BTreeSet<Key>,
    counts: UserCounts,
    sealed: bool,
}

impl UserTable {
    /// Creates an empty table for users with `columns` written columns. `kinds` has the kind of the values of each
    /// tier.
    #[must_use]
    pub fn new(columns: usize, integer_keys: bool, fingerprints: Fingerprints, kinds: Vec<KeyKind>) -> Self {
        let counts = UserCounts::new(kinds.len());
        Self {
            fingerprints,
            keys: PrimaryKeys::new(integer_keys),
            links: Links::default(),
            flags: Vec::new(),
            columns: (0..columns).map(|_| Column::default()).collect(),
            kinds,
            values: TrustedValues::default(),
            unreadable: BTreeSet::new(),
            counts,
            sealed: false,
        }
    }

    /// Creates an empty table with the same layout.
    #[must_use]
    pub fn anew(&self) -> Self {
        let kinds = self.kinds.clone();
        Self::new(self.columns.len(), self.keys.are_integers(), self.fingerprints.clone(), kinds)
    }

    /// Reads one packed row.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] if the row is malformed, or if a user comes after a key value.
    pub fn read(&mut self, packed: impl AsRef<[u8]>) -> Result<()> {
        let packed = packed.as_ref();
        let mut fields = Fields::new(packed.get(1..).unwrap_or_default());
        match packed.first() {
            Some(b'u') if !self.sealed => self.read_user(&mut fields),
            Some(b'a') => self.read_value(&mut fields).map(drop),
            Some(b'o') => {
                if let (tier, false) = self.read_value(&mut fields)? {
                    self.counts.blank[tier] += 1;
                }
                Ok(())
            }
            Some(b'l') => self.read_lost_value(&mut fields),
            Some(kind @ (b'c' | b'n')) => {
                self.counts.total = Some(fields.number()?);
                self.counts.by_need = *kind == b'n';
                Ok(())
            }
            _ => Err(malformed()),
        }
    }

    /// Ends the reading: sorts the users by key, and checks that the database sent its count of them.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] if the count is missing, or smaller than the number of users that were read.
    pub fn finish(&mut self) -> Result<()> {
        self.seal()?;
        self.counts.check(self.len())
    }

    /// Returns the number of users that were read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flags.len()
    }

    /// Returns whether no user was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// Returns the number of users in the database, read or not.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.total.unwrap_or_default()
    }

    /// Returns the number of users that are linked to a contact.
    #[must_use]
    pub fn linked(&self) -> usize {
        self.links.linked()
    }

    /// Returns the number of trusted values of each tier, including those of users who do not exist; `None` if not all
    /// of them were read.
    #[must_use]
    pub fn trusted_values(&self) -> Option<Vec<usize>> {
        self.counts.trusted_values(&self.values.of_tiers(self.kinds.len()))
    }

    /// Returns for each tier the number of blank or malformed values, among those that the database could not compare.
    #[must_use]
    pub fn blank_values(&self) -> &[usize] {
        &self.counts.blank
    }

    /// Returns whether only those users were read whom the sync may change.
    #[must_use]
    pub fn by_need(&self) -> bool {
        self.counts.by_need
    }

    /// Returns the users with a key value, a link or a written column that contains a NUL or is not UTF-8.
    pub fn unreadable(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.unreadable.iter()
    }

    /// Returns the written columns, as the database has them.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns the key of a user.
    #[must_use]
    pub fn key(&self, user: UserNumber) -> Key {
        self.keys.get(user as usize)
    }

    pub(super) fn find(&self, key: &Key) -> Option<UserNumber> {
        self.keys.find(key).map(|user| user as UserNumber)
    }

    /// Returns the contact id of a user, as the app spells it.
    #[must_use]
    pub fn link(&self, user: UserNumber) -> Option<&str> {
        self.links.get(user as usize)
    }

    pub(super) fn may_link(&self, user: UserNumber) -> bool {
        self.flags[user as usize] & MAY_LINK != 0
    }

    pub(super) fn in_lead_scope(&self, user: UserNumber) -> bool {
        self.flags[user as usize] & LEADS != 0
    }

    pub(super) fn in_sweep_scope(&self, user: UserNumber) -> bool {
        self.flags[user as usize] & SWEEP != 0
    }

    /// Returns whether any user has the normalized value as a trusted value.
    pub(super) fn trust(&self, normalized: &str) -> bool {
        self.values.contains(self.fingerprints.of(normalized.as_bytes()))
    }

    pub(super) fn values(&self) -> &TrustedValues {
        &self.values
    }

    fn read_user(&mut self, fields: &mut Fields<'_>) -> Result<()> {
        let key = fields.text()?.into_owned();
        let whole = fields.rest();
        self.keys.push(&key)?;
        self.links.push(fields.lossy()?.as_deref());
        self.flags.push(flags(fields.text()?.as_bytes()));
        for column in &mut self.columns {
            column.push(&[fields.lossy()?.map_or(Cell::Null, Cell::Text)]);
        }
        if readable(whole).is_none() {
            self.name_unreadable(&key)?;
        }
        Ok(())
    }

    fn name_unreadable(&mut self, key: &str) -> Result<()> {
        self.unreadable.insert(self.keys.parse(key)?);
        Ok(())
    }

    /// Reads a value of a user. Returns its tier, and whether it is a value: false if it is blank, malformed or
    /// unreadable.
    fn read_value(&mut self, fields: &mut Fields<'_>) -> Result<(usize, bool)> {
        self.seal()?;
        let key = fields.text()?;
        let user = self.number_of(&key)?;
        let tier = fields.number()?;
        let kind = *self.kinds.get(tier).ok_or_else(malformed)?;
        let Some(text) = fields.next()? else { return Ok((tier, false)) };
        let Some(text) = readable(text) else { return self.name_unreadable(&key).map(|()| (tier, false)) };
        let form = kind.form(text);
        match &form {
            Form::Value(value) => self.values.push(self.fingerprints.of(value.as_bytes()), user, tier as u8),
            Form::Malformed => self.values.push_malformed(self.keys.parse(&key)?, tier as u8),
            Form::Blank => {}
        }
        Ok((tier, matches!(form, Form::Value(_))))
    }

    fn read_lost_value(&mut self, fields: &mut Fields<'_>) -> Result<()> {
        fields.next()?;
        let tier = fields.number()?;
        match fields.next()? {
            Some(value) if !value.is_empty() => self.counts.lost(tier),
            _ => Ok(()),
        }
    }

    fn number_of(&self, key: &str) -> Result<UserNumber> {
        // Values mostly come in the order of their users, so the search begins at the user of the last value and the
        // next one.
        let last = self.values.users.last().map_or(0, |user| user.wrapping_add(1)) as usize;
        let found = self.keys.find_near(last, key)?;
        Ok(found.map_or(SOMEBODY, |user| user as UserNumber))
    }

    fn seal(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.sealed, true) {
            return Ok(());
        }
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        self.keys.sort(&mut order)?;
        if !order.is_sorted() {
            self.links.permute(&order);
            self.flags = order.iter().map(|&user| self.flags[user as usize]).collect();
            self.columns.iter_mut().for_each(|column| column.permute(&order));
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns a table of packed rows of users with one written column.
    pub(in crate::contacts) fn table(rows: &[&str]) -> UserTable {
        let mut table = UserTable::new(1, true, Fingerprints::new(), vec![KeyKind::Email]);
        rows.iter().for_each(|row| table.read(row).unwrap());
        table.finish().unwrap();
        table
    }

    #[test]
    fn users_are_in_the_order_of_their_keys_however_they_came() {
        let table = table(&["u2:103:abc3:1101:x", "u1:9~3:001~", "a2:101:07:a@b.edu", "a1:51:07:c@d.edu", "c2:10"]);
        assert_eq!((table.key(0), table.key(1)), (Key::Integer(9), Key::Integer(10)));
        assert_eq!((table.link(0), table.link(1)), (None, Some("abc")));
        assert!(table.in_sweep_scope(0) && !table.may_link(0) && table.may_link(1));
        assert_eq!(table.columns()[0].tuple(0), [Cell::Null]);
        assert_eq!(table.columns()[0].tuple(1), [Cell::Text("x".into())]);
        assert_eq!(table.values().users, [1, SOMEBODY]);
        assert_eq!(table.total(), 10);
    }

    #[test]
    fn a_table_is_empty_until_a_user_is_read_whatever_their_total() {
        assert!(table(&["c1:5"]).is_empty());
        assert!(!table(&["u1:1~3:000~", "c1:5"]).is_empty());
    }

    #[test]
    fn values_of_users_who_do_not_exist_are_counted_and_nobodys() {
        let table = table(&["u1:1~3:0001:x", "a1:10,7:a@b.edu", "l1:90,7:c@d.edu", "l1:90,0:", "l1:80,~", "c1:1"]);
        assert_eq!((table.trusted_values(), table.values().users.len()), (Some(vec![2]), 1));
        let mut table = UserTable::new(1, true, Fingerprints::new(), vec![KeyKind::Email]);
        assert!(table.read("l1:91,1:x").is_err(), "of a tier that is not there");
    }

    #[test]
    fn users_who_are_not_read_are_counted_and_their_values_are_not() {
        let rows = ["u1:13:abc3:1001:x", "o1:10,7: c@d.eé", "o1:10,1: ", "a1:10,7:c@d.edu", "n2:10"];
        let table = table(&rows);
        assert_eq!((table.len(), table.total(), table.trusted_values()), (1, 10, None));
        assert_eq!(table.blank_values(), [1]);
        assert!(table.by_need() && !table.anew().by_need());
    }

    #[test]
    fn users_who_come_after_they_were_counted_are_counted() {
        let table = table(&["u1:13:abc3:1001:x", "u1:2~3:000~", "n1,"]);
        assert_eq!((table.len(), table.total()), (2, 2));
    }

    #[test]
    fn a_count_that_is_missing_or_too_small_is_an_error() {
        let mut table = UserTable::new(0, true, Fingerprints::new(), Vec::new());
        table.read("u1:1~3:000").unwrap();
        assert!(table.finish().is_err());
        table.read("c1:0").unwrap();
        assert!(table.finish().is_err());
        assert!(table.read("u1:2~3:000").is_err(), "a user after the end");
    }
}
