//! The words for decisions, from which reasons, issues and explanations are composed.

use super::action::Action;
use super::case::Case;
use super::changes::Match;
use super::index::Claimant;
use super::primary_keys::UserNumber;
use super::standing::Standing;
use crate::rows::Id;

/// Returns the reason for a change.
pub(super) fn reason(case: &Case<'_>, user: UserNumber, action: Action, matched: Option<&Match>) -> String {
    let value = case.rules.called(matched.map_or(u8::MAX, |matched| matched.tier));
    match (action, &case.standings[user as usize]) {
        (_, Standing::Stay(contact)) => format!("linked to contact {}", case.contacts.id(*contact)),
        (_, Standing::Link(contact)) => format!("contact {} has this user's {value}", case.contacts.id(*contact)),
        (_, Standing::Convert(contact)) => {
            let lead = matched.map(|matched| matched.address.as_str()).unwrap_or_default();
            format!("lead {lead} became contact {}", case.contacts.id(*contact))
        }
        (_, Standing::Relink(contact)) => {
            let gone = case.users.link(user).unwrap_or_default();
            format!("contact {gone} is gone; contact {} has this user's {value}", case.contacts.id(*contact))
        }
        (_, Standing::Correct(contact)) => {
            let wrong = case.users.link(user).unwrap_or_default();
            let noun = case.deciding_noun(user);
            format!(
                "contact {wrong} has another {noun}; contact {} has this user's {value}",
                case.contacts.id(*contact)
            )
        }
        (_, Standing::Follow(contact)) => {
            let merged = case.users.link(user).unwrap_or_default();
            format!("contact {merged} was merged into contact {}", case.contacts.id(*contact))
        }
        (_, Standing::Unlink) => {
            format!("contact {} is gone, and no other may take its place", case.users.link(user).unwrap_or_default())
        }
        (Action::Lead, _) => format!("no contact, but leads have this user's {value}"),
        _ => format!("no contact and no lead has {} of this user", case.rules.any_value()),
    }
}

/// Returns why a contact that was not read may exist all the same.
pub(super) fn sight(case: &Case<'_>) -> &'static str {
    match case.rules.sees_all {
        Some(_) => "the integration user does not see all records (View All Data)",
        None => "whether the integration user sees all records could not be read",
    }
}

/// Returns the contact that a user has, or gets.
pub(super) fn contact_of(standing: &Standing) -> Option<Claimant> {
    match standing {
        Standing::Stay(contact)
        | Standing::Follow(contact)
        | Standing::Correct(contact)
        | Standing::Link(contact)
        | Standing::Convert(contact)
        | Standing::Relink(contact) => Some(*contact),
        _ => None,
    }
}

/// Returns the ids of contacts, sorted and without repeats.
pub(super) fn ids(case: &Case<'_>, contacts: impl IntoIterator<Item = Claimant>) -> Vec<Id> {
    let mut ids: Vec<Id> = contacts.into_iter().map(|contact| case.contacts.id(contact)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
