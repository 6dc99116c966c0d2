//! The rules of the contact sync said a second time: slow and plain, straight from the design, and with nothing of the
//! core's but the words of its answers. What both say of a made-up world is compared row by row.

use std::collections::{BTreeMap, BTreeSet};

use crm_sync::contacts::{Action, Budget};
use crm_sync::salesforce::Id;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};

use crate::organisation::{organisation, Contact, Organisation, User, CONFIRMED, NOTHING, PENDING, REJECTED};

const PAST_FAILURES: FileFailurePersistence = FileFailurePersistence::Direct("tests/past_failures/contact_model.txt");

proptest! {
    #![proptest_config(Config { cases: 1_000, failure_persistence: Some(Box::new(PAST_FAILURES)), ..Config::default() })]

    #[test]
    fn the_decision_is_the_one_of_the_plain_rules(organisation in organisation()) {
        let decided = organisation.decide();
        let model = Model::new(&organisation);
        let expected: Vec<Expected> = model.changes();
        let found: Vec<Expected> = decided.decision.changes.iter().map(|change| Expected {
            key: decided.users.key(change.user).to_string().parse().unwrap_or_default(),
            action: change.action,
            contact: change.contact,
            status: change.fields.first().map(|field| (field.before, field.after)),
            budgets: change.budgets.iter().copied().collect(),
        }).collect();
        prop_assert_eq!(found, expected);
        let issues = |kind: &str| -> BTreeSet<(Vec<Id>, Vec<String>)> {
            let issues = decided.decision.issues.iter().filter(|issue| issue.kind == kind);
            issues.map(|issue| (issue.contacts.clone(), issue.users.iter().map(ToString::to_string).collect())).collect()
        };
        prop_assert_eq!(issues("contested_address"), model.contested_issues());
        prop_assert_eq!(issues("held_user"), model.held_issues());
        prop_assert_eq!(issues("invalid_contact_id"), model.invalid_issues());
        prop_assert_eq!(issues("shared_contact"), model.shared_issues());
        prop_assert_eq!(issues("unknown_value"), model.unknown_issues());
        prop_assert_eq!(&decided.decision.could_suffer, &model.could_suffer());
        prop_assert_eq!(&decided.decision.missing_contacts, &model.missing_contacts());
        let ledger = &decided.decision.ledger;
        prop_assert_eq!(filled(&ledger.contacts.buckets), model.contact_buckets());
        prop_assert_eq!(filled(&ledger.leads.buckets), model.lead_buckets());
        prop_assert_eq!(filled(&ledger.users.buckets), model.user_buckets());
        prop_assert_eq!(filled(&ledger.users.notes), model.user_notes());
    }
}

fn filled(counts: &BTreeMap<&'static str, usize>) -> BTreeMap<&'static str, usize> {
    counts.iter().filter(|(_, &count)| count > 0).map(|(&name, &count)| (name, count)).collect()
}

#[derive(Debug, PartialEq)]
struct Expected {
    key: u32,
    action: Action,
    contact: Option<Id>,
    status: Option<(u32, u32)>,
    budgets: BTreeSet<Budget>,
}

/// What becomes of a user's link.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Stays(Id),
    Follows(Id),
    Relinks(Id),
    Links(Id),
    MayNot(Id),
    Unlinks,
    Waits,
    Unlinked,
    Invalid,
    /// By rule 2, or by rule 8 for this contact.
    Held(Option<Id>),
}

/// What the fields of a user come to.
#[derive(Default)]
struct Fields {
    status: Option<(u32, u32)>,
    by_leads: bool,
    quarantined: bool,
    unknown: bool,
    protected: bool,
}

struct Model<'a> {
    world: &'a Organisation,
    users: Vec<&'a User>,
    fates: BTreeMap<u32, Fate>,
}

fn plain(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    (!text.is_empty()).then_some(text)
}

impl Contact {
    fn claims(&self) -> BTreeSet<String> {
        self.addresses.iter().flatten().filter_map(|address| plain(address)).collect()
    }
}

impl<'a> Model<'a> {
    fn new(world: &'a Organisation) -> Self {
        let mut users: Vec<&User> = world.users.iter().collect();
        users.sort_by_key(|user| user.key);
        let mut model = Self { world, users, fates: BTreeMap::new() };
        model.fates = model.users.iter().map(|user| (user.key, model.fate(user))).collect();
        if !world.share {
            model.fates = model.users.iter().map(|user| (user.key, model.fate_among_others(user))).collect();
        }
        model
    }

    fn contact(&self, id: Id) -> Option<&Contact> {
        self.world.contacts.iter().find(|contact| contact.id == id)
    }

