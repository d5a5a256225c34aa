//! Where answers are kept.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use fastweb_core::Result;

use super::Record;
use super::epochs::Epochs;
use crate::plugins::cache::Bounded;

/// Where a [`ResponseCache`](crate::ResponseCache) keeps answers: [`MemoryStore`], or one that several servers share.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::response_cache::{Record, ResponseStore};
///
/// /// Bytes, as another process would keep them; with `record.time_to_live()` it knows when to forget them.
/// #[derive(Default)]
/// struct Elsewhere(Mutex<HashMap<String, (Vec<String>, Vec<u8>)>>);
///
/// impl ResponseStore for Elsewhere {
///     async fn get(&self, key: &str) -> Result<Option<Record>> {
///         Ok(self.0.lock().unwrap().get(key).and_then(|(_, bytes)| Record::from_bytes(bytes)))
///     }
///
///     async fn put(&self, key: &str, record: Record) -> Result<()> {
///         self.0.lock().unwrap().insert(key.to_owned(), (record.tags().to_vec(), record.to_bytes()));
///         Ok(())
///     }
///
///     async fn remove_tagged(&self, tag: &str) -> Result<()> {
///         self.0.lock().unwrap().retain(|_, (tags, _)| !tags.iter().any(|there| there == tag));
///         Ok(())
///     }
///
///     async fn clear(&self) -> Result<()> {
///         self.0.lock().unwrap().clear();
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let cache = ResponseCache::with_store(Elsewhere::default()).ttl(Duration::from_secs(60));
/// let server = App::new().plugin(cache).get("/", "hello").build().await?;
/// server.inject(Inject::get("/")).await.assert_text("hello");
/// server.inject(Inject::get("/")).await.assert_text("hello").assert_header("age", "0");
/// # Ok(())
/// # }
/// ```
pub trait ResponseStore: Send + Sync + 'static {
    /// What was put under this key last, if it is still there.
    ///
    /// # Errors
    /// It cannot be found out. The request is answered by its handler then, and the error logged.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Record>>>;

    /// Keeps `record` in the place of what is there under this key.
    ///
    /// # Errors
    /// It cannot be kept. The error is logged.
    fn put(&self, key: &str, record: Record) -> impl Future<Output = Result<()>>;

    /// Forgets all records with this tag.
    ///
    /// # Errors
    /// It is not sure that they are gone.
    fn remove_tagged(&self, tag: &str) -> impl Future<Output = Result<()>>;

    /// Forgets all.
    ///
    /// # Errors
    /// It is not sure that all are gone.
    fn clear(&self) -> impl Future<Output = Result<()>>;

    /// How many answers are there, how many bytes they take, and how many had to leave for want of room, where that is known.
    fn usage(&self) -> StoreUsage {
        StoreUsage::default()
    }
}

/// What a store is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreUsage {
    /// Records that are there.
    pub entries: u64,
    /// What they take.
    pub bytes: u64,
    /// Records that have left because there was no room.
    pub evictions: u64,
}

/// The memory of this process: of at most so many bytes, however many answers there are.
///
/// What is too old is replaced when somebody asks for it, or leaves when its room is needed.
pub struct MemoryStore {
    records: Bounded<Arc<str>, (Record, u64)>,
    epochs: Epochs,
}

impl MemoryStore {
    /// One of at most `bytes`, of which an answer may take a sixty-fourth, or 64 KiB where that is more.
    ///
    /// ```
    /// let store = fastweb::response_cache::MemoryStore::new(16 << 20);
    /// # drop(store);
    /// ```
    pub fn new(bytes: u64) -> Self {
        Self { records: Bounded::new(bytes, (bytes / 64).max(64 * 1024)), epochs: Epochs::new() }
    }

    pub(super) fn find(&self, key: &str) -> Option<Record> {
        let (record, since) = self.records.get(key)?;
        if record.tags().iter().any(|tag| self.epochs.has_changed(tag, since)) {
            drop(self.records.remove(key));
            return None;
        }
        Some(record)
    }
}

impl ResponseStore for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Record>> {
        Ok(self.find(key))
    }

    async fn put(&self, key: &str, record: Record) -> Result<()> {
        let weight = (record.size() + 2 * key.len()) as u64;
        let kept = (record, self.epochs.now());
        let (_, gone) = self.records.insert(key.into(), kept, weight);
        drop(gone);
        Ok(())
    }

    async fn remove_tagged(&self, tag: &str) -> Result<()> {
        self.epochs.change(tag);
        Ok(())
    }

    async fn clear(&self) -> Result<()> {
        drop(self.records.clear());
        Ok(())
    }

    fn usage(&self) -> StoreUsage {
        let Self { records, .. } = self;
        StoreUsage { entries: records.len(), bytes: records.weight(), evictions: records.evicted() }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("usage", &self.usage()).finish()
    }
}
