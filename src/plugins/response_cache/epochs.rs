//! When what has a tag was removed last.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

/// Removing is one number that is written, however much has the tag; whether something was removed is found out when somebody asks for it. Tags share numbers: what goes with another tag
/// by chance, one in so many, is loaded once more.
const NUMBERS: usize = 4096;

pub(super) struct Epochs {
    hasher: RandomState,
    now: AtomicU64,
    changed: Box<[AtomicU64]>,
}

impl Epochs {
    pub(super) fn new() -> Self {
        let changed = (0..NUMBERS).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), now: AtomicU64::new(0), changed }
    }

    /// What is read or begun now is compared with later.
    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    /// What has this tag, and was there or begun before, is out of date.
    pub(super) fn change(&self, tag: &str) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.of(tag).fetch_max(now, Ordering::SeqCst);
    }

    pub(super) fn change_all(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        for number in &self.changed {
            number.fetch_max(now, Ordering::SeqCst);
        }
    }

    pub(super) fn has_changed(&self, tag: &str, since: u64) -> bool {
        self.of(tag).load(Ordering::SeqCst) > since
    }

    fn of(&self, tag: &str) -> &AtomicU64 {
        &self.changed[self.hasher.hash_one(tag) as usize % NUMBERS]
    }
}

#[cfg(test)]
mod tests {
    use super::Epochs;

    #[test]
    fn what_was_there_before_a_change_is_out_of_date_and_what_comes_after_is_not() {
        let epochs = Epochs::new();
        let before = epochs.now();
        assert!(!epochs.has_changed("a", before));
        epochs.change("a");
        assert!(epochs.has_changed("a", before));
        assert!(!epochs.has_changed("a", epochs.now()));
        let between = epochs.now();
        epochs.change_all();
        assert!(epochs.has_changed("a", between) && epochs.has_changed("anything", between));
        assert!(!epochs.has_changed("a", epochs.now()));
    }
}