    fn claimants(&self, address: &str) -> BTreeSet<Id> {
        self.world
            .contacts
            .iter()
            .filter(|contact| contact.claims().contains(address))
            .map(|contact| contact.id)
            .collect()
    }

    fn is_contested(&self, address: &str) -> bool {
        self.claimants(address).len() > 1
    }

    fn is_closed(&self, contact: Id) -> bool {
        self.contact(contact).is_some_and(|contact| contact.claims().iter().any(|address| self.is_contested(address)))
    }

    /// The strongest tier at which anybody has the address.
    fn strongest(&self, address: &str) -> Option<u8> {
        let has = |text: &str| plain(text).is_some_and(|text| text == address);
        self.world.addresses.iter().filter(|owned| has(&owned.text)).map(|owned| owned.tier).min()
    }

    /// The addresses of a user that count, with their tiers: a verified one beats a mere claim.
    fn addresses(&self, user: &User) -> BTreeSet<(u8, String)> {
        let own = self.world.addresses.iter().filter(|owned| owned.user == user.key);
        let own = own.filter_map(|owned| Some((owned.tier, plain(&owned.text)?)));
        own.filter(|(tier, address)| self.strongest(address) == Some(*tier)).collect()
    }

    fn leads_to(&self, user: &User) -> BTreeSet<Id> {
        self.addresses(user).iter().flat_map(|(_, address)| self.claimants(address)).collect()
    }

    fn trust(&self, user: &User) -> u8 {
        let leading = self.addresses(user).into_iter().filter(|(_, address)| !self.claimants(address).is_empty());
        leading.map(|(tier, _)| tier).min().unwrap_or(u8::MAX)
    }

    /// Rules 1 to 4, for a user alone.
    fn fate(&self, user: &User) -> Fate {
        let link = match &user.link {
            Some(link) => match Id::parse(link) {
                Some(id) => Some(id),
                None => return Fate::Invalid,
            },
            None => None,
        };
        if let Some(id) = link {
            if self.contact(id).is_some() {
                return Fate::Stays(id);
            }
            if let Some(winner) = self.world.merges.get(&id).filter(|winner| self.contact(**winner).is_some()) {
                return Fate::Follows(*winner);
            }
        }
        let contacts = self.leads_to(user);
        let contested = self.addresses(user).iter().any(|(_, address)| self.is_contested(address));
        if contested || contacts.len() > 1 || contacts.iter().any(|contact| self.is_closed(*contact)) {
            return Fate::Held(None);
        }
        match (link, contacts.first()) {
            (Some(_), Some(contact)) => Fate::Relinks(*contact),
            (Some(id), None) => match &self.world.missing_before {
                Some(missing) if !missing.contains(&id) => Fate::Waits,
                _ => Fate::Unlinks,
            },
            (None, Some(contact)) if user.flags[0] => Fate::Links(*contact),
            (None, Some(contact)) => Fate::MayNot(*contact),
            (None, None) => Fate::Unlinked,
        }
    }

    /// Rule 8: of those who would have one contact, the best, where there is one; who is linked stays.
    fn fate_among_others(&self, user: &User) -> Fate {
        let fate = self.fates[&user.key];
        let Some((contact, right)) = self.right(user) else { return fate };
        let rivals = self.users.iter().filter(|other| other.key != user.key).filter_map(|other| self.right(other));
        let beaten = rivals.filter(|(other, _)| *other == contact).any(|(_, other)| other <= right);
        match fate {
            Fate::Stays(_) => fate,
            _ if beaten => Fate::Held(Some(contact)),
            _ => fate,
        }
    }

    fn right(&self, user: &User) -> Option<(Id, (u8, u8))> {
        match self.fates[&user.key] {
            Fate::Stays(contact) => Some((contact, (0, 0))),
            Fate::Follows(contact) => Some((contact, (1, 0))),
            Fate::Relinks(contact) => Some((contact, (2, self.trust(user)))),
            Fate::Links(contact) => Some((contact, (3, self.trust(user)))),
            _ => None,
        }
    }

    /// Rules 5 to 7 and 9: what becomes of the one column.
    fn fields(&self, user: &User) -> Fields {
        let mut fields = Fields::default();
        let wanted = match self.fates[&user.key] {
            Fate::Invalid | Fate::Held(_) | Fate::Waits => None,
            Fate::Stays(contact) | Fate::Follows(contact) | Fate::Relinks(contact) | Fate::Links(contact) => {
                let contact = self.contact(contact).expect("it is there");
                fields.unknown = contact.parent_is_gone;
                fields.quarantined = !contact.parent_is_gone && contact.status.is_none();
                contact.status.filter(|_| !contact.parent_is_gone)
            }
            Fate::Unlinks => self.without_contact(user, &mut fields).or(Some(NOTHING)),
            Fate::Unlinked | Fate::MayNot(_) => self.without_contact(user, &mut fields),
        };
        let Some(wanted) = wanted.filter(|wanted| *wanted != user.status) else { return fields };
        if self.world.protected && (user.status, wanted) == (CONFIRMED, NOTHING) {
            fields.protected = true;
        } else {
            fields.status = Some((user.status, wanted));
        }
        fields
    }

