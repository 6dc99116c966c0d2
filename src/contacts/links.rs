//! The contact ids of linked users, as the app spells them.

const UNLINKED: u32 = u32::MAX;

/// The link of each user. The texts are stored separately, because few users have one.
#[derive(Default)]
pub(super) struct Links {
    places: Vec<u32>,
    texts: Vec<Box<str>>,
}

impl Links {
    pub(super) fn push(&mut self, link: Option<&str>) {
        self.places.push(link.map_or(UNLINKED, |_| self.texts.len() as u32));
        self.texts.extend(link.map(Box::from));
    }

    pub(super) fn get(&self, user: usize) -> Option<&str> {
        let place = self.places[user];
        (place != UNLINKED).then(|| self.texts[place as usize].as_ref())
    }

    /// Returns the number of users who have a link.
    pub(super) fn linked(&self) -> usize {
        self.texts.len()
    }

    /// Reorders the users: the user at `order[n]` moves to `n`.
    pub(super) fn permute(&mut self, order: &[u32]) {
        self.places = order.iter().map(|&user| self.places[user as usize]).collect();
    }
}
