//! A second implementation of the rules of the organization sync, slow and plain, over texts. It shares no code with
//! the core. Both must make the same decision in every generated world.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crm_sync::compare::Kind;
use crm_sync::organizations::{
    compare, AccountTable, Action, AttributeRule, Budget, Case, Condition, Decision, DropDownOption, Managed, MarkRule,
    OlderThan, OrganizationTable, Parent, Policy, Remembered, Rules, Source, Target,
};
use crm_sync::rows::{Cell, RowSink};
use proptest::prelude::*;

/// A value, as both sides write it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Nothing,
    Text(&'static str),
    Number(&'static str),
    Flag(bool),
    /// The value is in a record that cannot be read.
    Hidden,
}

use Value::{Flag, Hidden, Nothing, Number, Text};

#[derive(Debug, Clone)]
struct Account {
    key: Value,
    name: Value,
    track: Value,
    /// The owner: whether there is one, whether it can be read, and its name.
    owner: (bool, bool, Value),
    seats: Value,
    restricted: Value,
    since: Value,
}

#[derive(Debug, Clone)]
struct Organization {
    id: u64,
    key: Value,
    name: &'static str,
    /// The values by the name of their field: `type`, `owner`, `seats`, `restricted`, `since`, `mark`, `expires`.
    fields: BTreeMap<&'static str, Value>,
}

#[derive(Debug, Clone)]
struct World {
    accounts: Vec<Account>,
    organizations: Vec<Organization>,
    /// Earlier writes: the organization, the field, the value that was sent, the value that was stored afterwards, and
    /// whether the write was refused.
    came_to: Vec<(u64, &'static str, Value, Value, bool)>,
    adopts_names: bool,
    adopts_outside: bool,
    marks: bool,
    unmarks: bool,
    aged: bool,
    /// True if `external_id` holds the account's id.
    external: bool,
    /// True if the declaration says which organizations are managed.
    tagged: bool,
}

const LIMIT: &str = "2023-11-21";
const FIELDS: [&str; 7] = ["name", "key", "type", "owner", "seats", "restricted", "since"];

/// A change: its key, action and organization, its fields with their new values, and its budgets.
type Change = (String, String, Option<u64>, Vec<(String, String)>, Vec<String>);

/// The decision, as texts that can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Verdict {
    changes: Vec<Change>,
    /// The kind, the accounts and the organizations of each issue.
    issues: Vec<(String, Vec<String>, Vec<u64>)>,
    accounts: BTreeMap<String, usize>,
    organizations: BTreeMap<String, usize>,
    managed: usize,
    paired: usize,
    came: usize,
    expecting: usize,
    /// The other counts of accounts: adoptions, held names, and attributes that stay as they are.
    notes: BTreeMap<String, usize>,
}

// ---- the plain model

fn trimmed(value: Value) -> Option<String> {
    let text = match value {
        Text(text) | Number(text) => text.trim().to_owned(),
        Flag(flag) => flag.to_string(),
        Nothing | Hidden => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

/// Returns the 18 characters of an account's id.
fn id18(value: Value) -> Option<String> {
    let Text(text) = value else { return None };
    let text = text.trim();
    if !matches!(text.len(), 15 | 18) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut id = text[..15].to_owned();
    for part in 0..3 {
        let bits = (0..5).filter(|bit| text.as_bytes()[part * 5 + bit].is_ascii_uppercase()).map(|bit| 1 << bit);
        id.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits.sum::<usize>()]));
    }
    (text.len() == 15 || text == id).then_some(id)
}

fn whole(text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    (number.fract() == 0.0).then_some(number as i64)
}

fn day(value: Value) -> Option<String> {
    let Text(text) = value else { return None };
    let day = text.trim().get(..10)?;
    ["2020-01-01", "2024-02-29", "2025-01-01"].contains(&day).then(|| day.to_owned())
}

/// Returns the meaning of a field's value as a text. Values with the same meaning give the same text.
fn meaning(field: &str, value: Value) -> String {
    let Some(text) = trimmed(value) else { return if is_flag(field) { "no".into() } else { String::new() } };
    match field {
        "type" => text.to_lowercase(),
        "seats" => text.parse::<f64>().map_or(format!("?{text}"), |number| format!("{number:?}")),
        "restricted" | "mark" => match &*text.to_lowercase() {
            "true" | "1" => "yes".into(),
            "false" | "0" => "no".into(),
            _ => format!("?{text}"),
        },
        "since" | "expires" => day(value).unwrap_or(format!("?{text}")),
        _ => text,
    }
}