    fn without_contact(&self, user: &User, fields: &mut Fields) -> Option<u32> {
        let leads = self.leads_of(user);
        if !leads.is_empty() {
            fields.by_leads = user.flags[1];
            let all_converted = leads.iter().all(|&lead| self.world.leads[lead].converted);
            return user.flags[1].then_some(if all_converted { REJECTED } else { PENDING });
        }
        (self.leads_to(user).is_empty() && user.flags[2]).then_some(NOTHING)
    }

    /// The leads that have a verified address of the user: claims lead to none.
    fn leads_of(&self, user: &User) -> BTreeSet<usize> {
        let own = self.world.addresses.iter().filter(|owned| owned.user == user.key && owned.tier == 0);
        let own: BTreeSet<String> = own.filter_map(|owned| plain(&owned.text)).collect();
        let of_mine =
            |lead: &usize| plain(&self.world.leads[*lead].address).is_some_and(|address| own.contains(&address));
        (0..self.world.leads.len()).filter(of_mine).collect()
    }

    fn changes(&self) -> Vec<Expected> {
        self.users.iter().filter_map(|user| self.change(user)).collect()
    }

    fn change(&self, user: &User) -> Option<Expected> {
        let fields = self.fields(user);
        let status = fields.status;
        let (action, contact) = match self.fates[&user.key] {
            Fate::Links(contact) => (Action::Link, Some(contact)),
            Fate::Relinks(contact) | Fate::Follows(contact) => (Action::Relink, Some(contact)),
            Fate::Unlinks => (Action::Unlink, None),
            Fate::Stays(contact) => (Action::Update, status.map(|_| contact)),
            _ if fields.by_leads => (Action::Lead, None),
            _ => (Action::Sweep, None),
        };
        let links = matches!(action, Action::Link | Action::Relink | Action::Unlink);
        (links || status.is_some()).then(|| Expected {
            key: user.key,
            action,
            contact,
            status,
            budgets: self.budgets(user, action, status),
        })
    }

    fn budgets(&self, user: &User, action: Action, status: Option<(u32, u32)>) -> BTreeSet<Budget> {
        let mut budgets = BTreeSet::new();
        let mut add = |budget, counts: bool| counts.then(|| budgets.insert(budget));
        add(Budget::Unlink, action == Action::Unlink);
        add(Budget::Relink, action == Action::Relink);
        if let Some((before, after)) = status {
            add(Budget::Demote, before == CONFIRMED);
            add(Budget::Promote, after == CONFIRMED && user.link.is_some());
            add(Budget::Clear, after == NOTHING);
            add(Budget::Named(0), after == PENDING);
        }
        budgets
    }

    fn could_suffer(&self) -> Vec<(Budget, usize)> {
        let linked = self.users.iter().filter(|user| user.link.is_some()).count();
        let with = |suffers: fn(u32) -> bool| self.users.iter().filter(|user| suffers(user.status)).count();
        vec![
            (Budget::Unlink, linked),
            (Budget::Relink, linked),
            (Budget::Demote, with(|status| status == CONFIRMED)),
            (Budget::Promote, linked),
            (Budget::Clear, with(|status| status != NOTHING)),
            (Budget::Named(0), with(|status| status != PENDING)),
        ]
    }

    fn missing_contacts(&self) -> Vec<Id> {
        let missing = self.users.iter().filter(|user| matches!(self.fates[&user.key], Fate::Unlinks | Fate::Waits));
        let ids: BTreeSet<Id> = missing.filter_map(|user| Id::parse(user.link.as_deref()?)).collect();
        ids.into_iter().collect()
    }

    fn contested_issues(&self) -> BTreeSet<(Vec<Id>, Vec<String>)> {
        let addresses: BTreeSet<String> = self.world.contacts.iter().flat_map(Contact::claims).collect();
        let contested = addresses.iter().filter(|address| self.is_contested(address));
        contested.map(|address| (self.claimants(address).into_iter().collect(), Vec::new())).collect()
    }

    fn held_issues(&self) -> BTreeSet<(Vec<Id>, Vec<String>)> {
        let held = self.users.iter().filter_map(|user| match self.fates[&user.key] {
            Fate::Held(Some(contact)) => Some((vec![contact], vec![user.key.to_string()])),
            Fate::Held(None) => Some((self.trouble(user), vec![user.key.to_string()])),
            _ => None,
        });
        held.collect()
    }

