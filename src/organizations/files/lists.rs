//! Writes the lists of changes to files.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde::Serialize;

use super::failure::failed;
use crate::error::Result;
use crate::organizations::{Action, Change, FieldChange, Target};
use crate::rows::Cell;
use crate::unkept::Unkept;

/// The file with the organizations that are to be created.
pub const CREATES: &str = "creates.json";
/// The file with the organizations that are to be updated, including those that lose their mark.
pub const UPDATES: &str = "updates.json";
/// The file with the organizations without an account, which are to be marked.
pub const NOT_IN_SYNC: &str = "not_in_sync.json";

pub(super) fn write(folder: &Path, changes: &[Change]) -> Result<()> {
    let lists: [(&str, &[Action]); 3] =
        [(CREATES, &[Action::Create]), (UPDATES, &[Action::Update, Action::Unmark]), (NOT_IN_SYNC, &[Action::Mark])];
    // In parallel, because writing a file waits for the disk.
    let written: Vec<Result<()>> =
        lists.par_iter().map(|(name, actions)| list(&folder.join(name), changes, actions)).collect();
    written.into_iter().collect()
}

fn list(path: &Path, changes: &[Change], actions: &[Action]) -> Result<()> {
    write_new(path, changes, actions).map_err(|error| failed(path, format!("it cannot be written: {error}")))
}

fn write_new(path: &Path, changes: &[Change], actions: &[Action]) -> std::io::Result<()> {
    let mut writer = BufWriter::new(Unkept::beside(path)?);
    let mut json = serde_json::Serializer::new(&mut writer);
    let mut list = json.serialize_seq(None)?;
    for change in changes.iter().filter(|change| actions.contains(&change.action)) {
        list.serialize_element(&Entry::from(change))?;
    }
    SerializeSeq::end(list)?;
    writer.flush()?;
    writer.get_mut().replace(path)
}

#[derive(Serialize)]
struct Entry<'c> {
    action: &'static str,
    key: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    name: &'c str,
    before: Side<'c>,
    after: Side<'c>,
    reason: &'c str,
    budgets: Vec<&'static str>,
}

impl<'c> From<&'c Change> for Entry<'c> {
    fn from(change: &'c Change) -> Self {
        Self {
            action: change.action.name(),
            key: change.key.as_str(),
            id: change.organization,
            name: &change.name,
            before: Side { fields: &change.fields, value: |field| &field.before },
            after: Side { fields: &change.fields, value: |field| &field.after },
            reason: &change.reason,
            budgets: change.budgets.iter().map(|budget| budget.name()).collect(),
        }
    }
}

/// The values of one side of a change, in the shape of an organization.
struct Side<'c> {
    fields: &'c [FieldChange],
    value: fn(&FieldChange) -> &Cell<'static>,
}

impl Serialize for Side<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut organization = serializer.serialize_map(None)?;
        let mut below = BTreeMap::new();
        for field in self.fields {
            let value = (self.value)(field);
            match &field.target {
                Target::Attribute(name) => organization.serialize_entry(&**name, value)?,
                Target::Field(key) => drop(below.insert(&**key, value)),
            }
        }
        if !below.is_empty() {
            organization.serialize_entry("organization_fields", &below)?;
        }
        organization.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_the_shape_of_an_organization() {
        let field = |target, before, after| FieldChange { target, before, after };
        let change = Change {
            action: Action::Unmark,
            key: crate::rows::Id::parse("0014M00001sDiGE").unwrap(),
            organization: Some(6_164_110_656_794),
            name: "Acme \"x\"".into(),
            fields: vec![
                field(Target::Attribute("name".into()), Cell::Null, Cell::Text("Acme".into())),
                field(Target::Field("seats".into()), Cell::Number("1.5".into()), Cell::Number("-2".into())),
                field(Target::Field("mark".into()), Cell::Bool(true), Cell::Bool(false)),
            ],
            budgets: Vec::new(),
            reason: "because".into(),
        };
        let expected = concat!(
            r#"{"action":"unmark","key":"0014M00001sDiGEQA0","id":6164110656794,"name":"Acme \"x\"","#,
            r#""before":{"name":null,"organization_fields":{"mark":true,"seats":1.5}},"#,
            r#""after":{"name":"Acme","organization_fields":{"mark":false,"seats":-2}},"reason":"because","budgets":[]}"#
        );
        assert_eq!(serde_json::to_string(&Entry::from(&change)).unwrap(), expected);
    }
}
