//! The secrets that this process has used.
//!
//! The core's threads take the lock of the list while the app may fork, and a child inherits the lock as it is: held for
//! ever, if a thread of the parent had it. So each process has a lock of its own, which it finds without a lock.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::words::words;

/// The fewest bytes of a secret that is searched for: shorter ones would be found in ordinary words.
pub(super) const SHORTEST: usize = 8;
/// The number of secrets that are remembered; the oldest is dropped first. Each sign-in adds one or two.
const REMEMBERED: usize = 256;
/// The number of locks. A process that is forked from one that is forked from another, and so on, gets the lock of an
/// ancestor only after this many generations.
const LOCKS: usize = 64;

/// A secret, as a whole and word by word.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) whole: SecretString,
    words: Vec<SecretString>,
}

/// A list of secrets, and its lock. The list is cloned to read it, so that the lock is held for an instant only.
type List = Mutex<Option<Arc<VecDeque<Known>>>>;

/// The lists of processes.
struct Lists {
    lists: [List; LOCKS],
    /// The process id, and below it the index of the list of that process; 0 before the first use.
    owner: AtomicU64,
}

static LISTS: Lists = Lists { lists: [const { Mutex::new(None) }; LOCKS], owner: AtomicU64::new(0) };

impl Known {
    fn new(secret: &str) -> Self {
        let words = words(secret).filter(|word| word.len() >= SHORTEST && *word != secret);
        Self { whole: secret.into(), words: words.map(SecretString::from).collect() }
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        let all = std::iter::once(&self.whole).chain(&self.words);
        all.into_iter().any(|secret| text.contains(secret.expose_secret()))
    }
}

impl Lists {
    /// Returns the list of a process. A process that finds the list of another one takes the next: it starts anew, as
    /// its secrets are remembered again before it uses them.
    fn of(&self, process: u32) -> MutexGuard<'_, Option<Arc<VecDeque<Known>>>> {
        let (id, mask) = (u64::from(process) << 32, u64::from(u32::MAX));
        let mut owner = self.owner.load(Ordering::Relaxed);
        if owner & !mask != id {
            let next = id | (((owner & mask) + 1) % LOCKS as u64);
            // If another thread of this process was faster, it has stored the same.
            let _ = self.owner.compare_exchange(owner, next, Ordering::Relaxed, Ordering::Relaxed);
            owner = next;
        }
        self.lists[(owner & mask) as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds a secret.
pub(super) fn add(secret: &str) {
    let mut list = LISTS.of(std::process::id());
    let known = Arc::make_mut(list.get_or_insert_default());
    if known.iter().any(|known| known.whole.expose_secret() == secret) {
        return;
    }
    if known.len() == REMEMBERED {
        known.pop_front();
    }
    known.push_back(Known::new(secret));
}

/// Returns all secrets.
pub(super) fn all() -> Arc<VecDeque<Known>> {
    Arc::clone(LISTS.of(std::process::id()).get_or_insert_default())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_process_never_takes_a_lock_that_it_may_have_inherited() {
        let lists = Lists { lists: [const { Mutex::new(None) }; LOCKS], owner: AtomicU64::new(0) };
        let place = |process| std::ptr::from_ref(&*lists.of(process));
        let mut places = HashSet::new();
        for process in 1..=LOCKS as u32 {
            assert!(places.insert(place(process)), "generation {process}");
            assert!(!places.insert(place(process)), "the same list each time");
        }
    }
}
