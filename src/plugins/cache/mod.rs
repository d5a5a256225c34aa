//! Values that are kept for a while: what a database, a service or a computation gave.
//!
//! [`Cache`] is one of them, and usually a state of the application; the guide's page `response_cache` shows it at work.

mod bounded;
mod flights;
mod options;

pub(crate) use self::bounded::Bounded;
pub(crate) use self::flights::{Flights, Lead, Turn};
pub use options::CacheCounts;
#[cfg(feature = "response-cache")]
pub(crate) use options::Counter;

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastweb_core::{Background, Detail, Error, Result};

use options::{Counters, Options};

/// Values by key, bounded in number or weight and in time, each loaded once however many want it at the same time.
///
/// It is shared by all workers; clones are the same cache, with the same settings. What has to leave when it is full is what was read least lately, as far as one bit of memory per entry can tell (SIEVE).
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
///
/// type Users = Cache<u64, String>;
///
/// async fn user(Path(id): Path<u64>, users: State<Users>) -> Result<String> {
///     users.get_or_load(id, async { Ok::<_, Error>(format!("user {id}, from the database")) }).await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let users = Users::new(10_000).ttl(Duration::from_secs(60));
/// let server = App::new().state(users.clone()).get("/users/{id}", user).build().await?;
/// for _ in 0..3 {
///     server.inject(Inject::get("/users/7")).await.assert_text("user 7, from the database");
/// }
/// assert_eq!(users.counts().loads, 1);
/// users.remove(&7);
/// assert_eq!(users.get(&7), None);
/// # Ok(())
/// # }
/// ```
pub struct Cache<K: Hash + Eq, V> {
    options: Options<K, V>,
    shared: Arc<Shared<K, V>>,
}

struct Shared<K, V> {
    values: Bounded<K, Arc<Kept<V>>>,
    loading: Flights<K, Loaded>,
    refreshing: Flights<K, Loaded>,
    counters: Counters,
}

struct Kept<V> {
    value: V,
    since: Instant,
}

/// What those who wait are told.
#[derive(Clone)]
enum Loaded {
    Kept,
    Failed(Arc<Failure>),
}

/// An error that is told to several.
struct Failure {
    status: u16,
    code: Option<String>,
    message: String,
    details: Vec<Detail>,
}

impl Failure {
    fn of(error: &Error) -> Self {
        let code = error.code().map(str::to_owned);
        Self {
            status: error.status().as_u16(),
            code,
            message: error.message().to_owned(),
            details: error.details().to_vec(),
        }
    }

    fn error(&self) -> Error {
        let mut error = Error::new(self.status, self.message.clone());
        if let Some(code) = &self.code {
            error = error.with_code(code.clone());
        }
        self.details.iter().cloned().fold(error, Error::with_detail)
    }
}

enum Found<V> {
    Fresh(Arc<Kept<V>>),
    Stale(Arc<Kept<V>>),
    None,
}

