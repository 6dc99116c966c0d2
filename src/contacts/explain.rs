//! Decisions in words: reasons of changes, issues, and the story of one user.

use std::collections::{BTreeMap, BTreeSet};

use super::address::masked;
use super::changes::{Action, Issue, Match};
use super::course::{Course, Hold};
use super::decide::{Case, Verdicts};
use super::index::{AddressNumber, Claimant};
use super::lead_issues;
use super::matching::Hit;
use super::rules::{Outcome, Rules};
use super::sources::{ContactTable, LeadTable};
use super::users::{Key, UserNumber, UserTable};
use crate::error::{counted, list, named};
use crate::rows::{Cell, Id};

/// Why a change is made.
pub(super) fn reason(case: &Case<'_>, user: UserNumber, action: Action, matched: Option<&Match>) -> String {
    let tier = matched.and_then(|matched| case.rules.tiers.get(usize::from(matched.tier)));
    let address = format!("address ({})", tier.map_or("trusted", |tier| &tier.name));
    match (action, &case.courses[user as usize]) {
        (_, Course::Stay(contact)) => format!("linked to contact {}", case.contacts.id(*contact)),
        (_, Course::Link(contact)) => format!("contact {} has this user's {address}", case.contacts.id(*contact)),
        (_, Course::Relink(contact)) => {
            let gone = case.users.link(user).unwrap_or_default();
            format!("contact {gone} is gone; contact {} has this user's {address}", case.contacts.id(*contact))
        }
        (_, Course::Follow(contact)) => {
            let merged = case.users.link(user).unwrap_or_default();
            format!("contact {merged} was merged into contact {}", case.contacts.id(*contact))
        }
        (_, Course::Unlink) => {
            format!("contact {} is gone, and no other may take its place", case.users.link(user).unwrap_or_default())
        }
        (Action::Lead, _) => format!("no contact, but leads have this user's {address}"),
        _ => "no contact and no lead has an address of this user".into(),
    }
}

/// Everything that somebody has to look at.
pub(super) fn issues(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Issue> {
    let contested = case.contacts.index.contested().map(|address| contested(case, address));
    let held = (0..).zip(&case.courses).filter_map(|(user, course)| match course {
        Course::Held(hold) => Some(held(case, user, hold)),
        _ => None,
    });
    let mut issues: Vec<Issue> = contested.chain(held).collect();
    issues.extend(unknown_values(case, verdicts));
    issues.extend(shared_links(case));
    issues.extend(unseen_contacts(case));
    issues.extend(lead_issues::issues(case, verdicts));
    issues
}

/// What so many contacts share, and no user has, is nobody's address, and may be named.
const PLACEHOLDER: usize = 20;

fn contested(case: &Case<'_>, address: AddressNumber) -> Issue {
    let contacts = ids(case, case.contacts.index.claimants(address));
    let text = case.contacts.index.text(address);
    let message = if contacts.len() >= PLACEHOLDER && !case.users.trust(text) {
        let value: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
        format!(
            "the address {value:?} is claimed by {} contacts ({}) and is no user's; none of them gets new users until only \
             one claims it. Where it stands for no address, say: ignore_addresses {value:?}",
            contacts.len(),
            list(&contacts),
        )
    } else {
        format!(
            "the address {} is claimed by the contacts {}; none of them gets new users until only one claims it",
            masked(text),
            list(&contacts),
        )
    };
    Issue { kind: "contested_address", contacts, users: Vec::new(), message }
}

fn held(case: &Case<'_>, user: UserNumber, hold: &Hold) -> Issue {
    let key = case.users.key(user);
    let (contacts, why) = match hold {
        Hold::InvalidId => {
            let message = format!("user {key} is linked to something that is no Salesforce id; correct or clear it");
            return Issue { kind: "invalid_contact_id", contacts: Vec::new(), users: vec![key], message };
        }
        Hold::Contested(addresses) => {
            let claimants = addresses.iter().flat_map(|&address| case.contacts.index.claimants(address));
            (ids(case, claimants), "a contested address")
        }
        Hold::Closed(contact) => (ids(case, [*contact]), "a contact that also claims a contested address"),
        Hold::Several(contacts) => (ids(case, contacts.iter().copied()), "several contacts"),
        Hold::Shared(contact) => (ids(case, [*contact]), "a contact that other users have or could have as well"),
    };
    let message = format!("user {key} is held: the trusted addresses lead to {why} ({})", list(&contacts));
    Issue { kind: "held_user", contacts, users: vec![key], message }
}

/// One issue for each unknown value, naming everybody who has it.
fn unknown_values(case: &Case<'_>, verdicts: &Verdicts) -> Vec<Issue> {
    let mut found: BTreeMap<(usize, usize), Vec<UserNumber>> = BTreeMap::new();
    for &(user, ref verdict) in verdicts {
        for &attribute in &verdict.quarantined {
            let contact = contact_of(&case.courses[user as usize]).unwrap_or_default();
            let value = case.contacts.attributes()[attribute].number(contact as usize);
            found.entry((attribute, value)).or_default().push(user);
        }
    }
    let issue = |((attribute, value), users): ((usize, usize), Vec<UserNumber>)| {
        let rule = &case.rules.attributes[attribute];
        let column = &case.rules.columns[rule.column].name;
        let source = &case.contacts.attributes()[attribute].distinct()[value];
        let source = source.iter().map(shown).collect::<Vec<_>>().join(", ");
        let source = crate::error::presentable(&source);
        let problem = match rule.outcomes[value] {
            Outcome::Unfit => format!("{column} cannot hold {source} as it is"),
            _ => format!("the declaration does not say what {source} means for {column}"),
        };
        Issue {
            kind: "unknown_value",
            contacts: ids(case, users.iter().filter_map(|&user| contact_of(&case.courses[user as usize]))),
            message: format!("{problem}; it stays as it is for {}", counted(users.len(), "user")),
            users: users.iter().map(|&user| case.users.key(user)).collect(),
        }
    };
    found.into_iter().map(issue).collect()
}

pub(super) fn shown(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null | Cell::Unknown => "no value".into(),
        Cell::Bool(value) => value.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => format!("{text:?}"),
    }
}

