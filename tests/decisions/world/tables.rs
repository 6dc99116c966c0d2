//! The tables and rules of the core for a world.

#![expect(clippy::unwrap_used, reason = "what is made up here is made to fit")]

use crm_sync::contacts::{
    decide, Assignment, AttributeRule, AttributeSource, ColumnRule, ContactLayout, ContactTable, Decision,
    Fingerprints, KeyKind, KeyLayout, KeyRule, LeadLayout, LeadRule, LeadTable, NamedBudget, Outcome, ParentSource,
    Rules, Tier, UserTable,
};
use crm_sync::rows::{Cell, Column, RowSink};

use super::{id_of, Given, Kind, MatchKey, Trust, World, NULL, VALUES};

impl World {
    pub(crate) fn tables(&self) -> (ContactTable, LeadTable, UserTable) {
        let fingerprints = Fingerprints::new();
        (self.contact_table(&fingerprints), self.lead_table(&fingerprints), self.user_table(fingerprints))
    }

    pub(crate) fn decide(&self) -> Decision {
        let (contacts, leads, users) = self.tables();
        decide(&contacts, &leads, &users, &self.rules(&contacts, &leads, &users))
    }

    /// Returns the layout of the keys, which each have `fields` fields, from the position `first` on.
    fn layout(&self, first: usize, fields: usize, stands_there: fn(&MatchKey) -> bool) -> Vec<KeyLayout> {
        let key = |(number, key): (usize, &MatchKey)| KeyLayout {
            kind: kind_of(key.kind),
            fields: (0..fields).filter(|_| stands_there(key)).map(|field| first + number * fields + field).collect(),
        };
        self.keys.iter().enumerate().map(key).collect()
    }

    /// Returns the layout of the key of stored leads, which is the last one.
    fn stored_leads(&self, fields: Vec<usize>) -> Option<KeyLayout> {
        self.stored_leads.then_some(KeyLayout { kind: KeyKind::Lead, fields })
    }

    fn contact_table(&self, fingerprints: &Fingerprints) -> ContactTable {
        let layout = ContactLayout {
            id: 0,
            keys: self.layout(5, 2, |_| true).into_iter().chain(self.stored_leads(vec![])).collect(),
            ignored: self.ignored.clone(),
            parents: vec![ParentSource { reference: 3, id: 4 }],
            attributes: vec![
                AttributeSource { cells: vec![(1, vec![0])] },
                AttributeSource { cells: vec![(2, vec![])] },
            ],
        };
        let mut contacts = ContactTable::new(layout, fingerprints.clone());
        for contact in &self.contacts {
            let [one, other] = contact.says.map(|says| cell(Some(says)));
            let parent = cell((!contact.parent_is_gone).then_some("001"));
            let mut cells = vec![cell(Some(&contact.id)), one, other, cell(Some("001")), parent];
            cells.extend(contact.keys.iter().flatten().map(given));
            contacts.row(&cells).unwrap();
        }
        contacts.merged(self.merges.iter().map(|(loser, winner)| (id_of(loser), id_of(winner))).collect());
        contacts.gone(self.gone.iter().map(|id| id_of(id)).collect());
        contacts
    }

    fn lead_table(&self, fingerprints: &Fingerprints) -> LeadTable {
        let layout = LeadLayout {
            id: 0,
            keys: self.layout(3, 1, |key| key.of_leads).into_iter().chain(self.stored_leads(vec![0])).collect(),
            ignored: self.ignored.clone(),
            status: Some(1),
            converted: Some(2),
        };
        let mut leads = LeadTable::new(layout, fingerprints.clone());
        for lead in &self.leads {
            let mut cells = vec![cell(Some(&lead.id)), cell(Some(lead.status)), cell(lead.became.as_deref())];
            cells.extend(lead.keys.iter().map(given));
            leads.row(&cells).unwrap();
        }
        leads
    }

    fn user_table(&self, fingerprints: Fingerprints) -> UserTable {
        let kinds = self.tiers().into_iter().map(|(key, _)| kind_of(self.keys[key].kind));
        let kinds = kinds.chain(self.stored_leads.then_some(KeyKind::Lead));
        let mut table = UserTable::new(2, true, fingerprints, kinds.collect());
        for user in &self.users {
            let link = user.link.as_deref().map_or("~".to_owned(), pack);
            let digit = |flag: bool| if flag { '1' } else { '0' };
            let flags: String = [user.may_link, user.for_leads, user.for_sweep].map(digit).iter().collect();
            let values: String =
                user.values.iter().map(|value| if *value == NULL { "~".into() } else { pack(value) }).collect();
            table.read(format!("u{}{link}{}{values}", pack(&user.key.to_string()), pack(&flags))).unwrap();
        }
        for address in &self.addresses {
            let tier = pack(&address.tier.to_string());
            table.read(format!("a{}{tier}{}", pack(&address.user.to_string()), pack(&address.text))).unwrap();
        }
        let tier = pack(&self.tiers().len().to_string());
        for user in self.users.iter().filter(|_| self.stored_leads) {
            let Some(lead) = &user.lead else { continue };
            table.read(format!("a{}{tier}{}", pack(&user.key.to_string()), pack(lead))).unwrap();
        }
        table.read(format!("c{}", pack(&(self.users.len() + self.unread_users).to_string()))).unwrap();
        table.finish().unwrap();
        table
    }

