//! The queries for a source: for all of it, for what changed, for what left it.

use super::second::Second;
use crate::rows::{Id, Selection};

/// The selection that is asked of a source.
#[derive(Debug, Clone)]
pub struct Select {
    /// The object.
    pub object: String,
    /// The fields that the declaration names; the first is the `Id`.
    pub fields: Vec<String>,
    /// The condition on its rows.
    pub condition: Option<String>,
    /// The stamps that tell when a row, or a parent of which fields are asked for, has changed: the row's own comes first.
    /// Empty where nobody wants to know.
    pub stamps: Vec<String>,
}

impl Select {
    /// Returns the cells of its rows: the fields, then the stamps.
    pub(super) fn selection(&self) -> Selection {
        Selection::new(&self.cells())
    }

    /// Returns the same cells, and last whether the row is deleted.
    pub(super) fn selection_with_deleted(&self) -> Selection {
        let mut cells = self.cells();
        cells.push(DELETED);
        Selection::new(&cells)
    }

    /// Returns the query for all rows.
    pub(super) fn all(&self) -> String {
        let condition = self.condition.as_ref().map(|condition| format!(" WHERE {condition}"));
        format!("{}{}", self.select(&self.cells()), condition.unwrap_or_default())
    }

    /// Returns the query for the rows that changed, also those that are deleted.
    pub(super) fn changed(&self, since: Second) -> String {
        let mut cells = self.cells();
        cells.push(DELETED);
        self.with(&cells, self.condition.as_ref().map(|condition| format!("({condition})")), &self.moved_since(since))
    }

    /// Returns the query for the ids of the rows that changed and do not fulfil the condition; nothing where there is
    /// none.
    ///
    /// Asked for as what they are: a row that merely does not come could be one that is not visible yet.
    pub(super) fn left(&self, since: Second) -> Option<String> {
        let condition = self.condition.as_ref()?;
        Some(self.with(&["Id"], Some(format!("(NOT ({condition}))")), &self.moved_since(since)))
    }

    /// Returns the query for the ids of all that changed, whatever the condition says.
    pub(super) fn moved(&self, since: Second) -> String {
        self.with(&["Id"], None, &self.moved_since(since))
    }

    /// Returns the query for the rows with these ids.
    pub(super) fn these(&self, ids: &[Id]) -> String {
        let list: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let condition = self.condition.as_ref().map(|condition| format!("({condition})"));
        self.with(&self.cells(), condition, &format!("Id IN ({})", list.join(",")))
    }

    fn cells(&self) -> Vec<&str> {
        self.fields.iter().chain(&self.stamps).map(String::as_str).collect()
    }

    fn select(&self, cells: &[&str]) -> String {
        format!("SELECT {} FROM {}", cells.join(", "), self.object)
    }

    fn with(&self, cells: &[&str], condition: Option<String>, test: &str) -> String {
        let conditions: Vec<String> = condition.into_iter().chain([test.to_owned()]).collect();
        format!("{} WHERE {}", self.select(cells), conditions.join(" AND "))
    }

    fn moved_since(&self, since: Second) -> String {
        let tests: Vec<String> = self.stamps.iter().map(|stamp| format!("{stamp} >= {since}")).collect();
        format!("({})", tests.join(" OR "))
    }
}

const DELETED: &str = "IsDeleted";

#[cfg(test)]
mod tests {
    use super::*;

    fn select(condition: Option<&str>) -> Select {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Select {
            object: "Contact".into(),
            fields: texts(&["Id", "Email"]),
            condition: condition.map(str::to_owned),
            stamps: texts(&["SystemModstamp", "Account.SystemModstamp"]),
        }
    }

    #[test]
    fn a_condition_of_the_declaration_cannot_reach_beyond_its_parentheses() {
        let select = select(Some("A = 1 OR B = 2"));
        let since = Second::parse("2022-02-15T06:21:19Z").unwrap();
        let moved = "(SystemModstamp >= 2022-02-15T06:21:19Z OR Account.SystemModstamp >= 2022-02-15T06:21:19Z)";
        assert_eq!(
            select.changed(since),
            format!(
                "SELECT Id, Email, SystemModstamp, Account.SystemModstamp, IsDeleted FROM Contact \
                 WHERE (A = 1 OR B = 2) AND {moved}"
            )
        );
        assert_eq!(
            select.left(since).unwrap(),
            format!("SELECT Id FROM Contact WHERE (NOT (A = 1 OR B = 2)) AND {moved}")
        );
        assert_eq!(select.moved(since), format!("SELECT Id FROM Contact WHERE {moved}"));
    }

    #[test]
    fn without_a_condition_nothing_can_leave() {
        let select = select(None);
        assert_eq!(select.left(Second::parse("2022-02-15T06:21:19Z").unwrap()), None);
        assert_eq!(select.all(), "SELECT Id, Email, SystemModstamp, Account.SystemModstamp FROM Contact");
        let id = Id::parse("0034C00000VaYfK").unwrap();
        assert!(select.these(&[id]).ends_with("WHERE Id IN ('0034C00000VaYfKQAV')"));
    }
}
