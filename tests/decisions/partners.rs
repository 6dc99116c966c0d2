//! Generated partners: few ids and names, so that they collide often.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_sync::compare::Kind;
use crm_sync::organizations::{
    compare, AccountTable, Action, AttributeRule, Case, Change, Condition, Decision, Managed, MarkRule, OlderThan,
    OrganizationTable, Policy, Rules, Source, Target,
};
use crm_sync::rows::{Cell, RowSink};
use proptest::prelude::*;

const KEYS: [&str; 9] = [
    "0014M00001sDiGE",
    "0014M00001sDiGEQA0",
    "0014M00001sDiGF",
    " 0014M00001sDiGG",
    "0014M00001sDiGH",
    "0014M00001sDiGI",
    "0014M00001sDiGIQA1",
    "",
    "unknown",
];
const NAMES: [&str; 6] = ["Acme", " acme", "Beta", "GAMMA", "Gamma", ""];
const KINDS: [Option<&str>; 4] = [None, Some("customer"), Some("open_partner"), Some("Select_Partner")];
const TRACKS: [&str; 3] = ["Open", "Select", "None"];
const OWNERS: [Option<&str>; 4] = [None, Some(""), Some("Ann"), Some("Bob")];
const DATES: [Option<&str>; 4] = [None, Some("soon"), Some("2020-01-01"), Some("2025-01-01T00:00:00Z")];

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) track: &'static str,
    pub(crate) owner: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Organization {
    pub(crate) id: u64,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) kind: Option<&'static str>,
    pub(crate) owner: Option<String>,
    pub(crate) mark: Option<bool>,
    pub(crate) date: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Partners {
    pub(crate) accounts: Vec<Account>,
    pub(crate) organizations: Vec<Organization>,
    pub(crate) name_taken: Policy,
    pub(crate) outside_managed: Policy,
    pub(crate) aged: bool,
    pub(crate) unmark: bool,
}

pub(crate) fn partners() -> impl Strategy<Value = Partners> {
    let pick = |values: &'static [&'static str]| prop::sample::select(values);
    let account = (pick(&KEYS), pick(&NAMES), pick(&TRACKS), prop::sample::select(&OWNERS[..]));
    let account =
        account.prop_map(|(key, name, track, owner)| Account { key: key.into(), name: name.into(), track, owner });
    let fields =
        (prop::sample::select(&KINDS[..]), prop::sample::select(&OWNERS[..]), prop::sample::select(&DATES[..]));
    let organization = (1..30_u64, pick(&KEYS), pick(&NAMES), prop::option::of(any::<bool>()), fields);
    let organization = organization.prop_map(|(id, key, name, mark, (kind, owner, date))| {
        let owner = owner.map(str::to_owned);
        Organization { id, key: key.into(), name: name.into(), kind, owner, mark, date }
    });
    let policy = || prop::sample::select(vec![Policy::Report, Policy::Adopt]);
    let rows = (prop::collection::vec(account, 0..7), prop::collection::vec(organization, 0..7));
    (rows, policy(), policy(), any::<bool>(), any::<bool>()).prop_map(
        |((accounts, organizations), name_taken, outside_managed, aged, unmark)| Partners {
            accounts,
            organizations,
            name_taken,
            outside_managed,
            aged,
            unmark,
        },
    )
}

pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Partners {
    pub(crate) fn decide(&self) -> Decision {
        let rules = Arc::new(self.rules());
        let mut accounts = AccountTable::new(Arc::clone(&rules));
        for account in &self.accounts {
            accounts
                .row(&[text(&account.key), text(&account.name), text(account.track), owner(account.owner)])
                .expect("a row");
        }
        compare(&accounts, &self.organization_table(), &rules)
    }

    pub(crate) fn organization_table(&self) -> OrganizationTable {
        let mut organizations = OrganizationTable::new(Arc::new(self.rules()));
        let paths = organizations.paths().to_vec();
        for organization in &self.organizations {
            let cells: Vec<Cell<'_>> = paths.iter().map(|path| organization.cell(path)).collect();
            organizations.row(&cells).expect("a row");
        }
        organizations
    }

    /// Applies the decision, as Zendesk would.
    pub(crate) fn apply(&mut self, decision: &Decision) {
        for change in &decision.changes {
            match change.action {
                Action::Create => self.organizations.push(Organization::new(change)),
                _ => self
                    .organizations
                    .iter_mut()
                    .find(|o| Some(o.id) == change.organization)
                    .expect("it was read")
                    .take(change),
            }
        }
    }

    /// Returns the partners without organizations whose name another one has, since names are unique in Zendesk.
    pub(crate) fn with_unique_names(mut self) -> Self {
        let mut names = BTreeSet::new();
        self.organizations.retain(|organization| names.insert(folded(&organization.name)));
        self
    }

    /// Returns the only organization with an id.
    pub(crate) fn only(&self, id: Option<u64>) -> &Organization {
        let found: Vec<_> = self.organizations.iter().filter(|organization| Some(organization.id) == id).collect();
        assert_eq!(found.len(), 1, "an organization that was read twice is not written");
        found[0]
    }

    pub(crate) fn rules(&self) -> Rules {
        let attribute = |target, kind, source| AttributeRule { target, kind, source, options: Vec::new() };
        let field = |key: &str| Target::Field(key.into());
        let case = |track: &'static str, tag: &'static str| Case {
            when: vec![Condition { field: 2, equals: text(track) }],
            then: text(tag),
        };
        let kinds = Source::FirstOf(vec![case("Open", "open_partner"), case("Select", "select_partner")]);
        let only_if = OlderThan { field: "expiration_date".into(), day: "2023-11-21".into() };
        Rules {
            account_fields: ["Id", "Name", "Track", "Owner"].map(str::to_owned).to_vec(),
            account_key: 0,
            organization_key: Target::Field("salesforce_id".into()),
            attributes: vec![
                attribute(Target::Attribute("name".into()), Kind::Text, Source::Field(1)),
                attribute(field("salesforce_id"), Kind::Text, Source::Field(0)),
                attribute(field("account_type"), Kind::DropDown, kinds),
                attribute(field("account_owner"), Kind::Text, Source::Field(3)),
            ],
            managed: Some(Managed {
                field: "account_type".into(),
                values: vec!["open_partner".into(), "select_partner".into()],
            }),
            mark: Some(MarkRule {
                field: "mark_for_deletion".into(),
                unmark: self.unmark,
                only_if: self.aged.then_some(only_if),
            }),
            outside_managed: self.outside_managed,
            name_taken: self.name_taken,
            ..Rules::default()
        }
    }
}

impl Organization {
    fn new(change: &Change) -> Self {
        let id = 1000 + u64::from(change.key.as_str().as_bytes()[14]);
        let mut organization =
            Self { id, key: String::new(), name: String::new(), kind: None, owner: None, mark: None, date: None };
        organization.take(change);
        organization
    }

    fn take(&mut self, change: &Change) {
        for field in &change.fields {
            let text = field.after.text().map(str::to_owned);
            match &*field.target.to_string() {
                "name" => self.name = text.expect("a name is never blank"),
                "organization_fields.salesforce_id" => self.key = text.expect("a key is never blank"),
                "organization_fields.account_owner" => self.owner = text,
                "organization_fields.account_type" => {
                    self.kind =
                        ["open_partner", "select_partner"].into_iter().find(|&kind| text.as_deref() == Some(kind));
                }
                "organization_fields.mark_for_deletion" => self.mark = Some(field.after == Cell::Bool(true)),
                other => panic!("nobody asked for {other}"),
            }
        }
    }

    fn cell(&self, path: &str) -> Cell<'_> {
        match path {
            "id" => Cell::Number(self.id.to_string().into()),
            "name" => Cell::Text((&*self.name).into()),
            "organization_fields.salesforce_id" => Cell::Text((&*self.key).into()),
            "organization_fields.account_type" => owner(self.kind),
            "organization_fields.account_owner" => owner(self.owner.as_deref()),
            "organization_fields.mark_for_deletion" => self.mark.map_or(Cell::Null, Cell::Bool),
            "organization_fields.expiration_date" => owner(self.date),
            other => panic!("nobody asked for {other}"),
        }
    }
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(text.into())
}

fn owner(value: Option<&str>) -> Cell<'_> {
    value.map_or(Cell::Null, text)
}
