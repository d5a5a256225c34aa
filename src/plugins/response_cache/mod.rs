//! Answers that are kept and given again.
//!
//! [`ResponseCache`] is the plugin; the guide's page [`response_cache`](crate::guide::response_cache) shows it at work.

mod core;
mod counts;
mod directives;
mod epochs;
mod handle;
mod key;
mod policy;
mod record;
mod rule;
mod store;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use fastweb_core::{Error, Plugin, Reply, Request, Result, Route, Scope};

pub use counts::ResponseCounts;
pub use handle::CacheHandle;
pub use record::Record;
pub use rule::{CacheTags, Cached};
pub use store::{MemoryStore, ResponseStore, StoreUsage};

use self::core::{Clock, Core, Shared};
use key::CachedRoute;
use policy::Usual;

use super::token::is_token;

/// Keeps the answers of `GET` routes, and gives them to the next who ask without calling the handler: a shared cache of HTTP (RFC 9111) within the application. It is for the routes of the scope that it is
/// registered in, and of those within. Fastify's `@fastify/caching`, with a store.
///
/// An answer is kept for the time that it says (`s-maxage`, `max-age`, `expires`), that its route says ([`Cached`]), or that all have ([`ttl`](Self::ttl)); for the shortest of them, and without any not at all. Of those who ask
/// for the same thing at the same time one has the handler called, and the others wait for its answer.
///
/// Hooks run for every request: who may not see an answer is refused before it is looked for, and what `on_send` hooks put in, cookies, compression, a 304, is of each request.
///
/// Not kept is what is for one client: answers to requests with `authorization`, answers with `set-cookie`, `private`, `no-store` or `no-cache`; also streams, parts, and errors that do not say how long they hold. Answers are told apart by the
/// headers that they name in `vary`, and by `cookie`, whether they name it or not: [`ignore_cookies`](Self::ignore_cookies) is for applications that have no users.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let cache = ResponseCache::new().ttl(Duration::from_secs(60));
/// let handle = cache.handle();
/// let server = App::new().plugin(cache).get("/report", || "made with much effort").build().await?;
/// for _ in 0..10 {
///     server.inject(Inject::get("/report")).await.assert_text("made with much effort");
/// }
/// assert_eq!((handle.counts().misses, handle.counts().hits), (1, 9));
/// # Ok(())
/// # }
/// ```
#[must_use = "a plugin does nothing until it is registered"]
pub struct ResponseCache<S = MemoryStore> {
    core: Core<S>,
    ignores_cookies: bool,
    vary_by: Vec<String>,
}

/// What is kept in memory unless something else is said.
const BYTES: u64 = 64 * 1024 * 1024;

impl ResponseCache {
    /// Keeps at most 64 MiB in the memory of this process, and only what says how long it holds.
    pub fn new() -> Self {
        Self::with_capacity(BYTES)
    }

    /// Keeps at most `bytes` in the memory of this process. What was read least lately leaves when there is no room.
    ///
    /// ```
    /// let cache = fastweb::ResponseCache::with_capacity(256 << 20);
    /// # drop(cache);
    /// ```
    pub fn with_capacity(bytes: u64) -> Self {
        Self::with_store(MemoryStore::new(bytes))
    }
}

impl<S: ResponseStore> ResponseCache<S> {
    /// Keeps answers elsewhere: [`ResponseStore`] has an example.
    pub fn with_store(store: S) -> Self {
        let usual = Usual { ttl: None, stale: Duration::ZERO, most: 1024 * 1024 };
        let shared = Arc::new(Shared::new(store));
        let core = Core { shared, usual, heeds_requests: true, status_name: None, clock: None };
        Self { core, ignores_cookies: false, vary_by: Vec::new() }
    }

    /// How long answers of success are kept that do not say so themselves, and whose route does not.
    pub fn ttl(mut self, time: Duration) -> Self {
        self.core.usual.ttl = Some(time);
        self
    }

