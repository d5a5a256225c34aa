//! Words and how often they were seen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Default)]
pub(crate) struct Words(Arc<Mutex<BTreeMap<String, usize>>>);

impl Words {
    pub(crate) fn add(&self, text: &str) {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for word in text.split_whitespace() {
            *words.entry(word.to_owned()).or_default() += 1;
        }
    }

    pub(crate) fn count(&self, word: &str) -> Option<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(word).copied()
    }

    pub(crate) fn counted(&self) -> Vec<(String, usize)> {
        let words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        words.iter().map(|(word, count)| (word.clone(), *count)).collect()
    }
}