fn is_flag(field: &str) -> bool {
    matches!(field, "restricted" | "mark")
}

/// Returns the value that an account has for a field.
fn wanted(account: &Account, field: &str) -> Value {
    let owner = match account.owner {
        (true, false, _) => Hidden,
        (true, true, name) => name,
        (false, ..) => Nothing,
    };
    let track = trimmed(account.track).unwrap_or_default();
    match field {
        "name" => account.name,
        "key" => account.key,
        "owner" => owner,
        "seats" => account.seats,
        "since" => account.since,
        "restricted" => Flag(trimmed(account.restricted).as_deref() == Some("Restricted Party")),
        "type" => match (&*track, owner) {
            ("Open", _) => Text("open"),
            ("Select", Hidden) => Hidden,
            ("Select", name) if trimmed(name).as_deref() == Some("Ann") => Text("Select Partner"),
            ("Gold", _) => Text("gold"),
            ("Customer", _) => Text("Customer"),
            (_, Hidden) => Hidden,
            (_, name) if trimmed(name).as_deref() == Some("VIP") => Text("select"),
            _ => Nothing,
        },
        other => panic!("no field {other}"),
    }
}

/// Returns the text that is sent for a value, or the reason why it is not sent.
fn sent(field: &str, value: Value) -> Result<String, &'static str> {
    let Some(text) = trimmed(value) else { return Ok(String::new()) };
    match field {
        "key" => Ok(id18(value).unwrap_or(text)),
        "type" => match &*text.to_lowercase() {
            "open" | "open partner" => Ok("open".into()),
            "select" | "select partner" => Ok("select".into()),
            "customer" => Ok("customer".into()),
            _ => Err("unknown_option"),
        },
        "seats" => whole(&text).map(|number| number.to_string()).ok_or("unfit_value"),
        "since" => day(value).map(|_| text).ok_or("unfit_value"),
        _ => Ok(text),
    }
}

impl World {
    fn is_managed(&self, organization: &Organization) -> bool {
        match self.tagged {
            true => ["open", "select"].contains(&&*meaning("type", organization.fields["type"])),
            false => id18(organization.key).is_some(),
        }
    }

    fn is_marked(&self, organization: &Organization) -> bool {
        self.marks && meaning("mark", organization.fields["mark"]) == "yes"
    }

    fn expects(&self, organization: &Organization) -> bool {
        let is_ours = self.tagged && self.is_managed(organization);
        is_ours && !self.is_marked(organization) && id18(organization.key).is_some()
    }

    fn is_repeated(&self, id: u64) -> bool {
        self.organizations.iter().filter(|organization| organization.id == id).count() > 1
    }

    /// Returns whether the last write to this field of this organization was refused; `None` if there was none, or if
    /// the value to send or the stored value has changed since.
    fn came_to(&self, organization: &Organization, field: &str, sending: &str, stands: Value) -> Option<bool> {
        let last = self.came_to.iter().rev().find(|(id, name, ..)| *id == organization.id && *name == field)?;
        let same = meaning(field, last.2) == said(field, sending) && meaning(field, last.3) == meaning(field, stands);
        same.then_some(last.4)
    }

