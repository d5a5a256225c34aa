//! What a cache is told, and what it counts.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub(super) type Weigh<K, V> = dyn Fn(&K, &V) -> u64 + Send + Sync;
pub(super) type Clock = dyn Fn() -> Instant + Send + Sync;

pub(super) struct Options<K, V> {
    pub(super) ttl: Option<Duration>,
    pub(super) stale: Duration,
    pub(super) weigh: Option<Arc<Weigh<K, V>>>,
    pub(super) clock: Option<Arc<Clock>>,
}

impl<K, V> Options<K, V> {
    pub(super) fn now(&self) -> Instant {
        self.clock.as_ref().map_or_else(Instant::now, |now| now())
    }
}

impl<K, V> Default for Options<K, V> {
    fn default() -> Self {
        Self { ttl: None, stale: Duration::ZERO, weigh: None, clock: None }
    }
}

impl<K, V> Clone for Options<K, V> {
    fn clone(&self) -> Self {
        Self { ttl: self.ttl, stale: self.stale, weigh: self.weigh.clone(), clock: self.clock.clone() }
    }
}

impl<K, V> fmt::Debug for Options<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("ttl", &self.ttl).field("stale", &self.stale).finish_non_exhaustive()
    }
}

/// Something that is counted by all workers and read seldom.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What has become of requests to a [`Cache`](crate::Cache), since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheCounts {
    /// Values that were there and not too old.
    pub hits: u64,
    /// Values that were not.
    pub misses: u64,
    /// Values that were too old and given all the same.
    pub stale: u64,
    /// How often somebody has waited for a load of another.
    pub waits: u64,
    /// Loads that were begun.
    pub loads: u64,
    /// Those of them that have failed.
    pub failures: u64,
    /// Values that had to leave because there was no room.
    pub evictions: u64,
    /// Values that there are now, those that are too old and were not asked for since included.
    pub entries: u64,
    /// What they weigh: their number, where there is no weigher.
    pub weight: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) hits: Counter,
    pub(super) misses: Counter,
    pub(super) stale: Counter,
    pub(super) waits: Counter,
    pub(super) loads: Counter,
    pub(super) failures: Counter,
}

impl Counters {
    pub(super) fn read(&self) -> CacheCounts {
        CacheCounts {
            hits: self.hits.read(),
            misses: self.misses.read(),
            stale: self.stale.read(),
            waits: self.waits.read(),
            loads: self.loads.read(),
            failures: self.failures.read(),
            ..CacheCounts::default()
        }
    }
}
