//! Rule 8: several users for one contact.

use std::collections::BTreeMap;

use super::index::Claimant;
use super::matching::{Hit, Hits};
use super::sources::ContactTable;
use super::standing::{held, Hold, Standing};
use super::users::{UserNumber, UserTable};
use crate::rows::Id;

/// Applies rule 8: who is linked comes before who follows a merge, that before who is relinked, that before who is
/// linked anew; the others are held. Of those whom a key leads there, a mere claim holds nobody whose address is
/// verified, and a weaker key nobody who has the value of a stronger one.
pub(super) fn hold_sharers(standings: &mut [Standing], contacts: &ContactTable, users: &UserTable, hits: &Hits) {
    let mut candidates: BTreeMap<Claimant, Vec<(Rank, UserNumber)>> = BTreeMap::new();
    for (user, standing) in (0..).zip(standings.iter()) {
        if let Some((contact, rank)) = rank(standing, hits.of(user)) {
            candidates.entry(contact).or_default().push((rank, user));
        }
    }
    let mut unsettled: Vec<Claimant> = candidates.keys().copied().collect();
    while let Some(contact) = unsettled.pop() {
        let users_here = candidates.entry(contact).or_default();
        users_here.sort_unstable();
        let surplus: Vec<UserNumber> = surplus(users_here).collect();
        for user in surplus {
            let standing = std::mem::replace(&mut standings[user as usize], held(Hold::Shared(contact)));
            // Who does not come to the right contact stays linked to the wrong one, so that others do not get that.
            if let Some(own) = kept(&standing, user, contacts, users) {
                candidates.entry(own).or_default().push((LINKED, user));
                unsettled.push(own);
            }
        }
    }
}

/// Returns those who do not get the contact, of users in the order of their ranks.
fn surplus(users: &[(Rank, UserNumber)]) -> impl Iterator<Item = UserNumber> + '_ {
    let (first, second) = (users[0].0, users.get(1).map(|user| user.0));
    let alone = second.is_none_or(|second| second > first);
    let keeps = move |rank: Rank| rank == LINKED || (alone && rank == first);
    users.iter().filter(move |&&(rank, _)| !keeps(rank)).map(|&(_, user)| user)
}

/// Returns the contact that a user keeps who would have had another one, if it is there.
fn kept(standing: &Standing, user: UserNumber, contacts: &ContactTable, users: &UserTable) -> Option<Claimant> {
    match standing {
        Standing::Correct(_) => contacts.find(Id::parse(users.link(user)?)?),
        _ => None,
    }
}

/// The order of precedence: by what leads to the contact, then by the strength of the key and trust in the value, then
/// by whether there was a contact before.
type Rank = (u8, u8, u8);

const LINKED: Rank = (0, 0, 0);
const FOLLOWS: Rank = (1, 0, 0);

fn rank(standing: &Standing, hits: &[Hit]) -> Option<(Claimant, Rank)> {
    let tier = hits.first().map_or(u8::MAX, |hit| hit.tier);
    match standing {
        Standing::Stay(contact) => Some((*contact, LINKED)),
        Standing::Follow(contact) => Some((*contact, FOLLOWS)),
        Standing::Correct(contact) | Standing::Relink(contact) => Some((*contact, (2, tier, 0))),
        Standing::Link(contact) => Some((*contact, (2, tier, 1))),
        _ => None,
    }
}