    fn decide(&self) -> Verdict {
        let mut verdict = Verdict::default();
        let mut plans = Vec::new();
        let keys: BTreeSet<String> = self
            .accounts
            .iter()
            .filter_map(|account| id18(account.key))
            .chain(self.organizations.iter().filter_map(|organization| id18(organization.key)))
            .collect();
        for key in keys {
            let accounts: Vec<&Account> =
                self.accounts.iter().filter(|account| id18(account.key).as_ref() == Some(&key)).collect();
            let organizations: Vec<&Organization> =
                self.organizations.iter().filter(|row| id18(row.key).as_ref() == Some(&key)).collect();
            if !accounts.is_empty() {
                verdict.came += organizations.iter().filter(|row| self.expects(row)).count();
            }
            match (&accounts[..], &organizations[..]) {
                ([account], []) => plans.push(self.creation(&key, account)),
                ([account], [row]) if !self.is_repeated(row.id) => {
                    let reported = !self.is_managed(row) && !self.adopts_outside;
                    plans.push(Plan { reported, ..self.update(&key, account, row) });
                }
                ([], [row]) if !self.is_repeated(row.id) => self.without_account(&key, row, &mut verdict),
                _ => {
                    let ids = organizations.iter().map(|row| row.id).collect();
                    verdict.issue("duplicated_key", vec![key.clone()], ids);
                    verdict.book("duplicated_key", accounts.len(), organizations.len());
                }
            }
        }
        self.share_out_names(&mut plans, &mut verdict);
        let adopted: Vec<u64> = plans.iter().filter(|plan| plan.adopted).filter_map(|plan| plan.organization).collect();
        self.nobodys(&adopted, &mut verdict);
        self.tell_what_stays(&plans, &mut verdict);
        for plan in plans {
            plan.end(self, &mut verdict);
        }
        let ids: BTreeSet<u64> =
            self.organizations.iter().map(|row| row.id).filter(|id| self.is_repeated(*id)).collect();
        ids.into_iter().for_each(|id| verdict.issue("duplicated_organization", vec![], vec![id]));
        verdict.managed = self.organizations.iter().filter(|row| self.is_managed(row)).count();
        verdict.expecting = self.organizations.iter().filter(|row| self.expects(row)).count();
        verdict.changes.sort();
        verdict.issues.sort();
        verdict
    }

    fn creation(&self, key: &str, account: &Account) -> Plan {
        let mut plan = Plan::new(key, account);
        for field in FIELDS {
            match (wanted(account, field), sent(field, wanted(account, field))) {
                (Hidden, _) => plan.stays.push(("not_readable", field, String::new())),
                (value, Ok(tag)) if self.disowns(field, &tag) => {
                    plan.stays.push(("unmanaged_value", field, format!("{value:?}")));
                }
                (_, Ok(text)) if text.is_empty() && !is_flag(field) => {}
                (_, Ok(text)) => plan.fields.push((field, text)),
                (value, Err(why)) => plan.stays.push((why, field, format!("{value:?}"))),
            }
        }
        let kind = plan.stays.iter().find(|(_, field, _)| self.tagged && *field == "type");
        if let Some((why, ..)) = kind {
            plan.hold_name(why);
        } else if plan.name().is_none() {
            plan.hold_name("blank_name");
        }
        plan
    }

    fn update(&self, key: &str, account: &Account, row: &Organization) -> Plan {
        let mut plan = Plan { organization: Some(row.id), ..Plan::new(key, account) };
        for field in FIELDS {
            let stands = match field {
                "name" => Text(row.name),
                "key" => row.key,
                field => row.fields[field],
            };
            let value = wanted(account, field);
            if value == Hidden {
                plan.stays.push(("not_readable", field, String::new()));
                continue;
            }
            let tag = sent(field, value);
            let keeps = match tag {
                Err(why) => (self.tagged && field == "type").then_some(why),
                Ok(tag) => self.disowns(field, &tag).then_some("unmanaged_value"),
            };
            if let Some(why) = keeps {
                plan.stays.push((why, field, format!("{value:?}")));
                continue;
            }
            let same = match field {
                "key" => id18(value).is_some() && id18(value) == id18(stands),
                field => meaning(field, value) == meaning(field, stands),
            };
            if same {
                continue;
            }
            match sent(field, value) {
                Err(why) => plan.stays.push((why, field, format!("{value:?}"))),
                Ok(text) if said(field, &text) == meaning(field, stands) => {}
                Ok(text) if field == "name" && text.is_empty() => plan.name_held = Some("blank_name"),
                Ok(text) => match self.came_to(row, field, &text, stands) {
                    None => plan.fields.push((field, text)),
                    Some(true) => plan.stays.push(("put_back", field, String::new())),
                    Some(false) => {}
                },
            }
        }
        if self.unmarks && self.is_marked(row) {
            match self.came_to(row, "mark", "false", row.fields["mark"]) {
                Some(_) => plan.mark_stays = true,
                None => plan.fields.push(("mark", "false".into())),
            }
        }
        plan
    }

    /// Returns whether an organization with this tag would not be a managed one.
    fn disowns(&self, field: &str, tag: &str) -> bool {
        self.tagged && field == "type" && !["open", "select"].contains(&tag)
    }