    /// For how long beyond its time an answer is given while a new one is made in the background, by the same request once more. Routes may say something else, and answers by `stale-while-revalidate`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::ResponseCache;
    ///
    /// let second = Duration::from_secs(1);
    /// let cache = ResponseCache::new().ttl(second).stale_while_revalidate(60 * second);
    /// # drop(cache);
    /// ```
    pub fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.core.usual.stale = time;
        self
    }

    /// Answers with longer bodies are not kept, instead of 1 MiB. In memory an answer may take at least a sixty-fourth of the capacity.
    pub fn most(mut self, bytes: usize) -> Self {
        self.core.usual.most = bytes;
        self
    }

    /// Answers do not differ by cookies, unless they say so: where nobody logs in, and browsers send what others have set.
    ///
    /// ```
    /// let for_a_site_without_users = fastweb::ResponseCache::new().ignore_cookies();
    /// # drop(for_a_site_without_users);
    /// ```
    pub fn ignore_cookies(mut self) -> Self {
        self.ignores_cookies = true;
        self
    }

    /// All answers differ by this header of requests, also where they do not say so: a key, a tenant. The header of an [`ApiKey`](crate::ApiKey) argument is known.
    ///
    /// ```
    /// let cache = fastweb::ResponseCache::new().vary_by("x-tenant");
    /// # drop(cache);
    /// ```
    pub fn vary_by(mut self, header: impl Into<String>) -> Self {
        self.vary_by.push(header.into());
        self
    }

    /// Does what routes and answers say, and not what requests want: by `cache-control: no-cache` any client has the handler called.
    pub fn ignore_request_directives(mut self) -> Self {
        self.core.heeds_requests = false;
        self
    }

    /// Says what the cache did, in `cache-status` (RFC 9211), under this name.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let cache = ResponseCache::new().ttl(Duration::from_secs(60)).status_header("app");
    /// let server = App::new().plugin(cache).get("/", "hello").build().await?;
    /// server.inject(Inject::get("/")).await.assert_header("cache-status", "app; fwd=miss; stored");
    /// server.inject(Inject::get("/")).await.assert_header("cache-status", "app; hit; ttl=60");
    /// # Ok(())
    /// # }
    /// ```
    pub fn status_header(mut self, name: impl Into<String>) -> Self {
        self.core.status_name = Some(name.into());
        self
    }

    /// Reads the time elsewhere: in tests.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::{Duration, SystemTime};
    /// use fastweb::prelude::*;
    ///
    /// static SECONDS: AtomicU64 = AtomicU64::new(0);
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let start = SystemTime::now();
    /// let clock = move || start + Duration::from_secs(SECONDS.load(Ordering::Relaxed));
    /// let cache = ResponseCache::new().ttl(Duration::from_secs(60)).clock(clock);
    /// let server = App::new().plugin(cache).get("/", "hello").build().await?;
    /// server.inject(Inject::get("/")).await.assert_status(200);
    /// SECONDS.store(59, Ordering::Relaxed);
    /// server.inject(Inject::get("/")).await.assert_header("age", "59");
    /// SECONDS.store(60, Ordering::Relaxed);
    /// assert_eq!(server.inject(Inject::get("/")).await.header("age"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let now: Box<Clock> = Box::new(now);
        self.core.clock = Some(now);
        self
    }

    /// What removes answers, and reads what is counted: before the plugin is registered.
    pub fn handle(&self) -> CacheHandle<S> {
        CacheHandle(self.core.shared.clone())
    }

    fn check(&self) -> Result<()> {
        if let Some(wrong) = self.vary_by.iter().chain(&self.core.status_name).find(|name| !is_token(name)) {
            return Err(Error::internal(format!(
                "a response cache has the name {wrong:?}: `vary_by` takes the name of a header, `status_header` a word"
            )));
        }
        Ok(())
    }
}

impl Default for ResponseCache {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for ResponseCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseCache")
            .field("usual", &self.core.usual)
            .field("ignores_cookies", &self.ignores_cookies)
            .field("vary_by", &self.vary_by)
            .finish_non_exhaustive()
    }
}

impl<S: ResponseStore> Plugin for ResponseCache<S> {
    fn name(&self) -> &str {
        "response-cache"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        self.check()?;
        let Self { core, ignores_cookies, vary_by } = self;
        let core = Arc::new(core);
        let keeping = core.clone();
        let number = AtomicUsize::new(0);
        let add = move |route: Route| {
            let is_read = route.methods().any(|method| matches!(method, "GET" | "HEAD"));
            if !is_read || route.get_config::<Cached>().is_some_and(|rule| rule.is_never) {
                return route;
            }
            let number = number.fetch_add(1, Ordering::Relaxed);
            let cached = Arc::new(CachedRoute::of(&route, number, ignores_cookies, &vary_by));
            let core = core.clone();
            // The last of the route's: whoever may not see an answer has been refused by then.
            let look = async move |req: &mut Request, reply: &mut Reply| core.look(&cached, req, reply).await;
            route.pre_handler(look)
        };
        let keep = async move |req: &mut Request, reply: &mut Reply| keeping.keep(req, reply).await;
        Ok(scope.on_route(add).pre_send(keep))
    }
}
