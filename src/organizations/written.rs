//! Checks the values of an organization after a write, because a job says "updated" even if Zendesk stored another
//! value.

use std::collections::HashMap;

use super::premises::Planned;
use super::rules::{Rules, Target};
use super::sources::{Organization, OrganizationTable};
use crate::compare::{is_blank, same};
use crate::rows::Cell;

/// The value of a field after a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// The value that was sent.
    AsSent,
    /// Another value, into which Zendesk rewrote it.
    Rewritten(Cell<'static>),
    /// The old value, or no value: Zendesk refused the value that was sent.
    NotTaken(Cell<'static>),
}

/// Returns for each write the stored values of its fields, in their order; `None` if the organization does not exist
/// any more. `now` has the organizations after the writes.
#[must_use]
pub fn stored(writes: &[Planned], now: &OrganizationTable, rules: &Rules) -> Vec<Option<Vec<Stored>>> {
    let all = (0..now.len() as u32).map(|row| now.organization(row));
    let by_id: HashMap<u64, Organization<'_>> = all.map(|organization| (organization.id(), organization)).collect();
    let found = |write: &Planned| {
        let organization = *by_id.get(&write.organization)?;
        Some(write.fields.iter().map(|field| field_of(organization, field, rules)).collect())
    };
    writes.iter().map(found).collect()
}

fn field_of(
    organization: Organization<'_>,
    (target, before, after): &(Target, Cell<'static>, Cell<'static>),
    rules: &Rules,
) -> Stored {
    // A field that the declaration no longer names is not read, so its value is not known.
    let Some(place) = rules.place(target) else { return Stored::AsSent };
    let (kind, value) = (place.kind(rules), place.of(organization));
    if same(kind, &value, after) {
        return Stored::AsSent;
    }
    match same(kind, &value, before) || is_blank(kind, &value) {
        true => Stored::NotTaken(value.into_owned()),
        false => Stored::Rewritten(value.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::compare::Kind;
    use crate::organizations::rules::{AttributeRule, Managed, MarkRule, Source};
    use crate::organizations::Action;
    use crate::rows::{Id, RowSink};

    fn text(text: &str) -> Cell<'static> {
        Cell::Text(text.to_owned().into())
    }

    /// Returns the stored value of a field of organization 7. The table has another organization as well.
    fn came_to(field: &str, before: Cell<'static>, sent: Cell<'static>, now: Cell<'static>) -> Stored {
        let rule = |key: &str, kind| AttributeRule {
            target: Target::Field(key.into()),
            kind,
            source: Source::Field(0),
            options: vec![],
        };
        let rules = Arc::new(Rules {
            organization_key: Target::Field("key".into()),
            attributes: vec![rule("owner", Kind::Text), rule("seats", Kind::Integer)],
            managed: Some(Managed { field: "type".into(), values: vec![] }),
            mark: Some(MarkRule { field: "mark".into(), unmark: true, only_if: None }),
            ..Rules::default()
        });
        let mut table = OrganizationTable::new(Arc::clone(&rules));
        let paths = table.paths().to_vec();
        for id in ["6", "7"] {
            let cell = |path: &String| match path.trim_start_matches("organization_fields.") {
                "id" => Cell::Number(id.into()),
                "name" => text("Acme"),
                name if name == field && id == "7" => now.clone(),
                _ => Cell::Null,
            };
            table.row(&paths.iter().map(cell).collect::<Vec<_>>()).unwrap();
        }
        let write = |organization| Planned {
            action: Action::Update,
            key: Id::parse("0014M00001sDiGE").unwrap(),
            organization,
            fields: vec![(Target::Field(field.into()), before.clone(), sent.clone())],
        };
        let mut found = stored(&[write(8), write(7)], &table, &rules);
        assert_eq!(found[0], None, "it is not there any more");
        found.remove(1).unwrap().remove(0)
    }

    #[test]
    fn what_was_sent_may_stand_there_in_another_spelling() {
        assert_eq!(came_to("owner", Cell::Null, text(" Ann"), text("Ann ")), Stored::AsSent);
        assert_eq!(came_to("seats", Cell::Null, Cell::Number("7".into()), text("7.0")), Stored::AsSent);
        assert_eq!(came_to("mark", Cell::Bool(true), Cell::Bool(false), Cell::Null), Stored::AsSent);
        assert_eq!(came_to("owner", text("Ann"), Cell::Null, text("")), Stored::AsSent);
        assert_eq!(came_to("others", text("Ann"), text("Bob"), Cell::Null), Stored::AsSent, "it is not declared");
    }

    #[test]
    fn what_zendesk_made_of_it_is_told() {
        let squeezed = came_to("owner", text("Cy"), text("Ann  B."), text("Ann B."));
        assert_eq!(squeezed, Stored::Rewritten(text("Ann B.")));
        assert_eq!(came_to("owner", text("Cy"), Cell::Null, text("-")), Stored::Rewritten(text("-")));
    }

    #[test]
    fn what_stands_there_as_before_or_not_at_all_was_put_back() {
        assert_eq!(came_to("owner", text("Cy"), text("Ann"), text("Cy ")), Stored::NotTaken(text("Cy ")));
        assert_eq!(came_to("owner", text("Cy"), text("Ann"), Cell::Null), Stored::NotTaken(Cell::Null));
        assert_eq!(came_to("owner", text("Cy"), Cell::Null, text("Cy")), Stored::NotTaken(text("Cy")));
        assert_eq!(
            came_to("mark", Cell::Null, Cell::Bool(true), Cell::Bool(false)),
            Stored::NotTaken(Cell::Bool(false))
        );
    }
}
