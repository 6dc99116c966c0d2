//! Finds an organization by its external id or name, and checks whether it is the one that was sent.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::outcome::Attributes;
use crate::error::Result;

#[derive(Deserialize)]
struct Found {
    organizations: Vec<Organization>,
}

/// An organization as the API returns it.
#[derive(Deserialize)]
pub(super) struct Organization {
    pub(super) id: u64,
    #[serde(flatten)]
    attributes: Attributes,
}

impl Organization {
    /// Returns whether the organization has every value that was sent, so that it can count as the one that was
    /// created.
    pub(super) fn is_made_of(&self, sent: &Attributes) -> bool {
        sent.iter().all(|(name, value)| holds(self.attributes.get(name).unwrap_or(&Value::Null), value))
    }

    /// Returns whether the organization has the same value of a unique attribute. Zendesk compares these values without
    /// regard to case and surrounding blanks.
    fn shares(&self, attribute: &str, sent: &Attributes) -> bool {
        let folded = |attributes: &Attributes| {
            let value = attributes.get(attribute).and_then(Value::as_str).unwrap_or_default();
            value.trim().to_lowercase()
        };
        let own = folded(&self.attributes);
        !own.is_empty() && own == folded(sent)
    }
}

/// Returns the organizations with the external id that was sent, or, if there are none, those with the name. The search
/// is exact, without regard to case.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#search-organizations>
pub(super) async fn find(client: &Client, sent: &Attributes) -> Result<Vec<Organization>> {
    for attribute in ["external_id", "name"] {
        let Some(value) = sent.get(attribute).and_then(Value::as_str).filter(|value| !value.trim().is_empty()) else {
            continue;
        };
        let mut url = client.resource("organizations/search");
        url.query_pairs_mut().append_pair(attribute, value.trim());
        let found: Found = client.get("the look-up of an organization", &url).await?;
        let same = |row: &Organization| row.shares(attribute, sent);
        let found: Vec<Organization> = found.organizations.into_iter().filter(same).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// Searches as [`find`] does, for an organization that may have been created a moment ago: also searches the list,
/// newest first, because the search index lags behind. The name in the list may differ from the name that was sent,
/// because some accounts collapse blanks.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#list-organizations>
pub(super) async fn find_new(client: &Client, sent: &Attributes) -> Result<Vec<Organization>> {
    let mut found = find(client, sent).await?;
    let mut url = client.resource("organizations");
    url.query_pairs_mut().append_pair("page[size]", "100").append_pair("sort", "-created_at");
    let newest: Found = client.get("the list of the newest organizations", &url).await?;
    let same = |row: &Organization| ["external_id", "name"].iter().any(|attribute| row.shares(attribute, sent));
    let meant = |row: &Organization| same(row) || row.is_made_of(sent);
    let unseen: Vec<Organization> = newest
        .organizations
        .into_iter()
        .filter(|row| meant(row) && found.iter().all(|known| known.id != row.id))
        .collect();
    found.extend(unseen);
    Ok(found)
}

/// Returns whether a value that was read means the same as the value that was sent. Some accounts collapse blanks.
fn holds(read: &Value, sent: &Value) -> bool {
    let blank = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    match (read, sent) {
        (read, sent) if blank(read) && blank(sent) => true,
        (read, Value::Object(sent)) => sent.iter().all(|(key, value)| holds(&read[key], value)),
        (Value::Array(read), Value::Array(sent)) => sent.iter().all(|item| read.contains(item)),
        (Value::Number(read), Value::Number(sent)) => read.as_f64() == sent.as_f64(),
        (Value::String(read), Value::String(sent)) => {
            read.split_whitespace().eq(sent.split_whitespace()) || same_day(read, sent)
        }
        (read, sent) => read == sent,
    }
}

/// Returns whether two dates are the same day: `2024-02-29` reads back as `2024-02-29T00:00:00+00:00`.
fn same_day(read: &str, sent: &str) -> bool {
    let day = |text: &str| {
        text.get(..10).filter(|day| day.bytes().filter(|byte| *byte == b'-').count() == 2).map(str::to_owned)
    };
    let midnight = |text: &str| text.len() == 10 || text.get(10..).is_some_and(|time| time.starts_with("T00:00:00"));
    day(read).is_some() && day(read) == day(sent) && midnight(read) && midnight(sent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_the_same_by_meaning() {
        for (read, sent) in [
            (json!(null), json!("")),
            (json!(null), json!(false)),
            (json!("A"), json!(" A ")),
            (json!("Big Co"), json!("Big   Co")),
            (json!(2.0), json!(2)),
            (json!("2024-02-29T00:00:00+00:00"), json!("2024-02-29")),
            (json!(["a", "b"]), json!(["b"])),
            (json!({"a": 1, "b": 2}), json!({"b": 2})),
        ] {
            assert!(holds(&read, &sent), "{read} {sent}");
        }
        for (read, sent) in [
            (json!("a"), json!("A")),
            (json!("BigCo"), json!("Big Co")),
            (json!(null), json!(true)),
            (json!({"a": 1}), json!({"b": 1})),
        ] {
            assert!(!holds(&read, &sent), "{read} {sent}");
        }
    }
}
