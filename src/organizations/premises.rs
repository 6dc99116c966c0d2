//! Checks that a change still holds: another program or person may have changed the organization since the plan was
//! made.

use std::collections::HashMap;

use super::changes::Action;
use super::rules::{Rules, Target};
use super::sources::{Organization, OrganizationTable};
use crate::compare::{same, Key, Kind};
use crate::decision::shown;
use crate::rows::{Cell, Id};

/// A planned change of an existing organization.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The action.
    pub action: Action,
    /// The account's id.
    pub key: Id,
    /// The id of the organization.
    pub organization: u64,
    /// The targets, each with the expected value and the value that replaces it.
    pub fields: Vec<(Target, Cell<'static>, Cell<'static>)>,
}

/// Returns for each change the reason why it no longer holds, as text for a person; `None` if it holds. `now` has the
/// current organizations; an organization that is not in it does not exist any more.
#[must_use]
pub fn moved(planned: &[Planned], now: &OrganizationTable, rules: &Rules) -> Vec<Option<String>> {
    let all = (0..now.len() as u32).map(|row| now.organization(row));
    let by_id: HashMap<u64, Organization<'_>> = all.map(|organization| (organization.id(), organization)).collect();
    let check = |change: &Planned| match by_id.get(&change.organization) {
        Some(organization) => change.moved(*organization, rules),
        None => Some("the organization is not there any more".into()),
    };
    planned.iter().map(check).collect()
}

/// Returns for each account the organization that has its id, if there is one. Such an account must not get another
/// one.
#[must_use]
pub fn holders(accounts: &[Id], now: &OrganizationTable) -> Vec<Option<u64>> {
    let all = (0..now.len() as u32).map(|row| now.organization(row));
    let keyed = all.filter_map(|organization| match organization.key() {
        Key::Is(key) => Some((key, organization.id())),
        Key::Blank | Key::Malformed => None,
    });
    let holders: HashMap<Id, u64> = keyed.collect();
    accounts.iter().map(|account| holders.get(account).copied()).collect()
}

impl Planned {
    fn moved(&self, now: Organization<'_>, rules: &Rules) -> Option<String> {
        let differs = self.fields.iter().find(|(target, before, _)| {
            rules.place(target).is_none_or(|place| !same(place.kind(rules), &place.of(now), before))
        });
        let is_done = |(target, _, after): &(Target, Cell<'static>, Cell<'static>)| {
            rules.place(target).is_some_and(|place| same(place.kind(rules), &place.of(now), after))
        };
        match differs {
            Some(_) if self.fields.iter().all(is_done) => Some("it is so already".into()),
            Some((target, before, _)) => {
                let value = rules.place(target).map_or(Cell::Null, |place| place.of(now));
                Some(format!("{target} is {} now, and was {}", shown(&value), shown(before)))
            }
            None => self.lost_premise(now, rules),
        }
    }

    /// Returns the reason why the organization no longer belongs to this account, or may no longer be marked; `None`
    /// otherwise.
    fn lost_premise(&self, now: Organization<'_>, rules: &Rules) -> Option<String> {
        let gets_the_key = self.fields.iter().any(|(target, ..)| rules.is_key(target));
        if !gets_the_key && now.key() != Key::Is(self.key) {
            return Some(format!("its account id is {} now", shown(&now.raw_key())));
        }
        (self.action == Action::Mark && !now.is_managed()).then(|| "it is not managed any more".into())
    }
}

/// The place from which the value of a target is read: an attribute of the declaration, or the mark.
pub(super) enum Place {
    Attribute(usize),
    Mark,
}

impl Place {
    pub(super) fn kind(&self, rules: &Rules) -> Kind {
        match self {
            Place::Attribute(number) => rules.attributes[*number].kind,
            Place::Mark => Kind::Checkbox,
        }
    }

    pub(super) fn of<'t>(&self, organization: Organization<'t>) -> Cell<'t> {
        match self {
            Place::Attribute(number) => organization.actual(*number),
            Place::Mark => organization.mark(),
        }
    }
}