    fn without_account(&self, key: &str, row: &Organization, verdict: &mut Verdict) {
        let bucket = if !self.is_managed(row) {
            "unmanaged"
        } else if !self.marks {
            "without_account"
        } else if self.is_marked(row) {
            "marked_already"
        } else if self.aged && day(row.fields["expires"]).is_none() {
            verdict.issue("without_date", vec![key.into()], vec![row.id]);
            "without_date"
        } else if self.aged && day(row.fields["expires"]).is_some_and(|day| &*day >= LIMIT) {
            "not_old_enough"
        } else if self.came_to(row, "mark", "true", row.fields["mark"]).is_some() {
            verdict.issue("put_back", vec![key.into()], vec![row.id]);
            "put_back"
        } else {
            let fields = vec![("mark".into(), "true".into())];
            verdict.changes.push((key.into(), "mark".into(), Some(row.id), fields, vec!["mark".into()]));
            "mark"
        };
        verdict.book(bucket, 0, 1);
    }

    fn share_out_names(&self, plans: &mut [Plan], verdict: &mut Verdict) {
        for plan in plans.iter().filter(|plan| plan.name_held == Some("blank_name") && !plan.reported) {
            verdict.issue("blank_name", vec![plan.key.clone()], plan.organization.into_iter().collect());
        }
        let names: BTreeSet<String> =
            plans.iter().filter_map(|plan| plan.name()).map(|name| name.to_lowercase()).collect();
        for name in names {
            let wants = |plan: &&mut Plan| plan.name().is_some_and(|wanted| wanted.to_lowercase() == name);
            let mut wanting: Vec<&mut Plan> = plans.iter_mut().filter(wants).collect();
            if wanting.len() > 1 {
                verdict.issue("name_wanted_twice", wanting.iter().map(|plan| plan.key.clone()).collect(), vec![]);
                wanting.into_iter().for_each(|plan| plan.hold_name("name_wanted_twice"));
                continue;
            }
            let plan = wanting.remove(0);
            let has = |row: &&Organization| row.name.trim().to_lowercase() == name && Some(row.id) != plan.organization;
            let holders: Vec<&Organization> = self.organizations.iter().filter(has).collect();
            if plan.reported || holders.is_empty() {
                continue;
            }
            let nobodys = |row: &Organization| trimmed(row.key).is_none() && !self.is_repeated(row.id);
            let ours = |row: &Organization| !self.tagged || self.adopts_outside || self.is_managed(row);
            let only = (holders.len() == 1 && plan.organization.is_none()).then(|| holders[0]);
            match only.filter(|row| self.adopts_names && nobodys(row) && ours(row)) {
                Some(row) => *plan = Plan { adopted: true, ..self.update(&plan.key, &plan.account, row) },
                None => {
                    plan.hold_name("name_taken");
                    let ids = holders.iter().map(|row| row.id).collect();
                    verdict.issue("name_taken", vec![plan.key.clone()], ids);
                }
            }
        }
    }

    /// Counts the rows without a valid id.
    fn nobodys(&self, adopted: &[u64], verdict: &mut Verdict) {
        for account in self.accounts.iter().filter(|account| id18(account.key).is_none()) {
            let kind = if trimmed(account.key).is_none() { "blank_key" } else { "malformed_key" };
            verdict.issue(kind, vec![], vec![]);
            verdict.book(kind, 1, 0);
        }
        let without = |row: &&Organization| id18(row.key).is_none() && !adopted.contains(&row.id);
        for row in self.organizations.iter().filter(without) {
            let kind = match (trimmed(row.key), self.is_managed(row)) {
                (None, false) => "unmanaged",
                (None, true) => "blank_key",
                (Some(_), false) if self.external => "unmanaged",
                (Some(_), _) => "malformed_key",
            };
            if kind != "unmanaged" {
                verdict.issue(kind, vec![], vec![row.id]);
            }
            verdict.book(kind, 0, 1);
        }
    }

    fn tell_what_stays(&self, plans: &[Plan], verdict: &mut Verdict) {
        let mut told: BTreeMap<_, (Vec<String>, Vec<u64>)> = BTreeMap::new();
        for plan in plans.iter().filter(|plan| !plan.reported) {
            for stays in &plan.stays {
                let (keys, ids) = told.entry(stays).or_default();
                keys.push(plan.key.clone());
                ids.extend(plan.organization);
            }
            if plan.mark_stays {
                verdict.issue("put_back", vec![plan.key.clone()], plan.organization.into_iter().collect());
            }
        }
        told.into_iter().for_each(|((why, ..), (keys, ids))| verdict.issue(why, keys, ids));
    }
}