/// Contacts that did not come and are not known to be gone: whoever reads may just not be allowed to see them any more.
fn unseen_contacts(case: &Case<'_>) -> Option<Issue> {
    if case.rules.sees_all == Some(true) {
        return None;
    }
    let missed = |course: &Course| matches!(course, Course::Missing | Course::Unlink | Course::Relink(_));
    let unseen = |user: UserNumber| Id::parse(case.users.link(user)?).filter(|&id| !case.contacts.known_to_be_gone(id));
    let missing = (0..).zip(&case.courses).filter(|(_, course)| missed(course));
    let (users, contacts): (Vec<Key>, BTreeSet<Id>) =
        missing.filter_map(|(user, _)| Some((case.users.key(user), unseen(user)?))).unzip();
    let contacts: Vec<Id> = contacts.into_iter().collect();
    let first = contacts.first()?;
    let which =
        if contacts.len() == 1 { format!("contact {first}") } else { format!("the contacts {}", list(&contacts)) };
    let message = format!(
        "{which} of {} did not come and may only be invisible: Salesforce does not show them as deleted, and {}. Look whether \
         the integration user may still see them; contact_missing after: says in how many full reads in a row they must be \
         missing",
        counted(users.len(), "user"),
        sight(case),
    );
    Some(Issue { kind: "not_visible", contacts, users, message })
}

