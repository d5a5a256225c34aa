//! Articles, and how often each was changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastweb::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
pub(crate) struct Article {
    title: String,
    text: String,
}

#[derive(Default)]
pub(crate) struct Articles(Mutex<HashMap<u32, (u64, Arc<Article>)>>);

impl Articles {
    pub(crate) fn new() -> Self {
        let first = Article { title: "First".into(), text: "Much to read. ".repeat(200) };
        Self(Mutex::new(HashMap::from([(1, (1, Arc::new(first)))])))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u32, (u64, Arc<Article>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, id: u32) -> Option<(u64, Arc<Article>)> {
        self.all().get(&id).cloned()
    }

    /// Puts an article in place where `check` agrees with the version that is there. Between the two nobody else comes.
    pub(crate) fn put(&self, id: u32, article: Article, check: impl FnOnce(Option<u64>) -> Result<()>) -> Result<u64> {
        let mut all = self.all();
        let version = all.get(&id).map(|(version, _)| *version);
        check(version)?;
        let version = version.unwrap_or(0) + 1;
        all.insert(id, (version, Arc::new(article)));
        Ok(version)
    }
}