/// Returns the meaning of a text that is sent.
fn said(field: &str, sent: &str) -> String {
    let text: &'static str = String::leak(sent.to_owned());
    meaning(field, Text(text))
}

/// The plan for an account.
struct Plan {
    key: String,
    account: Account,
    organization: Option<u64>,
    fields: Vec<(&'static str, String)>,
    /// The values that stay as they are: the reason, the field, and the value.
    stays: Vec<(&'static str, &'static str, String)>,
    mark_stays: bool,
    name_held: Option<&'static str>,
    reported: bool,
    adopted: bool,
}

impl Plan {
    fn new(key: &str, account: &Account) -> Self {
        let (fields, stays) = (Vec::new(), Vec::new());
        let (key, account) = (key.to_owned(), account.clone());
        let held = None;
        Self {
            key,
            account,
            organization: None,
            fields,
            stays,
            mark_stays: false,
            name_held: held,
            reported: false,
            adopted: false,
        }
    }

    fn name(&self) -> Option<&str> {
        self.fields.iter().find(|(field, _)| *field == "name").map(|(_, name)| name.as_str())
    }

    fn hold_name(&mut self, why: &'static str) {
        self.fields.retain(|(field, _)| *field != "name");
        self.name_held = Some(why);
    }

    fn end(self, world: &World, verdict: &mut Verdict) {
        let rows = usize::from(self.organization.is_some());
        let outside = self
            .organization
            .is_some_and(|id| world.organizations.iter().any(|row| row.id == id && !world.is_managed(row)));
        if self.reported {
            verdict.issue("outside_managed", vec![self.key], self.organization.into_iter().collect());
            return verdict.book("outside_managed", 1, rows);
        }
        let silent = self.stays.is_empty() && self.name_held.is_none() && !self.mark_stays;
        if self.fields.is_empty() && self.organization.is_some() && silent {
            return verdict.book("unchanged", 1, 1);
        }
        verdict.note("adopted", self.adopted || outside);
        verdict.note("held_names", self.name_held.is_some());
        for (why, ..) in &self.stays {
            let several = ["unknown_option", "unfit_value", "unmanaged_value"].contains(why);
            verdict.note(&format!("{why}{}", if several { "s" } else { "" }), true);
        }
        let action = match (self.organization, self.name_held) {
            (None, Some(why)) => return verdict.book(why, 1, 0),
            (None, None) => "create",
            (Some(_), _) if self.fields.is_empty() => return verdict.book("held", 1, 1),
            (Some(_), _) if self.fields.iter().any(|(field, _)| *field == "mark") => "unmark",
            (Some(_), _) => "update",
        };
        verdict.book(action, 1, rows);
        let clears = action != "create" && self.fields.iter().any(|(_, value)| value.is_empty());
        let budgets = if clears { vec!["clear".to_owned()] } else { vec![] };
        let fields = self.fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        verdict.changes.push((self.key, action.into(), self.organization, fields, budgets));
    }
}

impl Verdict {
    fn issue(&mut self, kind: &str, mut accounts: Vec<String>, mut organizations: Vec<u64>) {
        accounts.sort();
        organizations.sort_unstable();
        self.issues.push((kind.to_owned(), accounts, organizations));
    }

    fn note(&mut self, name: &str, holds: bool) {
        if holds {
            *self.notes.entry(name.to_owned()).or_default() += 1;
        }
    }

    fn book(&mut self, bucket: &str, accounts: usize, organizations: usize) {
        for (books, rows) in [(&mut self.accounts, accounts), (&mut self.organizations, organizations)] {
            if rows > 0 {
                *books.entry(bucket.to_owned()).or_default() += rows;
            }
        }
        self.paired += usize::from(accounts == 1 && organizations == 1);
    }
}

// ---- the core, on the same world

fn cell(value: Value) -> Cell<'static> {
    match value {
        Nothing => Cell::Null,
        Text(text) => Cell::Text(text.into()),
        Number(text) => Cell::Number(text.into()),
        Flag(flag) => Cell::Bool(flag),
        Hidden => panic!("nobody sends that"),
    }
}

