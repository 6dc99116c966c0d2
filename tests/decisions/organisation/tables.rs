//! The tables and rules of the core for an organisation.

#![expect(clippy::unwrap_used, reason = "what is made up here is made to fit")]

use std::collections::BTreeSet;

use crm_sync::contacts::{
    Assignment, AttributeRule, AttributeSource, ColumnRule, ContactLayout, ContactTable, Fingerprints, KeyKind,
    KeyLayout, KeyRule, LeadLayout, LeadRule, LeadTable, Outcome, ParentSource, Rules, Tier, UserTable,
};
use crm_sync::rows::{Cell, Column, RowSink};

use super::{Organisation, CONFIRMED};

const REJECTED: u32 = 3;

impl Organisation {
    pub(crate) fn tables(&self) -> (ContactTable, LeadTable, UserTable) {
        let fingerprints = Fingerprints::new();
        let text = |text: &str| Cell::Text(text.to_owned().into());
        let optional = |address: &Option<String>| address.as_deref().map_or(Cell::Null, text);
        let layout = ContactLayout {
            id: 0,
            keys: self.keys(&[1, 2], &[6]),
            ignored: Vec::new(),
            parents: vec![ParentSource { reference: 4, id: 5 }],
            attributes: vec![AttributeSource { cells: vec![(3, vec![0])] }],
        };
        let mut contacts = ContactTable::new(layout, fingerprints.clone());
        for contact in &self.contacts {
            let status = contact.status.map_or(text("?"), |status| text(&status.to_string()));
            let [first, second] = contact.addresses.each_ref().map(optional);
            let parent = if contact.parent_is_gone { Cell::Null } else { text("001") };
            let uuid = optional(&contact.uuid);
            contacts.row(&[text(contact.id.as_str()), first, second, status, text("001"), parent, uuid]).unwrap();
        }
        contacts.merged(self.merges.clone());
        let mut leads = LeadTable::new(
            LeadLayout { id: 0, keys: self.keys(&[1], &[]), status: Some(2), ..LeadLayout::default() },
            fingerprints.clone(),
        );
        for lead in &self.leads {
            let status = if lead.converted { "Converted" } else { "New" };
            leads.row(&[text(lead.id.as_str()), text(&lead.address), text(status)]).unwrap();
        }
        let kinds = self.tiers().iter().map(|tier| self.key_rules()[tier.key].kind).collect();
        let mut users = UserTable::new(1, true, fingerprints, kinds);
        for user in &self.users {
            let link = user.link.as_ref().map_or("~".to_owned(), |link| pack(link));
            let flags: String = user.flags.iter().map(|&flag| if flag { '1' } else { '0' }).collect();
            users.read(format!("u{}{link}{}{},", pack(&user.key.to_string()), pack(&flags), user.status)).unwrap();
        }
        let mut value = |user: u32, tier: u8, text: &str| {
            users.read(format!("a{}{tier},{}", pack(&user.to_string()), pack(text))).unwrap();
        };
        for user in self.users.iter().filter(|_| self.has_uuids) {
            user.uuid.iter().for_each(|uuid| value(user.key, 0, uuid));
        }
        for address in &self.addresses {
            value(address.user, address.tier + u8::from(self.has_uuids), &address.text);
        }
        users.read(format!("c{}", pack(&self.users.len().to_string()))).unwrap();
        users.finish().unwrap();
        (contacts, leads, users)
    }

    fn keys(&self, addresses: &[usize], uuids: &[usize]) -> Vec<KeyLayout> {
        let layout = |kind, fields: &[usize]| KeyLayout { kind, fields: fields.to_vec() };
        let mut keys = vec![layout(KeyKind::Uuid, uuids), layout(KeyKind::Email, addresses)];
        keys.drain(..usize::from(!self.has_uuids));
        keys
    }

    fn key_rules(&self) -> Vec<KeyRule> {
        let rule = |name: &str, kind, evidence| KeyRule { name: name.into(), kind, evidence };
        let mut keys = vec![rule("uuid", KeyKind::Uuid, self.evidence), rule("emails", KeyKind::Email, false)];
        keys.drain(..usize::from(!self.has_uuids));
        keys
    }

    fn tiers(&self) -> Vec<Tier> {
        let key = usize::from(self.has_uuids);
        let tier = |name: &str, leads, key| Tier { name: name.into(), contacts: true, leads, key };
        let mut tiers = vec![tier("all", false, 0), tier("verified", true, key), tier("claimed", false, key)];
        tiers.drain(..1 - key);
        tiers
    }

    pub(super) fn rules(&self, contacts: &ContactTable, leads: &LeadTable, users: &UserTable) -> Rules {
        let set = |value| vec![Assignment { column: 0, value }];
        let outcome = |text: &str| text.parse().map_or(Outcome::Quarantine, Outcome::Set);
        Rules {
            columns: vec![ColumnRule {
                name: "status".into(),
                values: each(&users.columns()[0], |text| text.parse().unwrap()),
                privileged: BTreeSet::from([CONFIRMED]),
                protected: if self.protected { BTreeSet::from([(CONFIRMED, 0)]) } else { BTreeSet::new() },
                ..ColumnRule::default()
            }],
            attributes: vec![AttributeRule {
                outcomes: each(&contacts.attributes()[0], outcome),
                ..AttributeRule::default()
            }],
            keys: self.key_rules(),
            hold_disagreeing: self.hold_disagreeing,
            tiers: self.tiers(),
            share_contacts: self.share,
            contact_missing: set(0),
            leads: vec![
                LeadRule { all: Some(each(leads.statuses(), |status| status == "Converted")), set: set(REJECTED) },
                LeadRule { all: None, set: set(1) },
            ],
            unmatched: set(0),
            ..Rules::default()
        }
    }
}

fn pack(text: &str) -> String {
    format!("{}:{text}", text.chars().count())
}

fn each<T>(column: &Column, value: impl Fn(&str) -> T) -> Vec<T> {
    column.distinct().iter().map(|tuple| value(tuple[0].text().unwrap_or("?"))).collect()
}
