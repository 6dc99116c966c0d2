//! Explains the decision on one user.

use super::case::Case;
use super::index::Claimant;
use super::primary_keys::{Key, UserNumber};
use super::rules::{AttributeRule, Outcome, Rules};
use super::sources::{ContactTable, LeadTable};
use super::standing::{Hold, Standing};
use super::stronger_keys::Objection;
use super::user_rows::SEVERAL_ROWS;
use super::users::UserTable;
use super::words::{contact_of, ids, sight};
use crate::error::{counted, named};

/// Returns the lines that explain the decision on one user: the known facts, the rule that applies, its outcome, and
/// what would change it. Returns `None` for a user who was not read, and to whom nothing can happen.
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
        Some(SEVERAL_ROWS) => "has several rows for the contact's id".into(),
        Some(link) => format!("linked to contact {}", crate::error::presentable(link)),
        None => "not linked to a contact".into(),
    }];
    story.push(if users.may_link(user) { "may be linked" } else { "may not be linked" }.into());
    for hit in case.contact_hits.of(user) {
        let claimants = ids(&case, hit.claimants(&contacts.keys));
        let value = rules.shown(hit.tier, hit.text(&contacts.keys));
        story.push(format!("the {value} leads to {}", named("contact", &claimants)));
    }
    for hit in case.lead_hits.of(user) {
        let count = hit.claimants(&leads.keys).count();
        let value = rules.shown(hit.tier, hit.text(&leads.keys));
        story.push(format!("the {value} leads to {}", counted(count, "lead")));
    }
    story.push(outlook(&case, user));
    let verdict = case.verdict(user);
    let contact = contact_of(&case.standings[user as usize]);
    story.extend(verdict.quarantined.iter().map(|&attribute| {
        let rule = &rules.attributes[attribute];
        let value = contact.map(|contact| case.contacts.attributes()[attribute].number(contact as usize));
        let who = match value.map(|value| rule.outcomes[value]) {
            Some(Outcome::Unfit) => "the column cannot hold",
            _ => "the declaration does not know",
        };
        format!("{} stays as it is: {who} the value that the contact has", rules.columns[rule.column].name)
    }));
    story.extend(verdict.missing.iter().map(|&attribute| {
        let column = &rules.columns[rules.attributes[attribute].column].name;
        format!(
            "{column} stays as it is: no row that it could refer to, or more than one, has the value of the contact"
        )
    }));
    let filled = |rule: &&AttributeRule| contact.is_some() && case.is_filled(user, rule);
    story.extend(rules.attributes.iter().filter(filled).map(|rule| {
        format!(
            "{} is not overwritten: the declaration only fills it, and it has a value",
            rules.columns[rule.column].name
        )
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

/// Returns the rule that applies to the user, and what would have to differ for another outcome.
fn outlook(case: &Case<'_>, user: UserNumber) -> String {
    let id = |contact: &Claimant| case.contacts.id(*contact);
    match &case.standings[user as usize] {
        Standing::Stay(contact) => format!("rule 3: follows contact {} as long as that is there", id(contact)),
        Standing::Follow(contact) => format!("rule 3: the contact was merged into contact {}", id(contact)),
        Standing::Relink(contact) => format!("rule 3: the contact is gone; contact {} takes its place", id(contact)),
        Standing::Correct(contact) => {
            let noun = case.deciding_noun(user);
            format!("rule 3: the contact has another {noun}; contact {}, which has the user's, takes its place", id(contact))
        }
        Standing::Unlink => {
            format!("rule 3: the contact is gone; one open contact with {} would be taken", case.rules.trusted_value())
        }
        Standing::Kept => format!(
            "rule 3: the contact is gone, and the declaration leaves the user alone; one open contact with {} would be taken",
            case.rules.trusted_value()
        ),
        Standing::Missing => format!(
            "rule 3: the contact did not come and may only be invisible, because {}; it has not been missing in enough full \
             reads in a row to unlink",
            sight(case)
        ),
        Standing::Link(contact) => format!("rule 4: gets contact {}", id(contact)),
        Standing::Convert(contact) => format!("rule 4: the lead became contact {}", id(contact)),
        Standing::MayNotLink(contact) => format!("rule 4: contact {} fits, once the user may be linked", id(contact)),
        Standing::Held(hold) => hold_outlook(case, user, hold),
        Standing::Unlinked if !case.lead_hits.of(user).is_empty() => {
            "rule 5: leads decide, where the user is in their scope".into()
        }
        Standing::Unlinked => {
            format!("rule 6: no contact and no lead; a contact with {} would be linked", case.rules.trusted_value())
        }
    }
}

fn hold_outlook(case: &Case<'_>, user: UserNumber, hold: &Hold) -> String {
    let id = |contact: &Claimant| case.contacts.id(*contact);
    let noun = case.deciding_noun(user);
    match hold {
        Hold::InvalidId => "held until the contact id is corrected or cleared".into(),
        Hold::Contested(_) => format!("rule 2: held until only one contact claims the {noun}"),
        Hold::Closed(contact) => {
            let noun = case.closing_noun(user, *contact);
            format!("rules 1 and 2: held until no {noun} of contact {} is contested", id(contact))
        }
        Hold::Several(_) if noun == "address" => "rule 2: held until the addresses lead to one contact only".into(),
        Hold::Several(_) => format!("rule 2: held until the {noun} leads to one contact only"),
        Hold::Shared(contact) => format!("rule 8: held while others have a right to contact {}", id(contact)),
        Hold::Stronger(Objection { contact, key, owned }) => {
            let whose = if *owned { "another user's" } else { "no user's here" };
            format!("rule 4: held while the {} of contact {} is {whose}", case.rules.keys[*key].noun(), id(contact))
        }
    }
}