impl World {
    fn rules(&self) -> Rules {
        let field = |key: &str| Target::Field(key.into());
        let key = || if self.external { Target::Attribute("external_id".into()) } else { field("key") };
        let rule = |target, kind, source| AttributeRule { target, kind, source, options: vec![] };
        let when = |conditions: &[(usize, &'static str)], tag: &'static str| Case {
            when: conditions
                .iter()
                .map(|(field, text)| Condition { field: *field, equals: cell(Text(text)) })
                .collect(),
            then: cell(Text(tag)),
        };
        let kinds = Source::FirstOf(vec![
            when(&[(2, "Open")], "open"),
            when(&[(2, "Select"), (5, "Ann")], "Select Partner"),
            when(&[(2, "Gold")], "gold"),
            when(&[(2, "Customer")], "Customer"),
            when(&[(5, "VIP")], "select"),
        ]);
        let option = |tag: &str, label: &str| DropDownOption { tag: tag.into(), label: label.into() };
        let options =
            vec![option("open", "Open Partner"), option("select", "Select Partner"), option("customer", "A customer")];
        let equals = Condition { field: 7, equals: cell(Text("Restricted Party")) };
        let policy = |adopts| if adopts { Policy::Adopt } else { Policy::Report };
        let only_if = self.aged.then(|| OlderThan { field: "expires".into(), day: LIMIT.into() });
        let remembered = |(organization, name, sent, stored, refused): &(u64, &str, Value, Value, bool)| Remembered {
            organization: *organization,
            target: if *name == "name" { Target::Attribute("name".into()) } else { field(name) },
            sent: cell(*sent),
            stored: cell(*stored),
            refused: *refused,
        };
        Rules {
            account_fields: [
                "Id",
                "Name",
                "Track",
                "OwnerId",
                "Owner.Id",
                "Owner.Name",
                "Seats",
                "Restricted",
                "Since",
            ]
            .map(str::to_owned)
            .to_vec(),
            account_key: 0,
            organization_key: key(),
            attributes: vec![
                rule(Target::Attribute("name".into()), Kind::Text, Source::Field(1)),
                rule(key(), Kind::Text, Source::Field(0)),
                AttributeRule { options, ..rule(field("type"), Kind::DropDown, kinds) },
                rule(field("owner"), Kind::Text, Source::Field(5)),
                rule(field("seats"), Kind::Integer, Source::Field(6)),
                rule(field("restricted"), Kind::Checkbox, Source::Equals(equals)),
                rule(field("since"), Kind::Date, Source::Field(8)),
            ],
            managed: self
                .tagged
                .then(|| Managed { field: "type".into(), values: vec!["open".into(), "Select".into()] }),
            mark: self.marks.then(|| MarkRule { field: "mark".into(), unmark: self.unmarks, only_if }),
            outside_managed: policy(self.adopts_outside),
            name_taken: policy(self.adopts_names),
            parents: vec![Parent { reference: 3, id: 4, fields: vec![4, 5] }],
            remembered: self.came_to.iter().map(remembered).collect(),
        }
    }

    fn decided(&self) -> Decision {
        let rules = Arc::new(self.rules());
        let mut accounts = AccountTable::new(Arc::clone(&rules));
        for account in &self.accounts {
            let (there, readable, name) = account.owner;
            let owner = if there { Text("005000000000001AAA") } else { Nothing };
            let (id, name) = if there && readable { (owner, name) } else { (Nothing, Nothing) };
            let Account { key, name: own, track, seats, restricted, since, .. } = account;
            let cells = [*key, *own, *track, owner, id, name, *seats, *restricted, *since].map(cell);
            accounts.row(&cells).expect("a row");
        }
        let mut organizations = OrganizationTable::new(Arc::clone(&rules));
        let paths = organizations.paths().to_vec();
        for row in &self.organizations {
            let value = |path: &String| match path.trim_start_matches("organization_fields.") {
                "id" => Cell::Number(row.id.to_string().into()),
                "name" => cell(Text(row.name)),
                "key" | "external_id" => cell(row.key),
                field => cell(row.fields[field]),
            };
            organizations.row(&paths.iter().map(value).collect::<Vec<_>>()).expect("a row");
        }
        compare(&accounts, &organizations, &rules)
    }
}

fn shown(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Unknown => "unknown".into(),
        Cell::Bool(value) => value.to_string(),
        Cell::Number(text) | Cell::Text(text) => text.trim().to_owned(),
    }
}

fn verdict_of(decision: &Decision) -> Verdict {
    let books = |buckets: &BTreeMap<&'static str, usize>| -> BTreeMap<String, usize> {
        buckets.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect()
    };
    let changes = decision.changes.iter().map(|change| {
        let name = |target: &Target| match target.to_string().trim_start_matches("organization_fields.") {
            "external_id" => "key".to_owned(),
            name => name.to_owned(),
        };
        let fields = change.fields.iter().map(|field| (name(&field.target), shown(&field.after))).collect();
        let budgets = change.budgets.iter().map(|budget| budget.name().to_owned()).collect();
        (change.key.to_string(), change.action.name().to_owned(), change.organization, fields, budgets)
    });
    let issues = decision.issues.iter().map(|issue| {
        let mut accounts: Vec<String> = issue.accounts.iter().map(ToString::to_string).collect();
        accounts.sort();
        (issue.kind.to_owned(), accounts, issue.organizations.clone())
    });
    let (mut issues, mut changes): (Vec<_>, Vec<_>) = (issues.collect(), changes.collect());
    issues.sort();
    changes.sort();
    let notes = &decision.ledger.organizations.notes;
    Verdict {
        changes,
        issues,
        accounts: books(&decision.ledger.accounts.buckets),
        organizations: books(&decision.ledger.organizations.buckets),
        managed: notes["managed"],
        paired: notes["with_account"],
        came: decision.accounts_came,
        expecting: notes["expecting_an_account"],
        notes: books(&decision.ledger.accounts.notes).into_iter().filter(|(_, rows)| *rows > 0).collect(),
    }
}