    pub(crate) fn rules(&self, contacts: &ContactTable, leads: &LeadTable, users: &UserTable) -> Rules {
        let tier =
            |(key, tier): (usize, Trust)| Tier { name: tier.name.into(), contacts: true, leads: tier.for_leads, key };
        let key = |key: &MatchKey| KeyRule { name: key.name.into(), kind: kind_of(key.kind), evidence: key.evidence };
        let lead_key = KeyRule { name: "lead_id".into(), kind: KeyKind::Lead, evidence: false };
        let lead_tier = Tier { name: "all".into(), contacts: false, leads: true, key: self.keys.len() };
        let column = |number: usize, name: &str| ColumnRule {
            name: name.into(),
            values: each(&users.columns()[number], number_of),
            ..ColumnRule::default()
        };
        let attribute = |column: usize| AttributeRule {
            column,
            fills: self.fill && column == 1,
            outcomes: each(&contacts.attributes()[column], outcome),
        };
        let listed = |status: &str| ["Converted", "New"].contains(&status);
        Rules {
            columns: vec![
                ColumnRule {
                    default: Some(number_of("new")),
                    privileged: [number_of("confirmed")].into(),
                    protected: self.protect.then(|| (number_of("confirmed"), number_of("none"))).into_iter().collect(),
                    ..column(0, "status")
                },
                ColumnRule { blank: [number_of(NULL)].into(), ..column(1, "note") },
            ],
            attributes: vec![attribute(0), attribute(1)],
            keys: self.keys.iter().map(key).chain(self.stored_leads.then_some(lead_key)).collect(),
            tiers: self.tiers().into_iter().map(tier).chain(self.stored_leads.then_some(lead_tier)).collect(),
            hold_disagreeing: self.hold_disagreeing,
            share_contacts: self.share,
            contact_missing: vec![set(0, "none"), set(1, NULL)],
            missing_before: self.missing_before.as_ref().map(|ids| ids.iter().map(|id| id_of(id)).collect()),
            sees_all: self.sees_all,
            keep_missing: self.keep,
            leads: vec![
                LeadRule { all: Some(each(leads.statuses(), |s| s == "Converted")), set: vec![set(0, "rejected")] },
                LeadRule { all: None, set: vec![set(0, "pending"), set(1, "n1")] },
            ],
            lead_statuses: self.listed.then(|| each(leads.statuses(), listed)),
            unmatched: vec![set(0, "none")],
            write_backs: vec![set(0, "confirmed")],
            write_back_links: self.tell_links,
            budgets: vec![NamedBudget { name: "reject".into(), on: set(0, "rejected") }],
        }
    }
}

fn set(column: usize, value: &str) -> Assignment {
    Assignment { column, value: number_of(value) }
}

fn number_of(value: &str) -> u32 {
    VALUES.iter().position(|known| *known == value).unwrap() as u32
}

fn outcome(says: &str) -> Outcome {
    match says {
        "keep" => Outcome::Keep,
        "?" => Outcome::Quarantine,
        "unfit" => Outcome::Unfit,
        "nowhere" => Outcome::Missing,
        value => Outcome::Set(number_of(value)),
    }
}

fn cell(text: Option<&str>) -> Cell<'static> {
    text.map_or(Cell::Null, |text| Cell::Text(text.to_owned().into()))
}

fn kind_of(kind: Kind) -> KeyKind {
    match kind {
        Kind::Email => KeyKind::Email,
        Kind::Text => KeyKind::Text,
        Kind::Uuid => KeyKind::Uuid,
        Kind::Integer => KeyKind::Integer,
    }
}

fn given(given: &Option<Given>) -> Cell<'_> {
    match given {
        None => Cell::Null,
        Some(Given::Text(text)) => Cell::Text(text.into()),
        Some(Given::Number(number)) => Cell::number(number),
        Some(Given::Flag) => Cell::Bool(true),
    }
}

fn pack(text: &str) -> String {
    format!("{}:{text}", text.chars().count())
}

fn each<T>(column: &Column, value: impl Fn(&str) -> T) -> Vec<T> {
    column.distinct().iter().map(|tuple| value(tuple[0].text().unwrap_or(NULL))).collect()
}
