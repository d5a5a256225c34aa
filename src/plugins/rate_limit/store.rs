//! Where it is kept who has asked how often.

use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fastweb_core::{Error, Result};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// So many requests in so much time.
///
/// ```
/// use std::time::Duration;
/// use fastweb::rate_limit::Rate;
///
/// let rate = Rate::new(100, Duration::from_secs(60));
/// assert_eq!((rate.requests, rate.per), (100, Duration::from_secs(60)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How many, and how many at once after a pause.
    pub requests: u32,
    /// In how much time that many come back, one after the other.
    pub per: Duration,
}

impl Rate {
    /// `requests` in each `per`.
    pub fn new(requests: u32, per: Duration) -> Self {
        Self { requests, per }
    }

    /// How long it takes until one more may come.
    fn interval(self) -> Option<Duration> {
        self.per.checked_div(self.requests).filter(|interval| !interval.is_zero())
    }

    pub(super) fn check(self) -> Result<()> {
        self.interval().map(drop).ok_or_else(|| {
            Error::internal(format!(
                "a limit of {} requests in {:?}: it needs at least one request, and a nanosecond for each",
                self.requests, self.per
            ))
        })
    }
}

/// What a [`RateStore`] says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateDecision {
    /// It may come.
    pub allowed: bool,
    /// How many more may come at once.
    pub remaining: u32,
    /// How long it takes until one more may come than now: where it may not, until it may.
    pub wait: Duration,
}

/// Where requests are counted: [`MemoryStore`], or one that several servers share.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::rate_limit::{Rate, RateDecision, RateStore};
///
/// /// Everybody together, and never again.
/// struct Once(AtomicU32);
///
/// impl RateStore for Once {
///     async fn take(&self, _key: &str, rate: Rate) -> Result<RateDecision> {
///         let taken = self.0.fetch_add(1, Ordering::Relaxed);
///         let remaining = rate.requests.saturating_sub(taken + 1);
///         Ok(RateDecision { allowed: taken < rate.requests, remaining, wait: Duration::from_secs(1) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let limit = RateLimit::new(1, Duration::from_secs(60)).store(Once(AtomicU32::new(0)));
/// let server = App::new().plugin(limit).get("/", "hello").build().await?;
/// let ask = || Inject::get("/").peer_addr("192.0.2.1:80".parse().expect("an address"));
/// server.inject(ask()).await.assert_status(200);
/// server.inject(ask()).await.assert_status(429);
/// # Ok(())
/// # }
/// ```
pub trait RateStore: Send + Sync + 'static {
    /// Counts a request of whoever `key` stands for.
    ///
    /// # Errors
    /// It cannot be counted. The request is served then, and the error logged.
    fn take(&self, key: &str, rate: Rate) -> impl Future<Output = Result<RateDecision>>;
}

type Limiter = RateLimiter<Box<str>, HashMapStateStore<Box<str>>, MonotonicClock, StateInformationMiddleware>;

/// The memory of this process, by the generic cell rate algorithm: requests come back one after the other, and not all of them at the end of a window.
///
/// It holds at most some 165,000 keys per rate, of about 100 bytes each. Those that have all their requests back are forgotten first; where there are still so many at a time, clients share keys.
#[derive(Default)]
pub struct MemoryStore {
    /// Few: one per rate that the application names.
    limiters: RwLock<Vec<(Rate, Arc<Limited>)>>,
}

struct Limited {
    limiter: Limiter,
    interval: Duration,
    /// Requests since somebody has looked how many keys there are.
    since: AtomicU32,
}

/// Beyond this a key is one of `SHARED`.
const MOST: usize = 100_000;

/// What keys share that come when there are too many.
const SHARED: u64 = 65_536;

/// How many requests may come before it is looked at how many keys there are.
const LOOK: u32 = 256;

impl MemoryStore {
    /// One that knows nobody.
    ///
    /// ```
    /// let store = fastweb::rate_limit::MemoryStore::new();
    /// # drop(store);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    fn of(&self, rate: Rate) -> Result<Arc<Limited>> {
        let find =
            |all: &[(Rate, Arc<Limited>)]| all.iter().find(|(of, _)| *of == rate).map(|(_, found)| found.clone());
        if let Some(found) = find(&self.limiters.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        rate.check()?;
        let (interval, burst) = (rate.interval().unwrap_or_default(), NonZeroU32::new(rate.requests));
        let quota = Quota::with_period(interval).zip(burst).map(|(quota, burst)| quota.allow_burst(burst));
        let quota = quota.ok_or_else(|| Error::internal("a rate of no requests"))?;
        let limiter = Limiter::new(quota, HashMapStateStore::default(), MonotonicClock);
        let made = Arc::new(Limited { limiter, interval, since: AtomicU32::new(0) });
        let mut all = self.limiters.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = find(&all) {
            return Ok(found);
        }
        all.push((rate, made.clone()));
        Ok(made)
    }
}

impl Limited {
    /// Forgets who may ask as often as anybody, where there are too many. Says whether there still are.
    fn is_full(&self) -> bool {
        if self.limiter.len() < MOST {
            return false;
        }
        // It goes through all of them, so not for every request.
        if self.since.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK) {
            self.limiter.retain_recent();
        }
        self.limiter.len() >= MOST
    }

    fn take(&self, key: &str) -> RateDecision {
        let key: Box<str> = if self.is_full() {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            format!("#{}", hasher.finish() % SHARED).into()
        } else {
            key.into()
        };
        match self.limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                RateDecision { allowed: true, remaining, wait: self.interval }
            }
            Err(until) => {
                RateDecision { allowed: false, remaining: 0, wait: until.wait_time_from(MonotonicClock.now()) }
            }
        }
    }
}

impl RateStore for MemoryStore {
    async fn take(&self, key: &str, rate: Rate) -> Result<RateDecision> {
        Ok(self.of(rate)?.take(key))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.limiters.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_map().entries(all.iter().map(|(rate, limited)| (rate, limited.limiter.len()))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bounded_however_many_come() {
        let store = MemoryStore::new();
        let limited = store.of(Rate::new(1, Duration::from_secs(3600))).unwrap();
        for n in 0..250_000_u32 {
            limited.take(&n.to_string());
        }
        assert!(limited.limiter.len() <= MOST + SHARED as usize, "{}", limited.limiter.len());
        // One of those that share comes again.
        assert!(!limited.take("249999").allowed);
    }

    #[test]
    fn who_is_free_again_is_forgotten() {
        let store = MemoryStore::new();
        let limited = store.of(Rate::new(1_000_000, Duration::from_millis(1))).unwrap();
        for n in 0..250_000_u32 {
            assert!(limited.take(&n.to_string()).allowed);
        }
        assert!(limited.limiter.len() <= MOST, "{}", limited.limiter.len());
    }
}
