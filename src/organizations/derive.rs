//! Derives the values of an organization's attributes from its account, and converts them to the form that is written.

use super::rules::{AttributeRule, Case, Condition, Parent, Rules, Source};
use crate::compare::{fit, same, Kind};
use crate::rows::{Cell, Id};

impl Rules {
    /// Returns the value that an attribute gets from an account. The cells of the account are in the order of
    /// [`Rules::account_fields`].
    pub(super) fn derive<'c>(&'c self, source: &'c Source, account: &'c [Cell<'_>]) -> Cell<'c> {
        match source {
            // The key is written in 18 characters, as it is compared.
            Source::Field(field) if *field == self.account_key => spelled_id(&account[*field], Id::as_str),
            Source::Field(field) => borrowed(&account[*field]),
            Source::Id15(field) => spelled_id(&account[*field], Id::short),
            Source::Equals(condition) => self.holds(condition, account).map_or(Cell::Unknown, Cell::Bool),
            Source::FirstOf(cases) => cases
                .iter()
                .find_map(|case| match self.applies(case, account) {
                    Some(true) => Some(borrowed(&case.then)),
                    Some(false) => None,
                    None => Some(Cell::Unknown),
                })
                .unwrap_or(Cell::Null),
        }
    }

    /// Returns whether all conditions of a case hold; `None` if that depends on an unknown value.
    fn applies(&self, case: &Case, account: &[Cell<'_>]) -> Option<bool> {
        let holds: Vec<Option<bool>> = case.when.iter().map(|condition| self.holds(condition, account)).collect();
        if holds.contains(&Some(false)) {
            return Some(false);
        }
        (!holds.contains(&None)).then_some(true)
    }

    /// Sets the fields of a parent to [`Cell::Unknown`] if the account refers to the parent, but its record was not
    /// read.
    pub(super) fn without_hidden<'c>(&self, cells: &mut [Cell<'c>]) {
        let hidden = |parent: &&Parent| cells[parent.reference].is_filled() && !cells[parent.id].is_filled();
        let hidden: Vec<usize> =
            self.parents.iter().filter(hidden).flat_map(|parent| parent.fields.iter().copied()).collect();
        hidden.into_iter().for_each(|field| cells[field] = Cell::Unknown);
    }

    /// Returns whether a condition holds; `None` if the value of its field is unknown.
    fn holds(&self, condition: &Condition, account: &[Cell<'_>]) -> Option<bool> {
        let value = &account[condition.field];
        if *value == Cell::Unknown {
            return None;
        }
        let as_ids = condition.field == self.account_key && id(value).is_some() && id(value) == id(&condition.equals);
        Some(as_ids || same(Kind::Any, value, &condition.equals))
    }
}

impl AttributeRule {
    /// Returns a derived value in the form in which it is written: for a drop-down, the tag of the option that has the
    /// value as its tag or label; otherwise, the form in which a field of the kind takes it.
    ///
    /// # Errors
    /// The reason why the field cannot take the value.
    pub(super) fn writable<'c>(&'c self, value: Cell<'c>) -> Result<Cell<'c>, Unfit> {
        // A replacement character stands for bytes that could not be read, so the text is not what a person wrote.
        if value.text().is_some_and(|text| text.contains(char::REPLACEMENT_CHARACTER)) {
            return Err(Unfit::Kind);
        }
        if self.options.is_empty() || !value.is_filled() {
            return fit(self.kind, value).ok_or(Unfit::Kind);
        }
        let text = Cell::Text(value.text().ok_or(Unfit::Option)?.into());
        let is = |spelling: &String| same(Kind::DropDown, &Cell::Text(spelling.as_str().into()), &text);
        let by_tag = self.options.iter().find(|option| is(&option.tag));
        let option = by_tag.or_else(|| self.options.iter().find(|option| is(&option.label))).ok_or(Unfit::Option)?;
        Ok(Cell::Text(option.tag.as_str().into()))
    }
}

/// The reason why a value cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unfit {
    /// No option of the drop-down has the value as its tag or label.
    Option,
    /// The value is not of the field's kind.
    Kind,
}

/// Returns the Salesforce id in a cell, if it holds one.
pub(super) fn id(cell: &Cell<'_>) -> Option<Id> {
    Id::parse(cell.text()?.trim())
}