/// What a load has brought, where somebody else does it: by then it may be gone again. So often it is looked for.
const ROUNDS: usize = 3;

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// One of at most `most` values, or of so much weight where there is a [`weigher`](Self::weigher). Values are kept until there is no room, unless it is given a [`ttl`](Self::ttl).
    pub fn new(most: u64) -> Self {
        let shared = Shared {
            values: Bounded::new(most, (most / 64).max(64)),
            loading: Flights::new(),
            refreshing: Flights::new(),
            counters: Counters::default(),
        };
        Self { options: Options::default(), shared: Arc::new(shared) }
    }

    /// How long a value is used from the beginning of its load. A value that is too old leaves when somebody asks for it, or when there is no room.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::Cache;
    ///
    /// let prices: Cache<String, f64> = Cache::new(1000).ttl(Duration::from_secs(5));
    /// # drop(prices);
    /// ```
    #[must_use]
    pub fn ttl(mut self, time: Duration) -> Self {
        self.options.ttl = Some(time);
        self
    }

    /// For how long beyond that a value is given to all but one of those who ask: that one loads it again, or, where [`get_or_refresh`](Self::get_or_refresh) is called, nobody waits.
    /// Where the load fails, all have the old value, until this time is over too.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::Cache;
    ///
    /// let second = Duration::from_secs(1);
    /// let prices: Cache<String, f64> = Cache::new(1000).ttl(5 * second).stale_while_revalidate(60 * second);
    /// # drop(prices);
    /// ```
    #[must_use]
    pub fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.options.stale = time;
        self
    }

    /// Says how heavy a value is: the bound is one of weight then, and a value that weighs more than a sixty-fourth of it may not be kept.
    ///
    /// ```
    /// use fastweb::Cache;
    ///
    /// // 16 MiB of pages, by the bytes that each takes.
    /// let pages = Cache::<String, String>::new(16 << 20).weigher(|path, page| (path.len() + page.len()) as u64);
    /// # drop(pages);
    /// ```
    #[must_use]
    pub fn weigher(mut self, weigh: impl Fn(&K, &V) -> u64 + Send + Sync + 'static) -> Self {
        self.options.weigh = Some(Arc::new(weigh));
        self
    }

    /// Reads the time elsewhere: in tests.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::{Duration, Instant};
    /// use fastweb::Cache;
    ///
    /// static SECONDS: AtomicU64 = AtomicU64::new(0);
    ///
    /// let start = Instant::now();
    /// let clock = move || start + Duration::from_secs(SECONDS.load(Ordering::Relaxed));
    /// let cache = Cache::new(10).ttl(Duration::from_secs(60)).clock(clock);
    /// cache.insert("a", 1);
    /// assert_eq!(cache.get(&"a"), Some(1));
    /// SECONDS.store(60, Ordering::Relaxed);
    /// assert_eq!(cache.get(&"a"), None);
    /// ```
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.options.clock = Some(Arc::new(now));
        self
    }

    /// The value, where there is one that is not too old.
    ///
    /// ```
    /// use fastweb::Cache;
    ///
    /// let cache: Cache<&str, u32> = Cache::new(10);
    /// assert_eq!(cache.get(&"a"), None);
    /// ```
    pub fn get(&self, key: &K) -> Option<V> {
        match self.find(key) {
            Found::Fresh(kept) => {
                self.shared.counters.hits.add();
                Some(kept.value.clone())
            }
            Found::Stale(_) | Found::None => {
                self.shared.counters.misses.add();
                None
            }
        }
    }

    /// Keeps a value. A load for this key that is under way does not replace it.
    ///
    /// ```
    /// use fastweb::Cache;
    ///
    /// let cache = Cache::new(10);
    /// cache.insert("a", 1);
    /// assert_eq!(cache.get(&"a"), Some(1));
    /// ```
    pub fn insert(&self, key: K, value: V) {
        let (weight, kept) = self.weighed(&key, value, self.options.now());
        self.shared.loading.forget(&key, || ());
        drop(self.shared.refreshing.forget(&key, || self.shared.values.insert(key.clone(), kept, weight)));
    }

    /// Forgets a value, because it has changed. What a load for this key brings that is under way is not kept: it may have been read before the change.
    ///
    /// ```
    /// use fastweb::Cache;
    ///
    /// let cache = Cache::new(10);
    /// cache.insert("a", 1);
    /// cache.remove(&"a");
    /// assert_eq!(cache.get(&"a"), None);
    /// ```
    pub fn remove(&self, key: &K) {
        self.shared.loading.forget(key, || ());
        drop(self.shared.refreshing.forget(key, || self.shared.values.remove(key)));
    }

    /// Forgets all values.
    ///
    /// ```
    /// use fastweb::Cache;
    ///
    /// let cache = Cache::new(10);
    /// cache.insert("a", 1);
    /// cache.clear();
    /// assert_eq!(cache.counts().entries, 0);
    /// ```
    pub fn clear(&self) {
        self.shared.loading.forget_all(|| ());
        drop(self.shared.refreshing.forget_all(|| self.shared.values.clear()));
    }

    /// The value, or what `load` brings, which is kept. Of those who ask for the same key at the same time one loads, and the others wait for it. If that one leaves, another goes on with its own `load`;
    /// if the load fails, all who have waited are told the error, and nothing is kept. `load` is not begun where it is not needed.
    ///
    /// A `load` that asks the same cache for its own key waits for itself, until the request's time is over.
    ///
    /// ```
    /// use fastweb::{Cache, Error};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb::Result<()> {
    /// let cache = Cache::new(10);
    /// assert!(cache.get_or_load("a", async { Err(Error::not_found("no a")) }).await.is_err());
    /// assert_eq!(cache.get_or_load("a", async { Ok::<_, Error>(1) }).await?, 1);
    /// assert_eq!(cache.get_or_load("a", async { Ok::<_, Error>(2) }).await?, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The load has failed: one's own error, or for those who have waited one of the same status, code, message and details.
    pub async fn get_or_load<E: Into<Error>>(
        &self,
        key: K,
        load: impl Future<Output = std::result::Result<V, E>>,
    ) -> Result<V> {
        let old = match self.find(&key) {
            Found::Fresh(kept) => {
                self.shared.counters.hits.add();
                return Ok(kept.value.clone());
            }
            Found::Stale(kept) => kept,
            Found::None => return self.load_once(key, load).await,
        };
        self.shared.counters.stale.add();
        let Some(lead) = self.shared.refreshing.try_lead(&key) else { return Ok(old.value.clone()) };
        Ok(self.load(key, load, lead).await.unwrap_or_else(|_| old.value.clone()))
    }

    /// As [`get_or_load`](Self::get_or_load); but a value that is too old, within [`stale_while_revalidate`](Self::stale_while_revalidate), is given to everybody at once, and `load` runs when the
    /// request is over.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::prelude::*;
    ///
    /// async fn prices(cache: State<Cache<&'static str, String>>, background: Background) -> Result<String> {
    ///     let load = async { Ok::<_, Error>(String::from("9.90")) };
    ///     cache.get_or_refresh("prices", &background, load).await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let second = Duration::from_secs(1);
    /// let cache = Cache::<&str, String>::new(10).ttl(second).stale_while_revalidate(60 * second);
    /// let server = App::new().state(cache).get("/prices", prices).build().await?;
    /// server.inject(Inject::get("/prices")).await.assert_text("9.90");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of `get_or_load`.
    pub async fn get_or_refresh<E: Into<Error>>(
        &self,
        key: K,
        background: &Background,
        load: impl Future<Output = std::result::Result<V, E>> + 'static,
    ) -> Result<V>
    where
        K: 'static,
        V: 'static,
    {
        let old = match self.find(&key) {
            Found::Stale(kept) => kept,
            Found::Fresh(_) | Found::None => return self.get_or_load(key, load).await,
        };
        self.shared.counters.stale.add();
        if let Some(lead) = self.shared.refreshing.try_lead(&key) {
            let this = self.clone();
            // Where there is no room for background work, a later request has its turn.
            let _ = background.after(async move { this.load(key, load, lead).await.map(drop) });
        }
        Ok(old.value.clone())
    }

    /// What has become of requests so far, and how much there is.
    ///
    /// ```
    /// use fastweb::Cache;
    ///
    /// let cache: Cache<&str, u32> = Cache::new(10);
    /// cache.get(&"a");
    /// assert_eq!(cache.counts().misses, 1);
    /// ```
    pub fn counts(&self) -> CacheCounts {
        let Shared { values, counters, .. } = &*self.shared;
        let mut counts = counters.read();
        (counts.entries, counts.weight, counts.evictions) = (values.len(), values.weight(), values.evicted());
        counts
    }

    fn find(&self, key: &K) -> Found<V> {
        let Some(kept) = self.shared.values.get(key) else { return Found::None };
        let Some(ttl) = self.options.ttl else { return Found::Fresh(kept) };
        let age = self.options.now().saturating_duration_since(kept.since);
        if age < ttl {
            Found::Fresh(kept)
        } else if age < ttl.saturating_add(self.options.stale) {
            Found::Stale(kept)
        } else {
            Found::None
        }
    }

    async fn load_once<E: Into<Error>>(
        &self,
        key: K,
        load: impl Future<Output = std::result::Result<V, E>>,
    ) -> Result<V> {
        for _ in 0..ROUNDS {
            match self.shared.loading.join(&key) {
                Turn::Lead(lead) => {
                    // Whoever had the lead before may have ended between the look and the join.
                    if let Found::Fresh(kept) = self.find(&key) {
                        lead.finish(Loaded::Kept, || ());
                        self.shared.counters.hits.add();
                        return Ok(kept.value.clone());
                    }
                    self.shared.counters.misses.add();
                    return self.load(key, load, lead).await;
                }
                Turn::Wait(wait) => {
                    self.shared.counters.waits.add();
                    match wait.outcome().await {
                        Some(Loaded::Failed(failure)) => return Err(failure.error()),
                        Some(Loaded::Kept) => {
                            if let Found::Fresh(kept) = self.find(&key) {
                                return Ok(kept.value.clone());
                            }
                        }
                        None => {}
                    }
                }
            }
        }
        // What others bring is gone each time before it can be had: it is too heavy, or out of date at once.
        self.shared.counters.misses.add();
        self.shared.counters.loads.add();
        load.await.map_err(Into::into)
    }

    async fn load<E: Into<Error>>(
        &self,
        key: K,
        load: impl Future<Output = std::result::Result<V, E>>,
        lead: Lead<K, Loaded>,
    ) -> Result<V> {
        self.shared.counters.loads.add();
        // What it brings is no younger than its beginning.
        let since = self.options.now();
        match load.await {
            Ok(value) => {
                let (weight, kept) = self.weighed(&key, value.clone(), since);
                lead.finish(Loaded::Kept, || self.shared.values.insert(key, kept, weight));
                Ok(value)
            }
            Err(error) => {
                self.shared.counters.failures.add();
                let error = error.into();
                lead.finish(Loaded::Failed(Arc::new(Failure::of(&error))), || ());
                Err(error)
            }
        }
    }

    fn weighed(&self, key: &K, value: V, since: Instant) -> (u64, Arc<Kept<V>>) {
        let weight = self.options.weigh.as_ref().map_or(1, |weigh| weigh(key, &value));
        (weight, Arc::new(Kept { value, since }))
    }
}

impl<K: Hash + Eq, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self { options: self.options.clone(), shared: self.shared.clone() }
    }
}

impl<K: Hash + Eq, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("ttl", &self.options.ttl)
            .field("stale_while_revalidate", &self.options.stale)
            .finish_non_exhaustive()
    }
}
