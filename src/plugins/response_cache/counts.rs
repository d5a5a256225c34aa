//! What a response cache counts.

use crate::plugins::cache::Counter;

/// What has become of requests and answers, since the cache was made: [`CacheHandle::counts`](super::CacheHandle::counts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseCounts {
    /// Answers that were there.
    pub hits: u64,
    /// Answers that were there and stale, while a new one was made.
    pub stale: u64,
    /// Requests that the handler has answered because there was nothing for them.
    pub misses: u64,
    /// How often somebody has waited for the answer to another.
    pub waits: u64,
    /// Requests that are none of the cache's: with `authorization`, `range`, `no-store`, or a body.
    pub passed: u64,
    /// Answers that were kept.
    pub kept: u64,
    /// Those of them that have brought a stale one up to date.
    pub refreshes: u64,
    /// Answers that were not kept.
    pub refused: u64,
    /// Removals by name, target or route, and by requests that have changed something.
    pub removals: u64,
    /// What the store has now; zero where it does not know.
    pub entries: u64,
    /// The bytes that it takes.
    pub bytes: u64,
    /// What had to leave because there was no room.
    pub evictions: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) hits: Counter,
    pub(super) stale: Counter,
    pub(super) misses: Counter,
    pub(super) waits: Counter,
    pub(super) passed: Counter,
    pub(super) kept: Counter,
    pub(super) refreshes: Counter,
    pub(super) refused: Counter,
    pub(super) removals: Counter,
}

impl Counters {
    pub(super) fn read(&self) -> ResponseCounts {
        ResponseCounts {
            hits: self.hits.read(),
            stale: self.stale.read(),
            misses: self.misses.read(),
            waits: self.waits.read(),
            passed: self.passed.read(),
            kept: self.kept.read(),
            refreshes: self.refreshes.read(),
            refused: self.refused.read(),
            removals: self.removals.read(),
            ..ResponseCounts::default()
        }
    }
}