/// Why a contact that did not come may be there all the same.
fn sight(case: &Case<'_>) -> &'static str {
    match case.rules.sees_all {
        Some(_) => "the integration user does not see all records (View All Data)",
        None => "whether the integration user sees all records could not be read",
    }
}

/// Several users who are linked to one contact already: they stay, but somebody should know.
fn shared_links(case: &Case<'_>) -> Vec<Issue> {
    if case.rules.share_contacts {
        return Vec::new();
    }
    let mut users: BTreeMap<Claimant, Vec<UserNumber>> = BTreeMap::new();
    for (user, course) in (0..).zip(&case.courses) {
        if let Course::Stay(contact) = course {
            users.entry(*contact).or_default().push(user);
        }
    }
    let issue = |(contact, users): (Claimant, Vec<UserNumber>)| {
        let contacts = ids(case, [contact]);
        let users: Vec<Key> = users.into_iter().map(|user| case.users.key(user)).collect();
        let message = format!("contact {} is linked to the users {}; they stay linked", contacts[0], list(&users));
        Issue { kind: "shared_contact", contacts, users, message }
    };
    users.into_iter().filter(|(_, users)| users.len() > 1).map(issue).collect()
}

fn contact_of(course: &Course) -> Option<Claimant> {
    match course {
        Course::Stay(contact) | Course::Follow(contact) | Course::Link(contact) | Course::Relink(contact) => {
            Some(*contact)
        }
        _ => None,
    }
}

pub(super) fn ids(case: &Case<'_>, contacts: impl IntoIterator<Item = Claimant>) -> Vec<Id> {
    let mut ids: Vec<Id> = contacts.into_iter().map(|contact| case.contacts.id(contact)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The story of one user: what is known, which rule held, what came of it, and what would change it. `None` for a user who
/// was not read, so that nothing can happen to.
#[must_use]
pub fn explain(
    key: &Key,
    contacts: &ContactTable,
    leads: &LeadTable,
    users: &UserTable,
    rules: &Rules,
) -> Option<Vec<String>> {
    let user = users.find(key)?;
    let case = Case::new(contacts, leads, users, rules);
    let mut story = vec![match users.link(user) {
        Some(link) => format!("linked to contact {}", crate::error::presentable(link)),
        None => "not linked to a contact".into(),
    }];
    story.push(if users.may_link(user) { "may be linked" } else { "may not be linked" }.into());
    for hit in case.contact_hits.of(user) {
        let claimants = ids(&case, contacts.index.claimants(hit.address));
        story.push(format!(
            "{} leads to {}",
            describe(hit, contacts.index.text(hit.address), rules),
            named("contact", &claimants)
        ));
    }
    for hit in case.lead_hits.of(user) {
        let count = leads.index.claimants(hit.address).count();
        story.push(format!(
            "{} leads to {}",
            describe(hit, leads.index.text(hit.address), rules),
            counted(count, "lead")
        ));
    }
    story.push(outlook(&case, user));
    let verdict = case.verdict(user);
    story.extend(verdict.quarantined.iter().map(|&attribute| {
        let rule = &rules.attributes[attribute];
        let value = contact_of(&case.courses[user as usize])
            .map(|contact| case.contacts.attributes()[attribute].number(contact as usize));
        let who = match value.map(|value| rule.outcomes[value]) {
            Some(Outcome::Unfit) => "the column cannot hold",
            _ => "the declaration does not know",
        };
        format!("{} stays as it is: {who} the value that the contact has", rules.columns[rule.column].name)
    }));
    if verdict.unknown > 0 {
        let unknown = unchanged(verdict.unknown);
        story.push(format!("{unknown}: the contact names a parent that is not there"));
    }
    if verdict.strange_lead {
        story.push("everything stays as it is: a lead has a status that the declaration does not take".into());
    }
    if !verdict.contradicted.is_empty() {
        let contacts = ids(&case, verdict.contradicted.iter().copied());
        story.push(format!(
            "everything stays as it is: leads became {}, which says otherwise",
            named("contact", &contacts)
        ));
    }
    if verdict.protected > 0 {
        story.push(format!("{}: the declaration protects what is there", unchanged(verdict.protected)));
    }
    Some(story)
}

fn unchanged(fields: usize) -> String {
    let stay = if fields == 1 { "stays as it is" } else { "stay as they are" };
    format!("{} {stay}", counted(fields, "field"))
}

fn describe(hit: &Hit, address: &str, rules: &Rules) -> String {
    let tier = rules.tiers.get(usize::from(hit.tier)).map_or("trusted", |tier| &tier.name);
    format!("the address {} ({tier})", masked(address))
}

/// Which rule holds for the user, and what would have to differ for another outcome.
fn outlook(case: &Case<'_>, user: UserNumber) -> String {
    let id = |contact: &Claimant| case.contacts.id(*contact);
    match &case.courses[user as usize] {
        Course::Stay(contact) => format!("rule 3: follows contact {} as long as that is there", id(contact)),
        Course::Follow(contact) => format!("rule 3: the contact was merged into contact {}", id(contact)),
        Course::Relink(contact) => format!("rule 3: the contact is gone; contact {} takes its place", id(contact)),
        Course::Unlink => "rule 3: the contact is gone; one open contact with a trusted address would be taken".into(),
        Course::Missing => format!(
            "rule 3: the contact did not come and may only be invisible, because {}; it has not been missing in enough full \
             reads in a row to unlink",
            sight(case)
        ),
        Course::Link(contact) => format!("rule 4: gets contact {}", id(contact)),
        Course::MayNotLink(contact) => format!("rule 4: contact {} fits, once the user may be linked", id(contact)),
        Course::Held(hold) => match &**hold {
            Hold::InvalidId => "held until the contact id is corrected or cleared".into(),
            Hold::Contested(_) => "rule 2: held until only one contact claims the address".into(),
            Hold::Closed(contact) => {
                format!("rules 1 and 2: held until no address of contact {} is contested", id(contact))
            }
            Hold::Several(_) => "rule 2: held until the addresses lead to one contact only".into(),
            Hold::Shared(contact) => format!("rule 8: held while others have a right to contact {}", id(contact)),
        },
        Course::Unlinked if !case.lead_hits.of(user).is_empty() => {
            "rule 5: leads decide, where the user is in their scope".into()
        }
        Course::Unlinked => "rule 6: no contact and no lead; a contact with a trusted address would be linked".into(),
    }
}
