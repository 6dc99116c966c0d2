//! Rules 2 to 4 and 8, and the rules of keys: the contact of each user after the decision.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::Leading;
use super::Ids;
use crate::world::{Contact, Kind, User, World};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    Linked(String),
    Merged(String),
    /// Linked to another contact, because the key shows that the stored one is wrong.
    Corrected(String),
    Relinked(String),
    /// Linked to the contact to which the stored lead was converted.
    Converted(String),
    New(String),
    Unlinked,
    Waiting,
    Kept,
    MayNot(String),
    Nothing,
    /// The kind of the issue, the contacts, and the users other than the held one.
    Held(&'static str, Ids, BTreeSet<i64>),
}

fn held(contacts: Ids) -> Fate {
    Fate::Held("held_user", contacts, BTreeSet::new())
}

fn same_id(one: &str, other: &str) -> bool {
    one.get(..15) == other.get(..15)
}

impl World {
    pub(super) fn there(&self, id: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| same_id(&contact.id, id))
    }

    pub(super) fn winner(&self, id: &str) -> Option<&Contact> {
        let (_, winner) = self.merges.iter().find(|(loser, _)| same_id(loser, id))?;
        self.there(winner)
    }

    /// Returns the long form of an id. In these worlds, all ids have only digits.
    pub(super) fn long(&self, link: &str) -> Option<String> {
        let fits = link.len() == 15 || link.ends_with("AAA");
        (link.len() >= 15 && fits).then(|| format!("{}AAA", &link[..15]))
    }

    /// Returns the one open contact to which the values of a key lead, or the reason why there is none.
    fn only(&self, values: &[Leading]) -> Result<Option<String>, Fate> {
        let claimants = |(_, key, value): &Leading| self.claimants(*key, value);
        let contested: Ids = values.iter().map(claimants).filter(|ids| ids.len() > 1).flatten().collect();
        if !contested.is_empty() {
            return Err(held(contested));
        }
        let contacts: Ids = values.iter().flat_map(claimants).collect();
        let closed = |contact: &String| self.closed(contact, values[0].1);
        if contacts.len() > 1 || contacts.iter().any(closed) {
            return Err(held(contacts));
        }
        Ok(contacts.into_iter().next())
    }

    /// Returns whether a contact has values of a key, none of which is the user's.
    fn has_others(&self, user: i64, contact: &Contact, key: usize) -> bool {
        let values = self.values_of(contact, key);
        let own = |value: &String| self.to_contacts(user).iter().any(|(_, its, text)| *its == key && text == value);
        !values.is_empty() && !values.iter().any(own)
    }

    /// Applies rule 4 of keys: a contact with a value of a stronger key is only for the user who has that value.
    fn not_for(&self, user: i64, id: &str, stronger: &[usize]) -> Option<Fate> {
        let contact = self.there(id)?;
        for &key in stronger.iter().filter(|&&key| self.has_others(user, contact, key)) {
            let owners: Vec<_> = self.values_of(contact, key).iter().map(|value| self.owners(key, value)).collect();
            let contacts = Ids::from([contact.id.clone()]);
            if owners.iter().any(|(_, anybody)| *anybody) {
                let read = owners.into_iter().flat_map(|(read, _)| read).collect();
                if !self.share {
                    return Some(Fate::Held("shared_contact", contacts, read));
                }
            } else if self.hold_disagreeing {
                return Some(Fate::Held("keys_disagree", contacts, BTreeSet::new()));
            }
        }
        None
    }

    /// Applies rule 5 of keys to a user whose contact exists, or whose contact was merged into one that exists.
    fn corrected(&self, user: &User, contact: &Contact) -> Option<Fate> {
        let values = self.deciding(user.key);
        let key = values.first()?.1;
        if !self.keys[key].evidence || !self.has_others(user.key, contact, key) {
            return None;
        }
        let right = self.only(&values).ok()??;
        let stronger: Vec<usize> = (0..key).collect();
        self.not_for(user.key, &right, &stronger).is_none().then_some(Fate::Corrected(right))
    }

    /// Returns the contact to which the stored lead of a user was converted. If that contact was merged, returns the
    /// winner, if it is known.
    fn stored_lead_became(&self, user: &User) -> Option<&Contact> {
        let became = self.stored_lead(user)?.became.as_ref()?;
        self.there(became).or_else(|| self.winner(became))
    }

    /// Applies the rule of stored leads: the conversion takes precedence over all keys, and is held as a merge is. It
    /// has no effect on a user who already has the id of a contact, whatever happened to that contact.
    fn converted(&self, user: &User) -> Option<Fate> {
        let contact = self.stored_lead_became(user).filter(|_| user.link.is_none())?;
        let ids: Vec<usize> = (0..self.keys.len()).filter(|&key| self.keys[key].kind != Kind::Email).collect();
        let gets = if user.may_link { Fate::Converted } else { Fate::MayNot };
        Some(self.not_for(user.key, &contact.id, &ids).unwrap_or_else(|| gets(contact.id.clone())))
    }

    /// Applies rules 2 to 4.
    fn fate(&self, user: &User) -> Fate {
        if let Some(converted) = self.converted(user) {
            return converted;
        }
        if let Some(link) = &user.link {
            if self.long(link).is_none() {
                return Fate::Held("invalid_contact_id", Ids::new(), BTreeSet::new());
            }
            if let Some(contact) = self.there(link) {
                return self.corrected(user, contact).unwrap_or(Fate::Linked(contact.id.clone()));
            }
            if let Some(winner) = self.winner(link) {
                let ids: Vec<usize> = (0..self.keys.len()).filter(|&key| self.keys[key].kind != Kind::Email).collect();
                let followed = self.not_for(user.key, &winner.id, &ids).unwrap_or(Fate::Merged(winner.id.clone()));
                return self.corrected(user, winner).unwrap_or(followed);
            }
        }
        let values = self.deciding(user.key);
        let only = match self.only(&values) {
            Ok(only) => only,
            Err(held) => return held,
        };
        if let Some(contact) = &only {
            let stronger: Vec<usize> = (0..values[0].1).collect();
            if let Some(held) = self.not_for(user.key, contact, &stronger) {
                return held;
            }
        }
        match (&user.link, only) {
            (None, Some(contact)) if user.may_link => Fate::New(contact),
            (None, Some(contact)) => Fate::MayNot(contact),
            (None, None) => Fate::Nothing,
            (Some(link), _) if self.may_be_invisible(link) => Fate::Waiting,
            (Some(_), Some(contact)) => Fate::Relinked(contact),
            (Some(_), None) if self.keep => Fate::Kept,
            (Some(_), None) => Fate::Unlinked,
        }
    }

    fn may_be_invisible(&self, link: &str) -> bool {
        let known = |ids: &Ids| ids.iter().any(|id| same_id(id, link));
        let may_be_hidden = self.sees_all != Some(true);
        may_be_hidden && !known(&self.gone) && self.missing_before.as_ref().is_some_and(|missing| !known(missing))
    }

    /// Applies rule 8. A user who cannot be corrected stays linked, and so keeps other users from that contact. The
    /// decision is repeated with this link until nothing changes any more.
    pub(super) fn fates(&self) -> BTreeMap<i64, Fate> {
        let fates: BTreeMap<i64, Fate> = self.users.iter().map(|user| (user.key, self.fate(user))).collect();
        if self.share {
            return fates;
        }
        let mut still_linked: BTreeMap<i64, String> = BTreeMap::new();
        loop {
            let decided = self.held_by_others(&fates, &still_linked);
            let stuck = self.users.iter().filter(|user| {
                matches!(fates[&user.key], Fate::Corrected(_)) && matches!(decided[&user.key], Fate::Held(..))
            });
            let stored = |user: &User| self.there(user.link.as_ref()?).map(|contact| (user.key, contact.id.clone()));
            let linked: BTreeMap<i64, String> = stuck.filter_map(stored).collect();
            if linked == still_linked {
                return decided;
            }
            still_linked = linked;
        }
    }

    fn held_by_others(&self, fates: &BTreeMap<i64, Fate>, still_linked: &BTreeMap<i64, String>) -> BTreeMap<i64, Fate> {
        let rank = |user: i64| {
            let tier = self.to_contacts(user).first().map_or(9, |(tier, ..)| *tier);
            match &fates[&user] {
                Fate::Linked(contact) => Some((contact.clone(), (0, 0, 0))),
                Fate::Merged(contact) | Fate::Converted(contact) => Some((contact.clone(), (1, 0, 0))),
                Fate::Corrected(contact) | Fate::Relinked(contact) => Some((contact.clone(), (2, tier, 0))),
                Fate::New(contact) => Some((contact.clone(), (2, tier, 1))),
                _ => None,
            }
        };
        let held = |user: i64| {
            let (contact, own) = rank(user)?;
            let others = self.users.iter().filter(|other| other.key != user).filter_map(|other| rank(other.key));
            let in_the_way = others.filter(|(theirs, _)| *theirs == contact).any(|(_, rank)| rank <= own);
            let kept = still_linked.iter().any(|(other, theirs)| *other != user && *theirs == contact);
            (own.0 > 0 && (in_the_way || kept)).then(|| self::held(Ids::from([contact])))
        };
        fates.iter().map(|(&user, fate)| (user, held(user).unwrap_or_else(|| fate.clone()))).collect()
    }
}
