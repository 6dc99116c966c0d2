//! What stands in an organization after a write: a job says "updated" also where Zendesk has kept something else.

use std::collections::HashMap;

use super::premises::Planned;
use super::rules::{Rules, Target};
use super::sources::{Organization, OrganizationTable};
use super::value::{is_blank, same};
use crate::columns::Cell;

/// What a field came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// What was sent stands there.
    AsSent,
    /// Something else stands there, which Zendesk has made of it.
    Rewritten(Cell<'static>),
    /// What had stood there stands there again, or nothing at all: Zendesk does not take the value.
    NotTaken(Cell<'static>),
}

/// For each write what its fields came to, in their order; `None` where the organization is not there any more. `now` has the
/// organizations as they are after the writes.
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
    // What the declaration does not name any more was written by another, and is not read.
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