/// Returns a cell with the same value that borrows its text.
fn borrowed<'c>(cell: &'c Cell<'_>) -> Cell<'c> {
    match cell {
        Cell::Null => Cell::Null,
        Cell::Unknown => Cell::Unknown,
        Cell::Bool(value) => Cell::Bool(*value),
        Cell::Number(number) => Cell::Number((&**number).into()),
        Cell::Text(text) => Cell::Text((&**text).into()),
    }
}

/// Returns the id in a cell in the given spelling. A text that is not an id stays as it is: it is no account's key, and
/// is reported.
fn spelled_id<'c>(cell: &'c Cell<'_>, spelling: impl Fn(&Id) -> &str) -> Cell<'c> {
    id(cell).map_or_else(|| borrowed(cell), |id| Cell::Text(spelling(&id).to_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::super::rules::{DropDownOption, Target};
    use super::*;

    const ID: &str = "0014M00001sDiGEQA0";

    fn text(text: &str) -> Cell<'static> {
        Cell::Text(text.to_owned().into())
    }

    fn case(field: usize, equals: &str, then: &str) -> Case {
        Case { when: vec![Condition { field, equals: text(equals) }], then: text(then) }
    }

    #[test]
    fn the_first_case_that_holds_wins() {
        let rules = Rules::default();
        let source = Source::FirstOf(vec![
            case(0, "0014M00001sDiGE", "alliance_partner"),
            case(1, "Open", "open_partner"),
            case(1, "Select", "select_partner"),
        ]);
        let derive = |id: &str, track| rules.derive(&source, &[text(id), text(track)]).text().map(str::to_owned);
        assert_eq!(derive(ID, "Open").as_deref(), Some("alliance_partner"), "15 and 18 characters are one id");
        assert_eq!(derive("", "Open").as_deref(), Some("open_partner"));
        assert_eq!(derive("", "Select").as_deref(), Some("select_partner"));
        assert_eq!(derive("", "open"), None);
    }

    #[test]
    fn only_the_accounts_own_id_is_equal_in_both_lengths() {
        let (rules, account) = (Rules::default(), [text(ID), text(ID)]);
        let is_short = |field| Source::Equals(Condition { field, equals: text(&ID[..15]) });
        assert_eq!(rules.derive(&is_short(0), &account), Cell::Bool(true));
        assert_eq!(rules.derive(&is_short(1), &account), Cell::Bool(false));
    }

    #[test]
    fn ids_are_written_in_the_length_that_is_asked_for() {
        let rules = Rules::default();
        let account = [text(" 0014M00001sDiGE "), text(ID)];
        assert_eq!(rules.derive(&Source::Field(0), &account), text(ID));
        assert_eq!(rules.derive(&Source::Id15(1), &account), text("0014M00001sDiGE"));
        assert_eq!(rules.derive(&Source::Id15(0), &[text("none")]), text("none"));
    }

    #[test]
    fn a_condition_is_true_or_false_and_never_null() {
        let equals = text("Restricted Party");
        let source = Source::Equals(Condition { field: 1, equals });
        let derive = |value| Rules::default().derive(&source, &[Cell::Null, value]) == Cell::Bool(true);
        assert!(derive(text("Restricted Party ")));
        assert!(!derive(text("restricted party")));
        assert!(!derive(Cell::Null));
    }

    #[test]
    fn a_drop_down_gets_tags_also_where_the_source_has_labels() {
        let option = DropDownOption { tag: "open_partner".into(), label: "Open Partner".into() };
        let target = Target::Field("account_type".into());
        let rule = AttributeRule { target, kind: Kind::DropDown, source: Source::Field(0), options: vec![option] };
        assert_eq!(rule.writable(text("open partner")), Ok(text("open_partner")));
        assert_eq!(rule.writable(text("Open_Partner")), Ok(text("open_partner")));
        assert_eq!(rule.writable(text("Gold")), Err(Unfit::Option));
        assert_eq!(rule.writable(Cell::Number("1".into())), Err(Unfit::Option));
        assert_eq!(
            AttributeRule { options: Vec::new(), ..rule.clone() }.writable(text("Bob \u{fffd}")),
            Err(Unfit::Kind)
        );
        assert_eq!(rule.writable(Cell::Null), Ok(Cell::Null));
    }
}
