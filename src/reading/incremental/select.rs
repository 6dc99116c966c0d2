//! The queries for a source: for all rows, for changed rows, and for rows that no longer belong to it.

use url::form_urlencoded::byte_serialize;

use super::second::Second;
use crate::rows::{Id, Selection};

/// The maximum size of a query in its URL, in bytes. URL and headers together may have 16,384.
/// <https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm>
const MOST_BYTES: usize = 14_000;
/// The size of an id in a URL, with its quotes and its comma, which are percent-encoded.
const ID_BYTES: usize = 27;
/// The maximum number of ids in one query, however few fields it has.
const MOST_IDS: usize = 450;

/// The rows and fields that are queried from a source.
#[derive(Debug, Clone)]
pub struct Select {
    /// The API name of the object.
    pub object: String,
    /// The fields that the declaration names. The first is `Id`.
    pub fields: Vec<String>,
    /// The condition on the rows.
    pub condition: Option<String>,
    /// The stamp fields that show when a row, or a parent with selected fields, has changed. The row's own stamp comes
    /// first. Empty if changes are not tracked.
    pub stamps: Vec<String>,
}

impl Select {
    /// Returns the cells of a row: the fields, then the stamps.
    pub(super) fn selection(&self) -> Selection {
        Selection::new(&self.cells())
    }

    /// Returns the same cells, followed by whether the row is deleted.
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

    /// Returns the query for the rows that changed, including deleted ones.
    pub(super) fn changed(&self, since: Second) -> String {
        let mut cells = self.cells();
        cells.push(DELETED);
        self.with(&cells, self.condition.as_ref().map(|condition| format!("({condition})")), &self.moved_since(since))
    }

    /// Returns the query for the ids of the rows that changed and do not fulfill the condition; `None` if there is no
    /// condition.
    ///
    /// These rows are queried explicitly, because a row that is merely missing from the changes may just not be visible
    /// yet.
    pub(super) fn left(&self, since: Second) -> Option<String> {
        let condition = self.condition.as_ref()?;
        Some(self.with(&["Id"], Some(format!("(NOT ({condition}))")), &self.moved_since(since)))
    }

    /// Returns the query for the ids of all rows that changed, whether or not they fulfill the condition.
    pub(super) fn moved(&self, since: Second) -> String {
        self.with(&["Id"], None, &self.moved_since(since))
    }

    /// Returns the query for the rows with these ids.
    pub(super) fn these(&self, ids: &[Id]) -> String {
        let list: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let condition = self.condition.as_ref().map(|condition| format!("({condition})"));
        self.with(&self.cells(), condition, &format!("Id IN ({})", list.join(",")))
    }

    /// Returns the maximum number of ids in a query for [`these`](Self::these).
    pub(super) fn most_ids(&self) -> usize {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).map(str::len).sum::<usize>();
        (MOST_BYTES.saturating_sub(encoded(&self.these(&[]))) / ID_BYTES).clamp(1, MOST_IDS)
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
    fn as_many_ids_are_queried_at_once_as_the_url_holds_beside_fields_and_condition() {
        assert_eq!(select(None).most_ids(), 450);
        for length in [3_000, 9_000, 13_000] {
            let select = select(Some(&format!("Name = '{}'", "ü".repeat(length / 6))));
            let ids = vec![Id::parse("0034C00000VaYfK").unwrap(); select.most_ids()];
            let size = byte_serialize(select.these(&ids).as_bytes()).map(str::len).sum::<usize>();
            assert!((MOST_BYTES - 2 * ID_BYTES..=MOST_BYTES).contains(&size), "{size}");
        }
        assert_eq!(select(Some(&"x".repeat(20_000))).most_ids(), 1);
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