// ---- made-up worlds

const KEYS: [Value; 9] = [
    Text("0014M00001sDiGE"),
    Text("0014M00001sDiGEQA0"),
    Text("0014M00001sDiGF"),
    Text(" 0014M00001sDiGG"),
    Text("0014M00001sDiGH"),
    Text("0014M00001sDiGI"),
    Text(" "),
    Nothing,
    Text("unknown"),
];
const NAMES: [&str; 7] = ["Acme", "acme", "Beta", "GAMMA", "Gamma", "Delta", "Epsilon"];
const TYPES: [Value; 6] = [Nothing, Text("customer"), Text("open"), Text("Open"), Text("select"), Text("")];
const OWNERS: [Value; 5] = [Nothing, Text(""), Text("Ann"), Text("VIP"), Text(" Ann ")];
const SEATS: [Value; 10] = [
    Nothing,
    Text("12"),
    Number("12"),
    Text("12.0"),
    Number("1.5"),
    Text("n/a"),
    Flag(true),
    Number("0"),
    Number("-3"),
    Text("1e1"),
];
const DAYS: [Value; 6] =
    [Nothing, Text("soon"), Text("2020-01-01"), Text("2024-02-29"), Text("2025-01-01T00:00:00Z"), Text("2023-02-29")];
const FLAGS: [Value; 4] = [Nothing, Flag(true), Flag(false), Text("1")];

fn one(values: &'static [Value]) -> impl Strategy<Value = Value> {
    prop::sample::select(values)
}

fn account() -> impl Strategy<Value = Account> {
    const TRACKS: [Value; 6] = [Text("Open"), Text("Select"), Text("Gold"), Text("Customer"), Text("None"), Nothing];
    const PARTIES: [Value; 3] = [Nothing, Text("Restricted Party"), Text("Other")];
    let name = prop_oneof![
        6 => prop::sample::select(&NAMES[..]).prop_map(Text),
        1 => Just(Nothing),
        1 => Just(Text(" ")),
    ];
    let owner = (any::<bool>(), prop::bool::weighted(0.8), one(&OWNERS));
    (one(&KEYS), name, one(&TRACKS), owner, one(&SEATS), one(&PARTIES), one(&DAYS)).prop_map(
        |(key, name, track, owner, seats, restricted, since)| Account {
            key,
            name,
            track,
            owner,
            seats,
            restricted,
            since,
        },
    )
}

fn organization() -> impl Strategy<Value = Organization> {
    let fields = (one(&TYPES), one(&OWNERS), one(&SEATS[..4]), one(&FLAGS), one(&DAYS), one(&FLAGS), one(&DAYS));
    (1..12_u64, one(&KEYS), prop::sample::select(&NAMES[..]), fields).prop_map(|(id, key, name, fields)| {
        let (kind, owner, seats, restricted, since, mark, expires) = fields;
        let names = ["type", "owner", "seats", "restricted", "since", "mark", "expires"];
        let fields = names.into_iter().zip([kind, owner, seats, restricted, since, mark, expires]).collect();
        Organization { id, key, name, fields }
    })
}