    /// The contacts on account of which a user is held by rule 2: those that claim a contested address, else all.
    fn trouble(&self, user: &User) -> Vec<Id> {
        let addresses = self.addresses(user);
        let contested = addresses.iter().filter(|(_, address)| self.is_contested(address));
        let claimants: BTreeSet<Id> = contested.flat_map(|(_, address)| self.claimants(address)).collect();
        if claimants.is_empty() { self.leads_to(user) } else { claimants }.into_iter().collect()
    }

    fn invalid_issues(&self) -> BTreeSet<(Vec<Id>, Vec<String>)> {
        let invalid = self.users.iter().filter(|user| self.fates[&user.key] == Fate::Invalid);
        invalid.map(|user| (Vec::new(), vec![user.key.to_string()])).collect()
    }

    fn shared_issues(&self) -> BTreeSet<(Vec<Id>, Vec<String>)> {
        let mut linked: BTreeMap<Id, Vec<String>> = BTreeMap::new();
        for user in &self.users {
            if let Fate::Stays(contact) = self.fates[&user.key] {
                linked.entry(contact).or_default().push(user.key.to_string());
            }
        }
        let shared = linked.into_iter().filter(|(_, users)| users.len() > 1 && !self.world.share);
        shared.map(|(contact, users)| (vec![contact], users)).collect()
    }

    /// All unknown values of a made-up world are the same one, so there is one issue at most.
    fn unknown_issues(&self) -> BTreeSet<(Vec<Id>, Vec<String>)> {
        let users: Vec<&&User> = self.users.iter().filter(|user| self.fields(user).quarantined).collect();
        let contact = |user: &&&User| match self.fates[&user.key] {
            Fate::Stays(contact) | Fate::Follows(contact) | Fate::Relinks(contact) | Fate::Links(contact) => {
                Some(contact)
            }
            _ => None,
        };
        let contacts: BTreeSet<Id> = users.iter().filter_map(contact).collect();
        let keys: Vec<String> = users.iter().map(|user| user.key.to_string()).collect();
        let issue = (contacts.into_iter().collect(), keys);
        if users.is_empty() {
            BTreeSet::new()
        } else {
            BTreeSet::from([issue])
        }
    }

    fn contact_buckets(&self) -> BTreeMap<&'static str, usize> {
        count(self.world.contacts.iter().map(|contact| {
            let any =
                |fits: &dyn Fn(&User, Fate) -> bool| self.users.iter().any(|user| fits(user, self.fates[&user.key]));
            let id = contact.id;
            if self.is_closed(id) {
                "closed"
            } else if any(&|_, fate| fate == Fate::Stays(id)) {
                "linked"
            } else if any(&|_, fate| [Fate::Links(id), Fate::Relinks(id), Fate::Follows(id)].contains(&fate)) {
                "matched"
            } else if any(&|_, fate| fate == Fate::MayNot(id)) {
                "user_may_not_link"
            } else if any(&|user, fate| {
                matches!(fate, Fate::Held(_) | Fate::Invalid) && self.leads_to(user).contains(&id)
            }) {
                "held"
            } else if contact.claims().is_empty() {
                "without_address"
            } else {
                "unclaimed"
            }
        }))
    }

    fn lead_buckets(&self) -> BTreeMap<&'static str, usize> {
        count(self.world.leads.iter().enumerate().map(|(lead, row)| {
            let mut of = self.users.iter().filter(|user| self.leads_of(user).contains(&lead)).peekable();
            if plain(&row.address).is_none() {
                "without_address"
            } else if of.peek().is_none() {
                "unclaimed"
            } else if of.any(|user| self.fields(user).by_leads) {
                "decided"
            } else {
                "user_decided_otherwise"
            }
        }))
    }

    fn user_buckets(&self) -> BTreeMap<&'static str, usize> {
        count(self.users.iter().map(|user| match (self.change(user), self.fates[&user.key]) {
            (Some(change), _) => change.action.name(),
            (None, Fate::Held(_) | Fate::Invalid) => "held",
            (None, Fate::Waits) => "contact_missing",
            (None, _) => "unchanged",
        }))
    }

    fn user_notes(&self) -> BTreeMap<&'static str, usize> {
        let notes = self.users.iter().flat_map(|user| {
            let fields = self.fields(user);
            let follows = matches!(self.fates[&user.key], Fate::Follows(_));
            [
                follows.then_some("followed_merges"),
                fields.protected.then_some("protected_transitions"),
                fields.quarantined.then_some("quarantined_fields"),
                fields.unknown.then_some("fields_of_absent_parents"),
            ]
        });
        count(notes.flatten())
    }
}

fn count(names: impl Iterator<Item = &'static str>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    counts
}
