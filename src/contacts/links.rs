//! The contacts that stand at users, as they are spelled there.

const UNLINKED: u32 = u32::MAX;

/// The link of each user. Few users have one, so that the texts are kept apart.
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

    /// Puts the users into another order.
    pub(super) fn permute(&mut self, order: &[u32]) {
        self.places = order.iter().map(|&user| self.places[user as usize]).collect();
    }
}