fn came_to() -> impl Strategy<Value = (u64, &'static str, Value, Value, bool)> {
    let name = prop::sample::select(vec!["owner", "mark", "name", "type"]);
    (1..12_u64, name, any::<bool>()).prop_flat_map(|(id, name, refused)| {
        let values = match name {
            "owner" => OWNERS[1..].to_vec(),
            "mark" => FLAGS.to_vec(),
            "type" => TYPES.to_vec(),
            _ => NAMES.map(Text).to_vec(),
        };
        let value = || prop::sample::select(values.clone());
        (Just(id), Just(name), value(), value(), Just(refused))
    })
}

fn worlds() -> impl Strategy<Value = World> {
    let accounts = prop::collection::vec(account(), 0..6);
    let organizations = prop::collection::vec((organization(), prop::option::weighted(0.7, 0..9_usize)), 0..6);
    let came_to = prop::collection::vec(came_to(), 0..10);
    let key = (any::<bool>(), prop::bool::weighted(0.8));
    let switches = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.8), any::<bool>(), any::<bool>(), key);
    (accounts, organizations, came_to, switches).prop_map(|(accounts, organizations, came_to, switches)| {
        let (adopts_names, adopts_outside, marks, unmarks, aged, (external, tagged)) = switches;
        let follows = |(row, but): (Organization, Option<usize>)| match but {
            Some(but) => row.following(&accounts, but),
            None => row,
        };
        let organizations = organizations.into_iter().map(follows).collect();
        World { accounts, organizations, came_to, adopts_names, adopts_outside, marks, unmarks, aged, external, tagged }
    })
}

impl Organization {
    /// Returns the organization as an earlier run has left it, except for one field.
    fn following(mut self, accounts: &[Account], but: usize) -> Self {
        let Some(account) =
            accounts.iter().find(|account| id18(account.key).is_some() && id18(account.key) == id18(self.key))
        else {
            return self;
        };
        for field in FIELDS.into_iter().enumerate().filter(|(number, _)| *number != but).map(|(_, field)| field) {
            match (field, wanted(account, field), sent(field, wanted(account, field))) {
                ("key", ..) | (_, Hidden, _) | (.., Err(_)) => {}
                ("name", Text(name), _) if !name.trim().is_empty() => self.name = name,
                ("name", ..) => {}
                ("type", _, Ok(tag)) => drop(self.fields.insert(
                    "type",
                    if tag == "open" {
                        Text("Open")
                    } else if tag.is_empty() {
                        Nothing
                    } else if tag == "customer" {
                        Text("customer")
                    } else {
                        Text("select")
                    },
                )),
                (field, value, Ok(_)) => drop(self.fields.insert(field, value)),
            }
        }
        if but != 8 {
            self.fields.insert("mark", Nothing);
        }
        self
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_core_decides_as_the_plain_rules_do(world in worlds()) {
        prop_assert_eq!(verdict_of(&world.decided()), world.decide());
    }
}

#[test]
fn the_plain_rules_meet_everything() {
    // A model that never reaches a case proves nothing about it.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut actions, mut kinds, mut books) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for _ in 0..6_000 {
        let Ok(tree) = worlds().new_tree(&mut runner) else { continue };
        let verdict = proptest::strategy::ValueTree::current(&tree).decide();
        actions.extend(verdict.changes.into_iter().map(|(_, action, ..)| action));
        kinds.extend(verdict.issues.into_iter().map(|(kind, ..)| kind));
        books.extend(verdict.organizations.into_keys().chain(verdict.accounts.into_keys()));
    }
    assert_eq!(actions, Action::ALL.map(|action| action.name().to_owned()).into());
    let all = "blank_key blank_name duplicated_key duplicated_organization malformed_key name_taken name_wanted_twice \
               not_readable put_back outside_managed unfit_value unknown_option unmanaged_value without_date";
    assert_eq!(kinds, all.split(' ').map(str::to_owned).collect());
    assert_eq!(books.len(), 22, "{books:?}");
    assert_eq!([Budget::Mark.name(), Budget::Clear.name()], ["mark", "clear"]);
}