impl Rules {
    pub(super) fn place(&self, target: &Target) -> Option<Place> {
        let attribute = self.attributes.iter().position(|rule| rule.target == *target).map(Place::Attribute);
        let is_mark = |key: &str| self.mark.as_ref().is_some_and(|mark| *mark.field == *key);
        attribute.or_else(|| match target {
            Target::Field(key) if is_mark(key) => Some(Place::Mark),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::organizations::rules::{AttributeRule, Managed, MarkRule, Source};
    use crate::rows::RowSink;

    const KEY: &str = "0014M00001sDiGEQA0";

    fn text(text: &str) -> Cell<'static> {
        Cell::Text(text.to_owned().into())
    }

    fn rules() -> Arc<Rules> {
        let attribute =
            |target, field| AttributeRule { target, kind: Kind::Text, source: Source::Field(field), options: vec![] };
        Arc::new(Rules {
            account_fields: vec!["Id".into(), "Owner".into()],
            organization_key: Target::Field("key".into()),
            attributes: vec![attribute(Target::Field("owner".into()), 1)],
            managed: Some(Managed { field: "type".into(), values: vec!["partner".into()] }),
            mark: Some(MarkRule { field: "mark".into(), unmark: true, only_if: None }),
            ..Rules::default()
        })
    }

    fn check(action: Action, field: (&str, Cell<'static>, Cell<'static>), now: [Cell<'static>; 4]) -> Option<String> {
        let rules = rules();
        let mut table = OrganizationTable::new(Arc::clone(&rules));
        assert_eq!(
            table.paths()[2..].join(" "),
            "organization_fields.key organization_fields.type \
                   organization_fields.owner organization_fields.mark"
        );
        let cells: Vec<Cell<'static>> = [Cell::Number("7".into()), text("Acme")].into_iter().chain(now).collect();
        table.row(&cells).unwrap();
        let fields = vec![(Target::Field(field.0.into()), field.1, field.2)];
        let planned = Planned { action, key: Id::parse(KEY).unwrap(), organization: 7, fields };
        moved(&[planned], &table, &rules).remove(0)
    }

    #[test]
    fn what_is_as_it_was_may_be_written() {
        let update = ("owner", Cell::Null, text("Ann"));
        assert_eq!(check(Action::Update, update, [text(KEY), text("partner"), text(" "), Cell::Null]), None);
        let mark = ("mark", Cell::Null, Cell::Bool(true));
        assert_eq!(check(Action::Mark, mark, [text(&KEY[..15]), text("Partner"), Cell::Null, Cell::Bool(false)]), None);
    }

    #[test]
    fn what_has_moved_is_told() {
        let update = || ("owner", text("Ann"), text("Bob"));
        let told = |now| check(Action::Update, update(), now).unwrap_or_default();
        let owner = told([text(KEY), text("partner"), text("Cy"), Cell::Null]);
        assert_eq!(owner, "organization_fields.owner is \"Cy\" now, and was \"Ann\"");
        assert_eq!(told([text(KEY), text("partner"), text("Bob"), Cell::Null]), "it is so already");
        assert_eq!(told([text("other"), text("partner"), text("Ann"), Cell::Null]), "its account id is \"other\" now");
        let mark = ("mark", Cell::Null, Cell::Bool(true));
        let customer = check(Action::Mark, mark, [text(KEY), text("customer"), Cell::Null, Cell::Null]);
        assert_eq!(customer.as_deref(), Some("it is not managed any more"));
        let undeclared = ("others", Cell::Null, text("x"));
        let told = check(Action::Update, undeclared, [text(KEY), text("partner"), Cell::Null, Cell::Null]);
        assert!(told.is_some(), "nobody knows what stands where the declaration names nothing");
    }

    #[test]
    fn a_change_is_done_only_where_all_of_it_is() {
        let told = |owner: &str, mark: bool| {
            let mut table = OrganizationTable::new(rules());
            let cells = [text(KEY), text("partner"), text(owner), Cell::Bool(mark)];
            let cells: Vec<Cell<'_>> = [Cell::Number("7".into()), text("Acme")].into_iter().chain(cells).collect();
            table.row(&cells).unwrap();
            let field = |name: &str, before, after| (Target::Field(name.into()), before, after);
            let fields =
                vec![field("owner", text("Ann"), text("Bob")), field("mark", Cell::Bool(true), Cell::Bool(false))];
            let planned = Planned { action: Action::Unmark, key: Id::parse(KEY).unwrap(), organization: 7, fields };
            moved(&[planned], &table, &rules()).remove(0)
        };
        assert_eq!(told("Ann", true), None);
        assert_eq!(told("Bob", false).as_deref(), Some("it is so already"));
        assert!(told("Bob", true).is_some_and(|why| why.contains("owner is \"Bob\" now")));
        assert!(told("Ann", false).is_some_and(|why| why.contains("mark is false now, and was true")));
    }

    #[test]
    fn who_has_an_organization_is_told() {
        let mut table = OrganizationTable::new(rules());
        let none = || [Cell::Null, Cell::Null, Cell::Null];
        for (id, key) in [("7", KEY[..15].to_owned()), ("8", String::new())] {
            let head = [Cell::Number(id.into()), text("Acme"), text(&key)];
            let cells: Vec<Cell<'_>> = head.into_iter().chain(none()).collect();
            table.row(&cells).unwrap();
        }
        let accounts = [Id::parse(KEY).unwrap(), Id::parse("0014M00001sDiGF").unwrap()];
        assert_eq!(holders(&accounts, &table), [Some(7), None]);
    }

    #[test]
    fn an_organization_that_is_gone_is_not_written() {
        let planned = Planned { action: Action::Mark, key: Id::parse(KEY).unwrap(), organization: 7, fields: vec![] };
        let told = moved(&[planned], &OrganizationTable::new(rules()), &rules());
        assert_eq!(told, [Some("the organization is not there any more".into())]);
    }
}
